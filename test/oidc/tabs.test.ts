import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import type { OpenIdProvider } from '../../demo/backends/openid.js'
import { deferred, settle } from '../rig.js'
import { APP, inTime, pageOf, setUp, startProvider, type Client, type Scene } from './scene.js'

let provider: OpenIdProvider
beforeAll(async () => {
  provider = await startProvider()
})
afterAll(async () => provider.close())

const LOCAL = { storage: 'local' } as const
/** So many tabs of somebody who is signed in. */
const open = ({ create, world }: Scene, count: number, locks: boolean): Client[] =>
  Array.from({ length: count }, () => create(LOCAL, pageOf(world.tab(`${APP}/tab`), locks)))

describe.each([true, false])('Web Locks: %s', (locks) => {
  test('twenty tabs wake on one expired token: one of them asks, and all have the new one', async () => {
    const scene = setUp(provider)
    const before = await (await scene.signIn(LOCAL)).getAccessToken()
    const tabs = open(scene, 20, locks)
    for (let round = 1; round <= 10; round += 1) {
      scene.world.clock.jump(300_001)
      const asked = tabs.map(async (auth) => auth.getAccessToken())
      const tokens = await inTime(scene, Promise.all(asked), 1)
      expect(new Set(tokens).size).toBe(1)
      expect(tokens[0]).not.toBe(before)
      expect(scene.world.network.count('POST /token')).toBe(1 + round)
    }
    expect(provider.revoked).toEqual([])
    expect(provider.refusals).toEqual([])
  })

  test('twenty tabs, and the one that asks dies before its request has left: another one asks', async () => {
    const scene = setUp(provider)
    const { world } = scene
    await scene.signIn(LOCAL)
    const dying = world.tab(`${APP}/tab`)
    const leaving = deferred<void>()
    const mute: typeof fetch = async (input, init) => {
      if (init?.method !== 'POST') return world.network.fetch(input, init)
      leaving.resolve()
      return new Promise<never>(() => {})
    }
    const first = scene.create({ ...LOCAL, fetch: mute }, pageOf(dying, locks))
    const tabs = open(scene, 19, locks)
    world.clock.jump(300_001)
    void first.getAccessToken().catch(() => null)
    await inTime(scene, leaving.promise, 1)
    dying.crash()
    const tokens = await inTime(scene, Promise.all(tabs.map(async (auth) => auth.getAccessToken())))
    expect(new Set(tokens).size).toBe(1)
    expect(tokens[0]).not.toBe(null)
    expect(world.network.count('POST /token')).toBe(2)
    expect(provider.revoked).toEqual([])
  })
})

test('a sign-out that is heard late takes nobody’s newer sign-in away', async () => {
  const scene = setUp(provider)
  const auth = await scene.signIn(LOCAL)
  auth.session.listen(() => {})
  const { page } = scene.world.tab(`${APP}/thawed`)
  const other = scene.create(LOCAL, page)
  other.session.listen(() => {})
  await scene.world.clock.advance(0)
  // As it was posted before the sign-in, to a tab that was frozen then.
  new page.BroadcastChannel!(`latchkey:${provider.issuer} web`).postMessage({ session: null })
  await scene.world.clock.advance(0)
  expect(other.session.value.status).toBe('unauthenticated')
  await inTime(scene, other.refetch({ fresh: true }))
  expect(other.session.value.status).toBe('authenticated')
  expect(await auth.getAccessToken()).not.toBe(null)
  // Nor does it end them at the provider.
  for (let turn = 0; turn < 20; turn += 1) await settle()
  expect(scene.world.network.count('POST /token/revocation')).toBe(0)
})

test('a sign-out while twenty tabs refresh stays one in all of them', async () => {
  const scene = setUp(provider)
  const first = await scene.signIn(LOCAL)
  const tabs = Array.from({ length: 20 }, () =>
    scene.create(LOCAL, scene.world.tab(`${APP}/tab`).page),
  )
  await Promise.all(tabs.map(async (auth) => auth.getSession()))
  scene.world.clock.jump(300_001)
  const asked = tabs.map(async (auth) => auth.getAccessToken())
  await first.signOut()
  await inTime(scene, Promise.all(asked), 1)
  for (const auth of tabs) expect(await auth.getAccessToken()).toBe(null)
  expect([...scene.world.local.of(APP).keys()]).toEqual([])
})
