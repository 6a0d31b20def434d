import { aura } from '../../src/adapters/aura/index.js'
import type { AuthClient } from '../../src/api.js'
import { createClient } from '../../src/client.js'
import type { AuraSession } from '../../src/index.js'
import type { DebugEvent, SessionState } from '../../src/types.js'
import { auraServer, type AuraServer } from '../aura-server.js'
import { createWorld, type World } from '../rig.js'

export const PATH = 'GET /auth/session'

export function setUp(initial?: AuraSession | null): {
  world: World
  server: AuraServer
  auth: AuthClient<AuraSession>
  events: DebugEvent[]
} {
  const world = createWorld()
  const server = auraServer(world.network)
  const events: DebugEvent[] = []
  const auth = createClient(
    {
      baseURL: '/auth',
      fetch: world.network.fetch,
      debug: (event) => events.push(event),
      ...(initial === undefined ? {} : { session: { initial } }),
    },
    aura(),
    world.tab('http://app.test/').page,
  )
  return { world, server, auth, events }
}

/** Mounts a listener that keeps what it was told. */
export function watch(auth: AuthClient<AuraSession>): {
  told: SessionState<AuraSession>[]
  stop: () => void
} {
  const told: SessionState<AuraSession>[] = []
  return { told, stop: auth.session.listen((state) => told.push(state)) }
}
