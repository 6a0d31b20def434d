import { describe, expect, it } from 'vitest'

import type { SessionOptions } from '../../src/server/index.js'
import { body, browser, world, type Browser } from './world.js'

const SESSION = 'aura-auth.session_token'
const DAY = 86_400_000

const expires = async (user: Browser): Promise<string | null> => {
  const { session } = await body(await user.send('/auth/session'))
  return (session as { expires: string } | null)?.expires ?? null
}

describe('GET /session', () => {
  it('says 401 when signed out, and leaves alone what was not sent', async () => {
    const user = browser(world())
    const response = await user.send('/auth/session')
    expect(response.status).toBe(401)
    expect(await body(response)).toEqual({ success: false, session: null })
    // On its way while somebody signs in, it would otherwise delete the new cookie.
    expect(response.headers.getSetCookie()).toEqual([])
  })

  it('removes a cookie that is no session any more', async () => {
    const user = browser(world())
    const headers = { cookie: `${SESSION}=of-another-time` }
    const response = await user.send('/auth/session', { headers })
    expect(response.status).toBe(401)
    expect(response.headers.getSetCookie()).toEqual([
      `${SESSION}=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax`,
    ])
  })

  it.each([
    ['tampered', (value: string) => `${value.slice(0, -4)}AAAA`],
    ['truncated', (value: string) => value.slice(0, -1)],
    ['empty', () => ''],
    ['another algorithm’s', () => 'eyJhbGciOiJub25lIn0.e30.'],
  ])('treats a %s cookie as signed out', async (_, change) => {
    const user = browser(world())
    await user.signInFully()
    const cookie = `${SESSION}=${change(user.cookies.get(SESSION)!.value)}`
    const response = await user.send('/auth/session', { headers: { cookie } })
    expect(response.status).toBe(401)
    expect(user.cookies.has(SESSION)).toBe(false)
  })

  it.each([
    ['secret', { secret: 'x'.repeat(32) }],
    ['salt', { salt: 'x'.repeat(32) }],
  ])('does not read a session of another %s', async (_, options) => {
    const user = browser(world())
    await user.signInFully()
    const cookie = `${SESSION}=${user.cookies.get(SESSION)!.value}`
    const other = browser(world(options))
    expect((await other.send('/auth/session', { headers: { cookie } })).status).toBe(401)
  })

  it('is read by every process with the same secret and salt', async () => {
    const user = browser(world())
    await user.signInFully()
    const cookie = `${SESSION}=${user.cookies.get(SESSION)!.value}`
    expect((await browser(world()).send('/auth/session', { headers: { cookie } })).status).toBe(200)
  })
})

describe('the life of a session', () => {
  const start = async (session: SessionOptions) => {
    const place = world({ session })
    const user = browser(place)
    await user.signInFully()
    const { value } = user.cookies.get(SESSION)!
    return { place, user, value }
  }
  const maxAge = 10 * 86_400

  it('ends when it said, to the second, whatever the client kept', async () => {
    const { place, user, value } = await start({ maxAge })
    expect(user.cookies.get(SESSION)?.attributes).toContain('Max-Age=864000')
    place.clock.now += 10 * DAY - 1000
    expect(await expires(user)).toBe('2026-01-11T00:00:00.000Z')
    expect(user.cookies.get(SESSION)?.value).toBe(value)
    place.clock.now += 1000
    const cookie = `${SESSION}=${value}`
    expect((await user.send('/auth/session', { headers: { cookie } })).status).toBe(401)
  })

  it('rolling: starts afresh with every question', async () => {
    const { place, user, value } = await start({ maxAge, expirationStrategy: 'rolling' })
    place.clock.now += DAY
    expect(await expires(user)).toBe('2026-01-12T00:00:00.000Z')
    expect(user.cookies.get(SESSION)?.value).not.toBe(value)
    expect(user.cookies.get(SESSION)?.attributes).toContain('Max-Age=864000')
  })

  it('sliding: starts afresh in its last quarter', async () => {
    const { place, user } = await start({ maxAge, expirationStrategy: 'sliding' })
    place.clock.now += 7.5 * DAY
    expect(await expires(user)).toBe('2026-01-11T00:00:00.000Z')
    place.clock.now += 1000
    expect(await expires(user)).toBe('2026-01-18T12:00:01.000Z')
  })

  it('maxDuration: ends for good, and the cookie with it', async () => {
    const { place, user } = await start({
      maxAge,
      expirationStrategy: 'rolling',
      maxDuration: 12 * 86_400,
    })
    place.clock.now += 5 * DAY
    expect(await expires(user)).toBe('2026-01-13T00:00:00.000Z')
    expect(user.cookies.get(SESSION)?.attributes).toContain(`Max-Age=${7 * 86_400};`)
    place.clock.now += 7 * DAY
    expect(await expires(user)).toBeNull()
  })
})
