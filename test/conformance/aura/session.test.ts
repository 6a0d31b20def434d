import { expect } from 'vitest'

import { openBrowser, read } from './browser.js'
import { onServer } from './server.js'

const OUT = '/signOut?token_type_hint=session_token&redirect=false'

onServer(({ server, check }) => {
  check([], 'whoever is signed out is told so, with 401', async () => {
    const browser = openBrowser(server)
    expect(await read(await browser.send('/session'))).toEqual({
      status: 401,
      success: false,
      session: null,
    })
  })

  check(
    [],
    'a session that was tampered with looks the same, and its cookie is cleared',
    async () => {
      const browser = openBrowser(server)
      const prefix = server.base.startsWith('https:') ? '__Secure-' : ''
      const headers = { cookie: `${prefix}aura-auth.session_token=forged` }
      const response = await fetch(`${server.base}/session`, { headers })
      expect(await read(response)).toEqual({ status: 401, success: false, session: null })
      expect(response.headers.getSetCookie().join()).toMatch(/session_token=;.*max-age=0/i)
      expect((await browser.send('/session')).status).toBe(401)
    },
  )

  check(['provider'], 'whoever is signed in is named, until a moment that is named', async () => {
    const browser = openBrowser(server)
    await browser.signIn()
    const { status, success, session } = await read(await browser.send('/session'))
    expect([status, success]).toEqual([200, true])
    const { user, expires } = session as { user: Record<string, unknown>; expires: string }
    expect(user['sub']).toEqual(expect.any(String))
    expect(Date.parse(expires)).toBeGreaterThan(Date.now())
    for (const field of ['name', 'email', 'image']) {
      const value = user[field] ?? null
      expect(value === null || typeof value === 'string').toBe(true)
    }
  })

  check(['provider'], 'no script can read the cookies, and no other site sends them', async () => {
    const browser = openBrowser(server)
    await browser.signIn()
    const cookie = (name: string): string | undefined =>
      [...browser.cookies].find(([key]) => key.endsWith(`aura-auth.${name}`))?.[1]
    expect(cookie('session_token')).toMatch(/; ?httponly/i)
    expect(cookie('session_token')).toMatch(/; ?samesite=lax/i)
    expect(cookie('csrf_token')).toMatch(/; ?httponly/i)
    expect(cookie('csrf_token')).toMatch(/; ?samesite=strict/i)
  })

  check(['provider', 'companion'], 'no header of a request comes back in the answer', async () => {
    const browser = openBrowser(server)
    await browser.signIn()
    const response = await browser.send('/session', { headers: { 'x-canary': 'sings' } })
    expect(response.status).toBe(200)
    expect(JSON.stringify([...response.headers])).not.toMatch(/sings|session_token/)
    expect(response.headers.get('cache-control')).toContain('no-store')
  })

  check([], 'the token for writing stays the same while it is good', async () => {
    const browser = openBrowser(server)
    const first = await read(await browser.send('/csrfToken'))
    expect(first).toEqual({ status: 200, csrfToken: expect.any(String) })
    expect(await read(await browser.send('/csrfToken'))).toEqual(first)
    const other = openBrowser(server)
    expect((await read(await other.send('/csrfToken')))['csrfToken']).not.toBe(first['csrfToken'])
  })

  check(['provider'], 'signing out needs that token, as a cookie and as a header', async () => {
    const browser = openBrowser(server)
    await browser.signIn()
    const refused = { success: false, redirect: false, redirectURL: null }
    expect((await browser.send(OUT, { method: 'POST' })).status).toBe(403)
    const foreign = await read(await openBrowser(server).send('/csrfToken'))
    const headers = { 'x-csrf-token': String(foreign['csrfToken']) }
    const answer = await browser.send(OUT, { method: 'POST', headers })
    expect(answer.status).toBe(403)
    const text = await answer.text()
    // Behind some frameworks Aura's refusals have no body.
    if (text) expect(JSON.parse(text)).toEqual(refused)
    expect((await browser.send('/session')).status).toBe(200)
  })

  check(['provider'], 'signing out ends the session here, and the token with it', async () => {
    const browser = openBrowser(server)
    await browser.signIn()
    const before = await read(await browser.send('/csrfToken'))
    const answer = await browser.write(`${OUT}&redirectTo=%2Fbye`)
    expect(await read(answer)).toEqual({
      status: 202,
      success: true,
      redirect: false,
      redirectURL: '/bye',
    })
    expect((await browser.send('/session')).status).toBe(401)
    expect(await read(await browser.send('/csrfToken'))).not.toEqual(before)
    expect((await browser.write(OUT)).status).toBe(401)
  })

  check([], 'what is said wrongly is refused with 422', async () => {
    const browser = openBrowser(server)
    const unprocessable = { status: 422, type: 'VALIDATION', code: 'UNPROCESSABLE_ENTITY' }
    expect(await read(await browser.write('/signOut?redirect=false'))).toMatchObject(unprocessable)
    const path = `/signIn/${server.provider}?redirect=maybe`
    expect(await read(await browser.send(path))).toMatchObject(unprocessable)
  })

  check([], 'what is not there is 404, and what is not done 405', async () => {
    const browser = openBrowser(server)
    expect((await browser.send('/nowhere')).status).toBe(404)
    const response = await browser.send('/session', { method: 'PUT' })
    expect(response.status).toBe(405)
    expect(response.headers.get('allow')).toContain('GET')
  })
})
