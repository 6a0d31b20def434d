import { afterEach, beforeEach, expect, it, vi } from 'vitest'

import { aura } from '../../src/adapters/aura/index.js'
import type { createClient } from '../../src/client.js'
import { ada, auraServer } from '../aura-server.js'
import { createWorld, settle, type World } from '../rig.js'

// The part that keeps a session fresh comes by `import()`, which fails offline and after a
// deployment that has removed the old files. Nothing but the module system can play that.

let create: typeof createClient
beforeEach(async () => {
  vi.resetModules()
  vi.doMock('../../src/session/keeper.js', () => {
    throw new TypeError('Failed to fetch dynamically imported module')
  })
  ;({ createClient: create } = await import('../../src/client.js'))
})
afterEach(() => {
  vi.doUnmock('../../src/session/keeper.js')
})

/** Lets an `import()` fail, which takes its time. */
const failing = async (world: World): Promise<void> => {
  await import('../../src/session/keeper.js').catch(() => null)
  await settle()
  await world.clock.advance(10_000)
}

it('a page that starts without a network, and without that part, is not pending for ever', async () => {
  const world = createWorld()
  auraServer(world.network).session = ada
  const { page } = world.tab('http://app.test/')
  page.connect(false)
  world.network.respond(() => {
    throw new TypeError('Failed to fetch')
  })
  const auth = create({ baseURL: '/auth', fetch: world.network.fetch }, aura(), page)
  auth.session.listen(() => {})
  await failing(world)
  expect(auth.session.value).toMatchObject({ status: 'error', error: { code: 'network' } })
})

it('a page without that part asks for itself when another tab has the turn', async () => {
  const world = createWorld()
  auraServer(world.network).session = ada
  const { page } = world.tab('http://app.test/')
  const name = 'latchkey:http://app.test/auth'
  const { page: other } = world.tab('http://app.test/')
  void other.navigator.locks!.request(name, { ifAvailable: true }, () => new Promise(() => {}))
  await settle()
  const auth = create({ baseURL: '/auth', fetch: world.network.fetch }, aura(), page)
  auth.session.listen(() => {})
  await failing(world)
  expect(auth.session.value.status).toBe('authenticated')
})
