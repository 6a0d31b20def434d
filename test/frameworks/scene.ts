import { afterEach, expect, it, onTestFinished, vi } from 'vitest'

import { aura } from '../../src/adapters/aura/index.js'
import type { AuthClient } from '../../src/api.js'
import { createClient } from '../../src/client.js'
import type { AuraSession } from '../../src/index.js'
import { ada, auraServer, json, type AuraServer } from '../aura-server.js'
import { failOnComplaints, grace } from '../react/auth.js'
import { createWorld, settle, type Tab, type World } from '../rig.js'
import { PATH } from '../session/scene.js'

export interface Scene {
  readonly world: World
  readonly server: AuraServer
  readonly tab: Tab
  readonly auth: AuthClient<AuraSession>
  /** The same app in another tab. */
  readonly openAnother: () => AuthClient<AuraSession>
  /** How often the session was asked for. */
  readonly asked: () => number
}

/** One client on a page in memory: its clock, network and other tabs are the test's. */
export function setUp(initial?: AuraSession | null): Scene {
  const world = createWorld()
  const server = auraServer(world.network)
  const open = (tab: Tab, known?: AuraSession | null): AuthClient<AuraSession> => {
    const session = known === undefined ? {} : { initial: known }
    const options = { baseURL: '/auth', fetch: world.network.fetch, session }
    return createClient(options, aura(), tab.page)
  }
  const tab = world.tab('http://app.test/')
  return {
    world,
    server,
    tab,
    auth: open(tab, initial),
    openAnother: () => open(world.tab('http://app.test/')),
    asked: () => world.network.count(PATH),
  }
}

/** A component on the page. */
export interface Shown {
  readonly text: () => string
  readonly click: () => void
  readonly unmount: () => unknown
}

export type Show = (auth: AuthClient<AuraSession>) => Promise<Shown>

/** A place in the document, for as long as the test runs. */
export function container(): HTMLElement {
  const element = document.createElement('div')
  document.body.append(element)
  onTestFinished(() => element.remove())
  return element
}

/** What a component of any framework can expect of the store. */
export function keepsTheContract(show: Show): void {
  it('shows what is known in the first render, and asks nobody for it', async () => {
    const { auth, asked } = setUp(grace)
    const { text } = await show(auth)
    expect(text()).toContain('Grace Summer')
    await settle()
    expect(asked()).toBe(0)
  })

  it('asks once for ten of them, and each shows the answer', async () => {
    const { auth, server, asked } = setUp()
    server.session = ada
    const all = await Promise.all(Array.from({ length: 10 }, () => show(auth)))
    await settle()
    for (const { text } of all) expect(text()).toContain('Ada Winter')
    expect(asked()).toBe(1)
  })

  it('shows a sign-in link to nobody before the first answer', async () => {
    const { auth } = setUp()
    const { text } = await show(auth)
    expect(text()).toBe('…')
    await settle()
    expect(text()).toBe('Sign in')
  })

  it('shows a sign-out in another tab, without a request', async () => {
    const { auth, server, openAnother, asked } = setUp()
    server.session = ada
    const { text } = await show(auth)
    await settle()
    await openAnother().signOut()
    await settle()
    expect(text()).toBe('Sign in')
    expect(asked()).toBe(1)
  })

  it('says that nobody answered, and tries again when told to', async () => {
    const { auth, server } = setUp()
    server.onSession = () => json(null, 500)
    const { text, click } = await show(auth)
    await settle()
    expect(text()).toContain('Try again')
    server.onSession = null
    server.session = ada
    click()
    await settle()
    expect(text()).toContain('Ada Winter')
  })

  it('lets go when it is gone: at once of the store, a second later of everything', async () => {
    const { auth, tab, world } = setUp()
    const { unmount } = await show(auth)
    await settle()
    expect(auth.session.lc).toBe(1)
    await unmount()
    await settle()
    expect(auth.session.lc).toBe(0)
    await world.clock.advance(1_000)
    expect(tab.page.listeners() + world.channels.open() + world.clock.pending()).toBe(0)
  })
}

/** Frameworks complain on the console. Nothing that a test gave an app outlives it. */
export function cleanUp(): void {
  failOnComplaints()
  afterEach(() => void vi.unstubAllGlobals())
}
