import { aura } from '../../src/adapters/aura/index.js'
import type { AuthClient, ClientOptions } from '../../src/api.js'
import { createClient } from '../../src/client.js'
import type { AuraSession } from '../../src/index.js'
import type { AdapterFactory, DebugEvent, SessionState } from '../../src/types.js'
import { auraServer, json, type AuraServer } from '../aura-server.js'
import { createWorld, type Page, type Tab, type World } from '../rig.js'

export const PATH = 'GET /auth/session'

type SessionOptions = NonNullable<ClientOptions<AuraSession>['session']>

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

/** A tab with a client that somebody watches. */
export interface Viewer {
  readonly tab: Tab
  /** The page it was opened with. */
  readonly page: Page
  readonly auth: AuthClient<AuraSession>
  readonly told: SessionState<AuraSession>[]
  readonly events: DebugEvent[]
  readonly stop: () => void
}

export interface Browser {
  readonly world: World
  readonly server: AuraServer
  /** Opens another tab, or a client more in the given one. `change`: what its page is like. */
  readonly open: (how?: {
    readonly tab?: Tab
    readonly baseURL?: string
    readonly session?: SessionOptions
    readonly adapter?: AdapterFactory<AuraSession>
    readonly change?: (page: Page) => void
    readonly unwatched?: true
  }) => Viewer
  /** How often the session was asked for, by all tabs. */
  readonly asked: () => number
  /** From now on the server takes this many ms to say who was signed in when it was asked. */
  readonly delay: (ms: number) => void
  /** Timers, channels, locks and listeners that anybody still has. */
  readonly leftovers: () => number
}

/** One browser: what its tabs are told with `session`, unless one is opened with its own. */
export function createBrowser(session: SessionOptions = {}): Browser {
  const world = createWorld()
  const server = auraServer(world.network)
  const pages: Page[] = []
  const { page: outside } = world.tab('http://server.test/')
  return {
    world,
    server,
    asked: () => world.network.count(PATH),
    delay: (ms) => {
      server.onSession = () => {
        const { session } = server
        const body = json({ success: Boolean(session), session }, session ? 200 : 401)
        return new Promise((resolve) => outside.setTimeout(() => resolve(body), ms))
      }
    },
    leftovers: () =>
      pages.reduce((sum, page) => sum + page.listeners(), 0) +
      world.clock.pending() +
      world.channels.open() +
      world.locks.held().length,
    open: ({
      tab = world.tab('http://app.test/'),
      baseURL = '/auth',
      session: own = session,
      adapter = aura(),
      change,
      unwatched,
    } = {}) => {
      const { page } = tab
      change?.(page)
      pages.push(page)
      const events: DebugEvent[] = []
      const auth = createClient(
        {
          baseURL,
          session: own,
          fetch: world.network.fetch,
          debug: (event) => events.push(event),
        },
        adapter,
        page,
      )
      const { told, stop } = unwatched ? { told: [], stop: () => {} } : watch(auth)
      return { tab, page, auth, told, events, stop }
    },
  }
}
