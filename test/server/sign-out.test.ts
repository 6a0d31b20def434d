import { SignJWT } from 'jose'
import { describe, expect, it } from 'vitest'

import { body, browser, world, type Browser } from './world.js'

const CSRF = 'aura-auth.csrf_token'
const SESSION = 'aura-auth.session_token'
const PATH = '/auth/signOut?token_type_hint=session_token&redirect=false'

const post = (user: Browser, headers: Record<string, string>, path = PATH): Promise<Response> =>
  user.send(path, { method: 'POST', headers })

const signedIn = async (): Promise<Browser> => {
  const user = browser(world())
  await user.signInFully()
  return user
}

describe('POST /signOut', () => {
  it('ends the session and its token', async () => {
    const user = await signedIn()
    const response = await post(user, { 'x-csrf-token': await user.csrfToken() })
    expect(response.status).toBe(202)
    expect(await body(response)).toEqual({ success: true, redirect: false, redirectURL: null })
    expect(user.cookies.size).toBe(0)
    expect((await user.send('/auth/session')).status).toBe(401)
  })

  it('goes where it is told, if that is here', async () => {
    const user = await signedIn()
    const headers = { 'x-csrf-token': await user.csrfToken() }
    const bad = await post(user, headers, `${PATH}&redirectTo=https%3A%2F%2Fevil.com`)
    expect(bad.status).toBe(400)
    expect((await user.send('/auth/session')).status).toBe(200)
    const base = '/auth/signOut?token_type_hint=session_token'
    const response = await post(user, headers, `${base}&redirectTo=%2Fbye`)
    expect(response.status).toBe(302)
    expect(response.headers.get('location')).toBe('/bye')
  })

  it('answers with the page it was called from', async () => {
    const user = await signedIn()
    const response = await post(user, {
      'x-csrf-token': await user.csrfToken(),
      referer: 'http://localhost:3000/settings',
    })
    expect(await body(response)).toMatchObject({ redirectURL: '/settings' })
  })

  it('insists on token_type_hint', async () => {
    const user = await signedIn()
    const response = await post(user, { 'x-csrf-token': await user.csrfToken() }, '/auth/signOut')
    expect(response.status).toBe(422)
    expect(await body(response)).toMatchObject({ type: 'VALIDATION', details: {} })
  })

  it('says 401 and cleans up when nobody is signed in', async () => {
    const user = await signedIn()
    const token = await user.csrfToken()
    user.cookies.delete(SESSION)
    const response = await post(user, { 'x-csrf-token': token })
    expect(response.status).toBe(401)
    expect(await body(response)).toEqual({ success: false, redirect: false, redirectURL: null })
    expect(user.cookies.size).toBe(0)
  })
})

describe('the CSRF token', () => {
  const refused = async (user: Browser, headers: Record<string, string>): Promise<void> => {
    const response = await post(user, headers)
    expect(response.status).toBe(403)
    expect(await body(response)).toEqual({ success: false, redirect: false, redirectURL: null })
    expect(user.cookies.has(SESSION)).toBe(true)
  }

  it('is the same while it is good', async () => {
    const user = await signedIn()
    const token = await user.csrfToken()
    expect(await user.csrfToken()).toBe(token)
    expect(user.cookies.get(CSRF)?.value).toBe(token)
  })

  it('has to come as a header', async () => {
    await refused(await signedIn(), {})
  })

  it('has to come as a cookie', async () => {
    const user = await signedIn()
    const token = await user.csrfToken()
    user.cookies.delete(CSRF)
    await refused(user, { 'x-csrf-token': token })
  })

  it('has to be the same in both', async () => {
    const user = await signedIn()
    const token = await user.csrfToken()
    const cookie = user.cookies.get(CSRF)!
    const other = await (await signedIn()).csrfToken()
    await refused(user, { 'x-csrf-token': other })
    await refused(user, { 'x-csrf-token': token.slice(0, -1) })
    await refused(user, { 'x-csrf-token': `${token}A` })
    await refused(user, { 'x-csrf-token': '' })
    expect(user.cookies.get(CSRF)).toEqual(cookie)
  })

  it('has to be signed here: one planted in both places is refused', async () => {
    const user = await signedIn()
    const foreign = await browser(world({ secret: 'x'.repeat(32) })).csrfToken()
    const unsigned = await new SignJWT({})
      .setProtectedHeader({ alg: 'HS256' })
      .setExpirationTime('1h')
      .sign(new Uint8Array(32))
    for (const value of [foreign, unsigned, 'a'.repeat(40)]) {
      user.cookies.set(CSRF, { ...user.cookies.get(CSRF)!, value })
      await refused(user, { 'x-csrf-token': value })
    }
  })

  it('is none of the app’s own tokens', async () => {
    const place = world()
    const user = browser(place)
    await user.signInFully()
    const value = await place.auth.jose.signJWS({})
    user.cookies.set(CSRF, { ...user.cookies.get(CSRF)!, value })
    await refused(user, { 'x-csrf-token': value })
  })

  it('expires', async () => {
    const place = world({ session: { maxAge: 60, expirationStrategy: 'rolling' } })
    const user = browser(place)
    await user.signInFully()
    const token = await user.csrfToken()
    const cookie = user.cookies.get(CSRF)!
    place.clock.now += 59_000
    await user.send('/auth/session')
    place.clock.now += 1_000
    user.cookies.set(CSRF, { ...cookie, expiresAt: Infinity })
    await refused(user, { 'x-csrf-token': token })
    expect(await user.csrfToken()).not.toBe(token)
  })

  it('is replaced at sign-in and dead after sign-out', async () => {
    const user = browser(world())
    const before = await user.csrfToken()
    await user.signInFully()
    await refused(user, { 'x-csrf-token': before })
    const token = await user.csrfToken()
    await post(user, { 'x-csrf-token': token })
    expect((await post(user, { 'x-csrf-token': token })).status).toBe(403)
    expect(await user.csrfToken()).not.toBe(token)
  })

  it.each(['https://evil.com', 'null', 'http://localhost:3001', 'http://localhost:3000.evil.com'])(
    'is not enough from the origin %s',
    async (origin) => {
      const user = await signedIn()
      await refused(user, { 'x-csrf-token': await user.csrfToken(), origin })
    },
  )

  it('is enough from the server’s own origin', async () => {
    const user = await signedIn()
    const headers = { 'x-csrf-token': await user.csrfToken(), origin: 'http://localhost:3000' }
    expect((await post(user, headers)).status).toBe(202)
  })
})
