import { expect } from 'vitest'

import type { AuthClient, ClientOptions } from '../../src/api.js'
import type { AuraSession } from '../../src/index.js'
import type { Page, PopupWindow } from '../rig.js'
import { landingOf, setUp as setUpPage, type Scene as PageScene } from './scene.js'

export interface Scene extends Pick<PageScene, 'world' | 'server' | 'tab' | 'events'> {
  readonly auth: AuthClient<AuraSession>
  readonly popup: () => PopupWindow
  /** The landing that the last popup was told to come back to. */
  readonly landing: () => string
  readonly create: (page: Page) => AuthClient<AuraSession>
}

export async function setUp(options: ClientOptions<AuraSession> = {}): Promise<Scene> {
  const { world, server, tab, events, create, open } = setUpPage('http://app.test/projects?q=1')
  const popup = (): PopupWindow => tab.popups.at(-1)!
  return {
    world,
    server,
    tab,
    events,
    popup,
    auth: await open(options),
    create: (page) => create(options, page),
    landing: () => landingOf(popup().urls[0]!).href,
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
export function expectNothingLeft(
  { world, tab }: Pick<Scene, 'world' | 'tab'>,
  listeners: number,
): void {
  expect(tab.page.listeners()).toBe(listeners)
  expect(world.clock.pending()).toBe(0)
  expect(world.channels.open()).toBe(0)
  expect(tab.storage.size).toBe(0)
}
