import { afterEach, expect, test, vi } from 'vitest'

import { createWorld } from '../rig.js'

// What is loaded on demand cannot be had offline, nor after a deployment that has removed the old
// files. Nothing but the module system can play that.

const PARTS = ['keeper', 'methods'].map((part) => `../../src/adapters/gotrue/${part}.js`)

afterEach(() => {
  for (const part of PARTS) vi.doUnmock(part)
})

test.each(PARTS)('without %s a call is an outage', async (part) => {
  vi.resetModules()
  vi.doMock(part, () => {
    throw new TypeError('Failed to fetch dynamically imported module')
  })
  const { createClient } = await import('../../src/client.js')
  const { gotrue } = await import('../../src/adapters/gotrue/index.js')
  const world = createWorld()
  const options = { baseURL: 'http://gotrue.test', fetch: world.network.fetch }
  const auth = createClient(options, gotrue(), world.tab('http://app.test/').page)
  const account = { email: 'ada@winter.example', password: 'correct horse' }
  await expect(auth.signInWithPassword(account)).rejects.toMatchObject({ code: 'network' })
  expect(world.network.requests).toEqual([])
})
