import { expect } from 'vitest'

import { aura } from '../../src/adapters/aura/index.js'
import type { AuthClient, ClientOptions } from '../../src/api.js'
import { createClient } from '../../src/client.js'
import type { AuraSession } from '../../src/index.js'
import type { DebugEvent } from '../../src/types.js'
import { auraServer, type AuraServer } from '../aura-server.js'
import { createWorld, type Page, type PopupWindow, type Tab, type World } from '../rig.js'

export interface Scene {
  readonly world: World
  readonly server: AuraServer
  readonly tab: Tab
  readonly auth: AuthClient<AuraSession>
  readonly popup: () => PopupWindow
  /** The landing that the last popup was told to come back to. */
  readonly landing: () => string
  readonly create: (page: Page) => AuthClient<AuraSession>
  readonly events: DebugEvent[]
}

export async function setUp(options: ClientOptions<AuraSession> = {}): Promise<Scene> {
  const world = createWorld()
  const server = auraServer(world.network)
  const tab = world.tab('http://app.test/projects?q=1')
  const events: DebugEvent[] = []
  const create = (page: Page): AuthClient<AuraSession> =>
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
  const auth = create(tab.page)
  await auth.prepare()
  const popup = (): PopupWindow => tab.popups.at(-1)!
  return {
    world,
    server,
    tab,
    auth,
    popup,
    create,
    events,
    landing: () => {
      const start = new URL(popup().urls[0]!)
      return new URL(start.searchParams.get('redirectTo')!, start.origin).href
    },
  }
}

/** What a promise came to, without waiting for it. */
export function outcomeOf(promise: Promise<unknown>): { value?: unknown } {
  const outcome: { value?: unknown } = {}
  promise.then(
    (value) => (outcome.value = value),
    (error: unknown) => (outcome.value = error),
  )
  return outcome
}

/** The page still listens to exactly what it listened to before, and nothing rings later. */
export function expectNothingLeft({ world, tab }: Scene, listeners: number): void {
  expect(tab.page.listeners()).toBe(listeners)
  expect(world.clock.pending()).toBe(0)
  expect(world.channels.open()).toBe(0)
  expect(tab.storage.size).toBe(0)
}
