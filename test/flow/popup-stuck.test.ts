import { describe, expect, it } from 'vitest'

import { ada, json } from '../aura-server.js'
import { expectNothingLeft, outcomeOf, setUp } from './popup-scene.js'

describe('a real Aura, which never comes back with a failure', () => {
  const page = 'http://app.test/auth/callback/dribbble'

  it.each([
    [
      'access_denied',
      `${page}?error=access_denied&state=x`,
      { type: 'VALIDATION', code: 'UNPROCESSABLE_ENTITY' },
    ],
    [
      'state_mismatch',
      `${page}?code=x&state=y`,
      { type: 'AUTH_FLOW', code: 'AUTH_MISMATCHING_STATE' },
    ],
    ['state_mismatch', `${page}?code=x&state=y`, { code: 'COOKIE_INVALID_VALUE' }],
    ['exchange_failed', `${page}?code=x&state=y`, { code: 'INVALID_OAUTH_ACCESS_TOKEN_RESPONSE' }],
    [
      'unknown_provider',
      'http://app.test/auth/signIn/nope',
      { code: 'UNPROCESSABLE_ENTITY', details: { oauth: { code: 'x' } } },
    ],
    [
      'rate_limited',
      'http://app.test/auth/signIn/dribbble',
      { error: 'Too Many Requests', retryAfter: 900_000 },
    ],
  ])('is read where it is stuck: %s', async (code, url, body) => {
    const scene = await setUp()
    const { world, tab, auth, popup } = scene
    const listeners = tab.page.listeners()
    const done = outcomeOf(auth.signIn('dribbble', { popup: true }))
    popup().show(url, '')
    await world.clock.advance(500)
    expect(done.value).toBeUndefined()
    popup().show(url, JSON.stringify(body))
    await world.clock.advance(500)
    expect(done.value).toMatchObject({ code })
    expect(popup().closed()).toBe(true)
    expectNothingLeft(scene, listeners)
  })

  it('is asked when the popup ends up on a page that knows nothing of sign-ins', async () => {
    const { world, auth, server, popup } = await setUp()
    const done = outcomeOf(auth.signIn('dribbble', { popup: true }))
    popup().show('http://app.test/', 'Welcome')
    await world.clock.advance(5000)
    expect(done.value).toBeUndefined()
    expect(world.network.count('GET /auth/session')).toBe(1)
    server.session = ada
    popup().show('http://app.test/home', 'Welcome')
    await world.clock.advance(500)
    expect(done.value).toMatchObject({ user: { id: '1' } })
    expect(popup().closed()).toBe(true)
  })

  it('on another origin is told by the close or the deadline', async () => {
    const { world, auth, popup } = await setUp({ baseURL: 'http://auth.test:3000/auth' })
    world.network.respond(() => json({ success: false, session: null }, 401))
    const closed = outcomeOf(auth.signIn('dribbble', { popup: true }))
    popup().show('http://auth.test:3000/auth/callback/dribbble?error=access_denied', '{}')
    await world.clock.advance(60_000)
    expect(closed.value).toBeUndefined()
    popup().closeByUser()
    await world.clock.advance(2000)
    expect(closed.value).toMatchObject({ code: 'popup_closed' })
    const expired = outcomeOf(auth.signIn('dribbble', { popup: true }))
    await world.clock.advance(300_500)
    expect(expired.value).toMatchObject({ code: 'popup_timeout' })
  })
})
