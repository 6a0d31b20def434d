import { expect } from 'vitest'

import { openBrowser, read, stateOf } from './browser.js'
import { onServer } from './server.js'

onServer(({ server, check }) => {
  const path = `/signIn/${server.provider}`
  const { origin } = new URL(server.base)
  const start = (redirectTo: string): string =>
    `${path}?redirectTo=${encodeURIComponent(redirectTo)}`

  check([], 'a sign-in goes to the provider with a state and PKCE', async () => {
    const browser = openBrowser(server)
    const response = await browser.send(start('/dashboard'))
    expect(response.status).toBe(302)
    const url = new URL(response.headers.get('location')!)
    expect(Object.fromEntries(url.searchParams)).toMatchObject({
      response_type: 'code',
      client_id: expect.any(String),
      redirect_uri: `${server.base}/callback/${server.provider}`,
      state: expect.stringMatching(/^.{20,}$/),
      code_challenge: expect.stringMatching(/^[\w-]{43}$/),
      code_challenge_method: 'S256',
    })
    expect(browser.cookies.size).toBeGreaterThan(0)
    for (const attributes of browser.cookies.values()) {
      expect(attributes).toMatch(/; ?httponly/i)
      expect(attributes).toMatch(/; ?samesite=lax/i)
    }
  })

  check([], 'without a redirect only its own URL is answered, and nothing begins', async () => {
    const browser = openBrowser(server)
    const { signInURL, ...answer } = await read(
      await browser.send(`${start('/dashboard')}&redirect=false`),
    )
    expect(answer).toEqual({ status: 200, success: true, redirect: false })
    expect(String(signInURL)).toBe(`${server.base}${start('/dashboard')}`)
    expect(browser.cookies.size).toBe(0)
  })

  check([], 'a provider that there is not is named', async () => {
    const browser = openBrowser(server)
    const answer = await read(await browser.send('/signIn/no-such-provider?redirect=false'))
    expect(answer).toMatchObject({
      status: 422,
      type: 'VALIDATION',
      code: 'UNPROCESSABLE_ENTITY',
      details: { oauth: expect.anything() },
    })
  })

  check(['provider'], 'a sign-in ends at redirectTo, to which nothing was added', async () => {
    for (const redirectTo of ['/dashboard', '/shots?page=2&sort=new#top']) {
      const browser = openBrowser(server)
      const arrival = await browser.visit(server.base + start(redirectTo))
      expect(arrival.url).toBe(origin + redirectTo)
      expect((await browser.send('/session')).status).toBe(200)
    }
  })

  check(['provider'], 'nobody is ever sent to another site', async () => {
    for (const redirectTo of [
      'https://evil.example/',
      '//evil.example',
      '/\\evil.example',
      'javascript:alert(1)',
      `${origin}.evil.example/`,
      `${origin}@evil.example/`,
    ]) {
      const browser = openBrowser(server)
      const response = await browser.send(start(redirectTo))
      // `latchkey/server` refuses at once; Aura goes on, and ends at its own `/`.
      if (server.can('companion')) expect(response.status).toBeGreaterThanOrEqual(400)
      else {
        const { url } = await browser.visit(response.headers.get('location')!)
        expect(url).toBe(`${origin}/`)
      }
    }
  })

  check([], 'a denial signs nobody in, and names its reason', async () => {
    const browser = openBrowser(server)
    const state = stateOf(await browser.send(start('/dashboard?tab=2')))
    const query = new URLSearchParams({
      error: 'access_denied',
      error_description: 'The user said no.',
      state,
    })
    const response = await browser.send(`/callback/${server.provider}?${query}`)
    if (server.can('companion')) {
      expect(response.status).toBe(302)
      const url = new URL(response.headers.get('location')!, origin)
      expect(url.pathname).toBe('/dashboard')
      expect(Object.fromEntries(url.searchParams)).toEqual({
        tab: '2',
        error: 'access_denied',
        error_description: 'The user said no.',
      })
    } else expect(await read(response)).toMatchObject({ status: 422, details: expect.anything() })
    expect((await browser.send('/session')).status).toBe(401)
  })

  check([], 'a callback that nobody here began leads nowhere', async () => {
    const begun = openBrowser(server)
    const state = stateOf(await begun.send(start('/dashboard')))
    const callback = (value: string): string =>
      `/callback/${server.provider}?code=any&state=${encodeURIComponent(value)}`
    // Another browser with the right state; this one with a wrong one.
    for (const [browser, value] of [
      [openBrowser(server), state],
      [begun, 'forged'],
    ] as const) {
      const response = await browser.send(callback(value))
      expect(response.status).toBeGreaterThanOrEqual(400)
      expect(response.headers.has('location')).toBe(false)
      expect((await browser.send('/session')).status).toBe(401)
    }
  })

  check(['provider', 'companion'], 'two sign-ins at once do not disturb each other', async () => {
    const browser = openBrowser(server)
    const first = await browser.send(start('/first'))
    const second = await browser.send(start('/second'))
    const ends = [first, second].map(async (response) => {
      const { url } = await browser.visit(response.headers.get('location')!)
      return url
    })
    expect(await Promise.all(ends)).toEqual([`${origin}/first`, `${origin}/second`])
  })

  check(['provider'], 'a callback is good once, and the session outlives the second', async () => {
    const browser = openBrowser(server)
    const { by } = await browser.signIn()
    const callback = by.at(-1)!
    expect(callback.startsWith(`${server.base}/callback/${server.provider}?`)).toBe(true)
    const again = await browser.send(callback)
    expect(again.status).toBeGreaterThanOrEqual(400)
    expect(again.headers.has('location')).toBe(false)
    expect((await browser.send('/session')).status).toBe(200)
    expect((await openBrowser(server).send(callback)).status).toBeGreaterThanOrEqual(400)
  })
})
