import { vi } from 'vitest'

import { aura } from '../../src/adapters/aura/index.js'
import type { AuthClient, ClientOptions } from '../../src/api.js'
import { createClient } from '../../src/client.js'
import type { AuraSession } from '../../src/index.js'
import type { DebugEvent } from '../../src/types.js'
import { auraServer, type AuraServer } from '../aura-server.js'
import { createWorld, settle, type Page, type Tab, type World } from '../rig.js'

export interface Scene {
  readonly world: World
  readonly server: AuraServer
  readonly tab: Tab
  readonly events: DebugEvent[]
  /** A client, on the page the tab shows now if no other is given. */
  create: (options?: ClientOptions<AuraSession>, page?: Page) => AuthClient<AuraSession>
  /** The same, once a click waits for nothing. */
  open: (options?: ClientOptions<AuraSession>) => Promise<AuthClient<AuraSession>>
  /** The landing URL that was sent to Aura, absolute. */
  landing: () => URL
}

export function setUp(href = 'http://app.test/projects'): Scene {
  const world = createWorld()
  const server = auraServer(world.network)
  const tab = world.tab(href)
  const events: DebugEvent[] = []
  const create: Scene['create'] = (options = {}, page = tab.page) =>
    createClient(
      {
        baseURL: '/auth',
        fetch: world.network.fetch,
        debug: (event) => events.push(event),
        ...options,
      },
      aura(),
      page,
    )
  return {
    world,
    server,
    tab,
    events,
    create,
    open: async (options) => {
      const auth = create(options)
      await auth.prepare()
      return auth
    },
    landing: () => landingOf(tab.navigations.at(-1)!),
  }
}

/** The landing that this start of a sign-in at Aura asks for. */
export function landingOf(start: string): URL {
  const { searchParams, origin } = new URL(start)
  return new URL(searchParams.get('redirectTo')!, origin)
}

/** The outcome of a landing that nobody claims: popups that might are waited for first. */
export async function unclaimed(
  world: World,
  auth: { completeSignIn: () => Promise<unknown> },
): Promise<unknown> {
  const outcome = auth.completeSignIn().catch((error: unknown) => error)
  await world.clock.advance(10_000)
  return outcome
}

/** Leaves without waiting: the promise of a redirect does not settle. */
export function leaveFor(auth: AuthClient<AuraSession>, redirectTo?: string): void {
  void auth.signIn('dribbble', redirectTo === undefined ? {} : { redirectTo })
}

/** Loads the page whose one line is `import 'latchkey/callback'`. */
export async function showCallbackPage(tab: Tab, href: string): Promise<void> {
  const page = tab.load(href)
  vi.stubGlobal('window', page)
  for (const name of ['document', 'location', 'history', 'sessionStorage'] as const) {
    vi.stubGlobal(name, page[name])
  }
  // What it says to whoever is left on it is for real browsers.
  vi.stubGlobal('setTimeout', () => 0)
  vi.resetModules()
  await import('../../src/callback.js')
  await settle()
  vi.unstubAllGlobals()
}

/** Leaves, and comes back with these parameters added. */
export async function comeBack(
  scene: Scene,
  parameters = '',
  redirectTo = '/dashboard?tab=a',
): Promise<AuthClient<AuraSession>> {
  leaveFor(await scene.open(), redirectTo)
  const { href } = scene.landing()
  scene.tab.load(href + parameters)
  return scene.open()
}
