import { afterAll, beforeAll, expect, test } from 'vitest'

import type { OpenIdProvider } from '../../demo/backends/openid.js'
import { settle } from '../rig.js'
import { CALLBACK, setUp, startProvider } from './scene.js'

// A landing that this tab has not asked for: replayed, or from somebody's link.

let provider: OpenIdProvider
beforeAll(async () => {
  provider = await startProvider()
})
afterAll(async () => provider.close())

const LOCAL = { storage: 'local' } as const
const MADE_UP = `${CALLBACK}?state=${'x'.repeat(22)}&code=made-up`

test('keeps nobody who is signed in waiting for the tab that it may be of', async () => {
  const scene = setUp(provider)
  await scene.signIn(LOCAL)
  const auth = scene.land(MADE_UP, LOCAL)
  const token = auth.getAccessToken()
  expect(scene.tab.page.location.href).toBe(CALLBACK)
  // No time passes.
  expect((await auth.ready()).status).toBe('authenticated')
  expect(await token).not.toBe(null)
  await settle()
  expect(scene.world.network.count('POST /token')).toBe(1) // the sign-in's
})

test('nor anybody who is not', async () => {
  const scene = setUp(provider)
  const auth = scene.land(MADE_UP, LOCAL)
  expect((await auth.ready()).status).toBe('unauthenticated')
  expect(scene.world.network.count('POST /token')).toBe(0)
})
