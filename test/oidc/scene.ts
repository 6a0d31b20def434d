import { startOpenId, type OpenIdOptions, type OpenIdProvider } from '../../demo/backends/openid.js'
import { oidc } from '../../src/adapters/oidc/index.js'
import type { OidcMethods, OidcOptions, OidcSession } from '../../src/adapters/oidc/options.js'
import type { AuthClient, ClientOptions } from '../../src/api.js'
import { createClient } from '../../src/client.js'
import type { DebugEvent } from '../../src/types.js'
import { createWorld, type Page, type Tab, type World } from '../rig.js'
import { createUser, type User } from './user.js'

export const APP = 'http://app.test'
export const CALLBACK = `${APP}/callback`

export type Client = AuthClient<OidcSession> & OidcMethods
export type Options = ClientOptions<OidcSession, OidcMethods> & {
  readonly oidc?: Partial<OidcOptions>
}

export interface Scene {
  readonly world: World
  readonly tab: Tab
  readonly user: User
  readonly events: DebugEvent[]
  /** A client, on the page the tab shows now if no other is given. */
  readonly create: (options?: Options, page?: Page) => Client
  /** Leaves for the provider; answers the URL of that. */
  readonly leave: (options?: Options, redirectTo?: string) => Promise<string>
  /** As if the browser had come to this URL of the app, and on to where it is sent from there. */
  readonly land: (landing: string, options?: Options) => Client
  /** The whole way, by redirect. */
  readonly signIn: (options?: Options) => Promise<Client>
  /** Token strings that the provider has handed out. */
  readonly tokens: () => string[]
}

/** The provider is real, and so is the way to it; tabs and their clock are in memory. */
export async function startProvider(options: Partial<OpenIdOptions> = {}): Promise<OpenIdProvider> {
  return startOpenId({ clientId: 'web', redirectURIs: [CALLBACK], ...options })
}

/** Sends a request of the page to the provider, as it is. */
export async function forward({ method, url, headers }: Request, body: string): Promise<Response> {
  return fetch(url, { method, headers, ...(body && { body }) })
}

export function setUp({ issuer }: OpenIdProvider): Scene {
  const world = createWorld(Date.now())
  const tab = world.tab(`${APP}/projects`)
  const user = createUser()
  const events: DebugEvent[] = []
  const tokens: string[] = []
  world.network.respond(async (request, { body }) => {
    const response = await forward(request, body)
    const text = await response.clone().text()
    for (const [, token] of text.matchAll(/"\w+_token":"([^"]+)"/g)) tokens.push(token!)
    return response
  })
  const create: Scene['create'] = ({ oidc: how, ...options } = {}, page = tab.page) => {
    const adapter = oidc({ issuer, clientId: 'web', ...how })
    return createClient(
      {
        callbackURL: '/callback',
        fetch: world.network.fetch,
        debug: (event) => events.push(event),
        ...options,
      },
      adapter,
      page,
    )
  }
  const leave: Scene['leave'] = async (options, redirectTo = '/dashboard') => {
    const auth = create(options)
    await auth.prepare()
    const left = tab.navigations.length
    void auth.signIn('provider', { redirectTo })
    while (tab.navigations.length === left) await new Promise((go) => setImmediate(go))
    return tab.navigations.at(-1)!
  }
  const land: Scene['land'] = (landing, options) => {
    tab.load(landing)
    return create(options)
  }
  return {
    world,
    tab,
    user,
    events,
    create,
    leave,
    land,
    tokens: () => tokens,
    signIn: async (options) => {
      const landing = await user.visit(await leave(options), APP)
      const left = tab.navigations.length
      let auth = land(landing, options)
      // In memory, the page that stays is the one to exchange the code.
      if (options?.storage === undefined) {
        while (tab.navigations.length === left) await new Promise((go) => setImmediate(go))
        auth = land(tab.navigations.at(-1)!, options)
      }
      await auth.completeSignIn()
      return auth
    },
  }
}

/** The page of a browser with Web Locks, or of one without. */
export function pageOf(tab: Tab, locks: boolean): Page {
  return locks
    ? tab.page
    : (Object.create(tab.page, { navigator: { value: { onLine: true } } }) as Page)
}

/**
 * Lets time pass in memory, slowly, while the provider takes its own. `pause`: ms that a turn takes at
 * least, where a provider that is slow on a busy machine must not be taken for one that is silent.
 */
export async function inTime<T>(
  { world }: Pick<Scene, 'world'>,
  promise: Promise<T>,
  pause = 0,
): Promise<T> {
  let waiting = true
  const stop = (): boolean => (waiting = false)
  promise.then(stop, stop)
  while (waiting) {
    await world.clock.advance(2)
    if (pause) await new Promise((go) => setTimeout(go, pause))
  }
  return promise
}

/** The code of a landing that popups of other tabs are waited for, which takes ten seconds. */
export async function codeInTime(
  { world }: Pick<Scene, 'world'>,
  promise: Promise<unknown>,
): Promise<unknown> {
  let code: unknown
  void codeOf(promise).then((settled) => (code = settled))
  while (code === undefined) await world.clock.advance(1_000)
  return code
}

/** What a promise rejects with: its code. */
export async function codeOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => 'resolved',
    (error: unknown) => (error as { code?: unknown }).code,
  )
}
