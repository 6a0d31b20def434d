import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'

import type { OpenIdProvider } from '../../demo/backends/openid.js'
import { deferred } from '../rig.js'
import {
  APP,
  CALLBACK,
  forward,
  inTime,
  setUp,
  startProvider,
  type Client,
  pageOf,
} from './scene.js'

// How the provider ends a session, and that the page is told so once.

let provider: OpenIdProvider
beforeAll(async () => {
  provider = await startProvider()
})
afterEach(() => {
  vi.useRealTimers()
})
afterAll(async () => provider.close())

const LONG = 300_001
/** How often this page was told that its session is over. */
function countEnds(auth: Client): () => number {
  let ends = 0
  auth.session.listen(({ error }) => {
    if (error?.code === 'session_expired') ends += 1
  })
  return () => ends
}

test('the refresh token has ended', async () => {
  const scene = setUp(provider)
  const auth = await scene.signIn()
  const ends = countEnds(auth)
  // The provider is in this process: its clock is this one.
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 3_601_000 })
  scene.world.clock.jump(3_601_000)
  expect(await auth.getAccessToken()).toBe(null)
  expect(await auth.getAccessToken()).toBe(null)
  await scene.world.clock.advance(0)
  expect(auth.session.value.status).toBe('unauthenticated')
  expect(ends()).toBe(1)
  expect(scene.world.network.count('POST /token')).toBe(2)
})

test('its code came back in other hands: all that came of it is revoked', async () => {
  const scene = setUp(provider)
  const auth = await scene.signIn()
  const ends = countEnds(auth)
  const exchange = scene.world.network.requests.find(({ method }) => method === 'POST')!
  const replayed = new URLSearchParams(exchange.body)
  expect(replayed.get('redirect_uri')).toBe(CALLBACK)
  expect((await fetch(exchange.url, { method: 'POST', body: replayed })).status).toBe(400)
  expect(provider.revoked).not.toEqual([])
  scene.world.clock.jump(LONG)
  expect(await auth.getAccessToken()).toBe(null)
  await scene.world.clock.advance(0)
  expect(auth.session.value.status).toBe('unauthenticated')
  expect(ends()).toBe(1)
})

test.each([true, false])(
  'twenty tabs, and the one that asks dies once the provider has answered; Web Locks: %s',
  async (locks) => {
    const scene = setUp(provider)
    const { world } = scene
    const options = { storage: 'local' } as const
    await scene.signIn(options)
    const answered = deferred<void>()
    const dying = world.tab(`${APP}/tab`)
    const deaf: typeof fetch = async (input, init) => {
      const response = await world.network.fetch(input, init)
      if (init?.method !== 'POST') return response
      answered.resolve()
      return new Promise<never>(() => {})
    }
    const first = scene.create({ ...options, fetch: deaf }, pageOf(dying, locks))
    const tabs = Array.from({ length: 19 }, () =>
      scene.create(options, pageOf(world.tab(`${APP}/tab`), locks)),
    )
    const ends = tabs.map((auth) => countEnds(auth))
    await inTime(scene, Promise.all(tabs.map(async (auth) => auth.getSession())))

    world.clock.jump(LONG)
    void first.getAccessToken().catch(() => null)
    await inTime(scene, answered.promise)
    dying.crash()
    const tokens = tabs.map(async (auth) => auth.getAccessToken())
    expect(new Set(await inTime(scene, Promise.all(tokens)))).toEqual(new Set([null]))
    await world.clock.advance(5_000)
    expect(ends.map((count) => count())).toEqual(tabs.map(() => 1))
    expect(tabs.map((auth) => auth.session.value.status)).toEqual(tabs.map(() => 'unauthenticated'))
    // The sign-in, what was lost, and the one that found out.
    expect(world.network.count('POST /token')).toBe(3)
    expect([...world.local.of(APP).keys()]).toEqual([])
  },
)

test('an answer that is lost on its way, and nobody dies: the same tab finds out, once', async () => {
  const scene = setUp(provider)
  const auth = await scene.signIn()
  const ends = countEnds(auth)
  let lost = false
  scene.world.network.respond(async (request, { body }) => {
    const response = await forward(request, body)
    if (lost) return response
    lost = true
    throw new TypeError('connection lost')
  })
  scene.world.clock.jump(LONG)
  await expect(auth.getAccessToken()).rejects.toMatchObject({ code: 'network' })
  expect(auth.session.value.status).toBe('authenticated')
  scene.world.clock.jump(5_000)
  expect(await auth.getAccessToken()).toBe(null)
  await scene.world.clock.advance(0)
  expect(ends()).toBe(1)
})
