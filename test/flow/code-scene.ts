import type { AuthClient, ClientOptions } from '../../src/api.js'
import { createClient } from '../../src/client.js'
import type { Adapter, DebugEvent, Session } from '../../src/types.js'
import { json } from '../aura-server.js'
import { createWorld, type Page, type Tab, type World } from '../rig.js'
import { codeBackend, grace } from './code-backend.js'

export interface CodeScene {
  readonly world: World
  readonly tab: Tab
  readonly events: DebugEvent[]
  create: (page?: Page, options?: ClientOptions<Session>) => AuthClient<Session>
  /** The same, once a click waits for nothing. */
  open: (options?: ClientOptions<Session>) => Promise<AuthClient<Session>>
  /** Where the last start of a sign-in asked to come back to, with these parameters added. */
  landing: (start: string, parameters?: string) => string
  readonly exchanges: () => number
}

/** A page of an app whose backend hands out codes. */
export function setUp(href: string, changes: Partial<Adapter> = {}): CodeScene {
  const world = createWorld()
  world.network.respond(() => json(grace))
  const tab = world.tab(href)
  const events: DebugEvent[] = []
  const create: CodeScene['create'] = (page = tab.page, options = {}) =>
    createClient(
      {
        baseURL: 'http://provider.test',
        fetch: world.network.fetch,
        debug: (event) => events.push(event),
        ...options,
      },
      codeBackend(changes),
      page,
    )
  return {
    world,
    tab,
    events,
    create,
    open: async (options) => {
      const auth = create(tab.page, options)
      await auth.prepare()
      return auth
    },
    landing: (start, parameters = '?code=abc') => {
      const { searchParams } = new URL(start)
      const state = searchParams.get('state')
      return `${searchParams.get('redirect_uri')}${parameters}${state ? `&state=${state}` : ''}`
    },
    exchanges: () => world.network.count('POST /token'),
  }
}
