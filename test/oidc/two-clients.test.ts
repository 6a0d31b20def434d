import { afterAll, beforeAll, expect, test } from 'vitest'

import type { OpenIdProvider } from '../../demo/backends/openid.js'
import { settle } from '../rig.js'
import { APP, inTime, setUp, startProvider } from './scene.js'

// StrictMode creates a client twice, and a module that is loaded anew another one beside the first.

let provider: OpenIdProvider
beforeAll(async () => {
  provider = await startProvider()
})
afterAll(async () => provider.close())

test.each(['memory', 'session', 'local'] as const)(
  '%s: two clients on one page are one: one exchange, one session, one refresh, one sign-out',
  async (storage) => {
    const scene = setUp(provider)
    const options = { storage, navigate: () => {} }
    const landing = await scene.user.visit(await scene.leave(options), APP)
    const one = scene.land(landing, options)
    const other = scene.create(options)
    for (const { session } of [one, other]) session.listen(() => {})
    const completions = [one.completeSignIn(), other.completeSignIn()]
    for (const completion of await Promise.all(completions)) {
      expect(completion?.session.user.id).toBe('ada')
    }
    await scene.world.clock.advance(5_000)
    for (const { session } of [one, other]) expect(session.value.status).toBe('authenticated')
    expect(scene.world.network.count('POST /token')).toBe(1)

    scene.world.clock.jump(300_001)
    const tokens = [one.getAccessToken(), other.getAccessToken()]
    const [first, second] = await inTime(scene, Promise.all(tokens))
    expect(first).not.toBe(null)
    expect(second).toBe(first)
    expect(scene.world.network.count('POST /token')).toBe(2)
    expect(provider.refusals).toEqual([])

    await other.signOut()
    for (let turn = 0; turn < 20; turn += 1) await settle()
    for (const { session } of [one, other]) expect(session.value.status).toBe('unauthenticated')
    expect(await one.getAccessToken()).toBe(null)
  },
)
