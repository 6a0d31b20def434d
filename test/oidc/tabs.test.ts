import { afterAll, beforeAll, expect, test } from 'vitest'

import type { OpenIdProvider } from '../../demo/backends/openid.js'
import { settle } from '../rig.js'
import { APP, inTime, setUp, startProvider } from './scene.js'

let provider: OpenIdProvider
beforeAll(async () => {
  provider = await startProvider()
})
afterAll(async () => provider.close())

test('twenty tabs wake on one expired token: one of them asks, and all have the new one', async () => {
  const scene = setUp(provider)
  const options = { storage: 'local' } as const
  const first = await scene.signIn(options)
  const before = await first.getAccessToken()
  const tabs = Array.from({ length: 20 }, () =>
    scene.create(options, scene.world.tab(`${APP}/tab`).page),
  )
  for (let round = 1; round <= 10; round += 1) {
    scene.world.clock.jump(300_001)
    const tokens = await inTime(scene, Promise.all(tabs.map(async (auth) => auth.getAccessToken())))
    expect(new Set(tokens).size).toBe(1)
    expect(tokens[0]).not.toBe(before)
    expect(scene.world.network.count('POST /token')).toBe(1 + round)
  }
  expect(provider.revoked).toEqual([])
  expect(provider.refusals).toEqual([])
})

test('a sign-out that is heard late takes nobody’s newer sign-in away', async () => {
  const scene = setUp(provider)
  const options = { storage: 'local' } as const
  const auth = await scene.signIn(options)
  auth.session.listen(() => {})
  const { page } = scene.world.tab(`${APP}/thawed`)
  const other = scene.create(options, page)
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
  const options = { storage: 'local' } as const
  const first = await scene.signIn(options)
  const tabs = Array.from({ length: 20 }, () =>
    scene.create(options, scene.world.tab(`${APP}/tab`).page),
  )
  await Promise.all(tabs.map(async (auth) => auth.getSession()))
  scene.world.clock.jump(300_001)
  const asked = tabs.map(async (auth) => auth.getAccessToken())
  await first.signOut()
  await inTime(scene, Promise.all(asked))
  for (const auth of tabs) expect(await auth.getAccessToken()).toBe(null)
  expect([...scene.world.local.of(APP).keys()]).toEqual([])
})
