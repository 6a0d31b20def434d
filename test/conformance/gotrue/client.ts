import { setTimeout } from 'node:timers/promises'

import { gotrue } from '../../../src/adapters/gotrue/index.js'
import type {
  GoTrueMethods,
  GoTrueOptions,
  GoTrueSession,
} from '../../../src/adapters/gotrue/index.js'
import type { AuthClient, ClientOptions, SignInOptions } from '../../../src/api.js'
import { createClient } from '../../../src/client.js'
import type { SessionState } from '../../../src/types.js'
import { createWorld, type Page, type Seen, type Tab, type World } from '../../rig.js'
import { browse } from './browse.js'
import type { Server } from './server.js'
import { signInAtProvider, signUp, somebody, type Account } from './steps.js'

export type Client = AuthClient<GoTrueSession> & GoTrueMethods

export type Options = ClientOptions<GoTrueSession, GoTrueMethods> & {
  /** `flavor: null`: nobody says which of the two it is. */
  readonly gotrue?: Omit<GoTrueOptions, 'flavor'> & {
    readonly flavor?: GoTrueOptions['flavor'] | null
  }
}

/** What a request comes to instead. `forward`: what the server says. Throws what `fetch` throws. */
export type Answer = (forward: () => Promise<Response>) => Response | Promise<Response>

/** The server is real, and so is the way to it; tabs, their storage and their clock are in memory. */
export interface Scene {
  readonly server: Server
  readonly world: World
  readonly tab: Tab
  /** A client, on the page the tab shows now if no other is given. */
  readonly create: (options?: Options, page?: Page) => Client
  /** The next request to this endpoint, such as `'POST /token?grant_type=pkce'`, comes to this. */
  readonly intercept: (endpoint: string, answer: Answer) => void
  /** Requests to this endpoint so far. */
  readonly seen: (endpoint: string) => readonly Seen[]
  /** Paths of all requests but those for the settings, which a client may have any time. */
  readonly asked: () => readonly string[]
  /** Leaves for the provider; answers the URL of that. */
  readonly leave: (options?: SignInOptions) => Promise<string>
  /** The way from there to the app. */
  readonly visit: (start: string) => Promise<string>
  /** As if the browser had come to this URL of the app. */
  readonly land: (url: string, options?: Options) => Client
  /** A new account, signed in by password on the page that the tab shows. */
  readonly signIn: (options?: Options, account?: Account) => Promise<Client>
  /** Lets time pass here and at the server, which is given all the time it takes. */
  readonly pass: (ms: number) => Promise<void>
  /** Waits, while time passes slowly. */
  readonly inTime: <T>(promise: Promise<T>) => Promise<T>
  /** The same, for what nobody has a promise of. */
  readonly until: (condition: () => boolean) => Promise<void>
}

/** `skew`: ms that this device's clock is ahead of the server's. */
export function setUp(server: Server, skew: number = 0): Scene {
  const world = createWorld((server.standIn?.now() ?? Date.now()) + skew)
  const tab = world.tab(`${server.siteURL}/projects`)
  const answers: { endpoint: string; answer: Answer }[] = []
  /** Requests that the server has not answered yet. */
  let pending = 0

  world.network.respond(async (request, seen) => {
    const index = answers.findIndex(({ endpoint }) => isFor(endpoint, request))
    const [found] = index < 0 ? [] : answers.splice(index, 1)
    const forward = async (): Promise<Response> => {
      pending += 1
      return browse(seen, server.siteURL).finally(() => (pending -= 1))
    }
    return found ? found.answer(forward) : forward()
  })
  const idle = async (): Promise<void> => {
    do await new Promise((go) => setImmediate(go))
    while (pending > 0)
  }

  const create: Scene['create'] = ({ gotrue: how = {}, ...options } = {}, page = tab.page) => {
    const { flavor = server.flavor, ...rest } = how
    return createClient(
      { baseURL: server.url, fetch: world.network.fetch, headers: server.headers, ...options },
      gotrue({ ...rest, ...(flavor && { flavor }) }),
      page,
    )
  }
  const land: Scene['land'] = (url, options) => {
    tab.load(url)
    return create(options)
  }
  const inTime: Scene['inTime'] = async (promise) => {
    let waiting = true
    const stop = (): boolean => (waiting = false)
    promise.then(stop, stop)
    while (waiting) {
      await world.clock.advance(2)
      await idle()
      // What is loaded on demand takes real time, too.
      await setTimeout(1)
    }
    return promise
  }
  const until: Scene['until'] = async (condition) => {
    while (!condition()) await inTime(Promise.resolve())
  }
  return {
    server,
    world,
    tab,
    create,
    intercept: (endpoint, answer) => void answers.push({ endpoint, answer }),
    seen: (endpoint) => world.network.requests.filter((request) => isFor(endpoint, request)),
    asked: () =>
      world.network.requests
        .map(({ url }) => new URL(url).pathname)
        .filter((path) => !path.endsWith('/settings')),
    leave: async (options) => {
      const auth = create()
      await auth.prepare()
      const left = tab.navigations.length
      void auth.signIn(server.provider, { redirectTo: '/cb', ...options })
      await until(() => tab.navigations.length > left)
      return tab.navigations.at(-1)!
    },
    visit: async (start) => signInAtProvider(server, new URL(start)),
    land,
    signIn: async (options, account = somebody()) => {
      await signUp(server, account)
      const auth = create(options)
      await inTime(auth.signInWithPassword(account))
      return auth
    },
    pass: async (ms) => {
      for (let left = ms; left > 0; left -= 500) {
        const step = Math.min(left, 500)
        server.standIn?.pass(step)
        await world.clock.advance(step)
        await idle()
      }
    },
    inTime,
    until,
  }
}

function isFor(endpoint: string, { method, url }: Pick<Seen, 'method' | 'url'>): boolean {
  const { pathname, searchParams } = new URL(url)
  const [name = '', query] = endpoint.split('?')
  const [verb, path = ''] = name.split(' ')
  const wanted = [...new URLSearchParams(query)]
  return (
    verb === method &&
    pathname.endsWith(path) &&
    wanted.every(([key, value]) => searchParams.get(key) === value)
  )
}

/** Every state from now on, the present one not among them. */
export function statesOf(auth: Client): SessionState<GoTrueSession>[] {
  const states: SessionState<GoTrueSession>[] = []
  auth.session.listen((state) => states.push(state))
  return states
}

/** What a promise rejects with. */
export const failureOf = async (promise: Promise<unknown>): Promise<Record<string, unknown>> =>
  promise.then(
    (value) => ({ resolved: value }),
    (error: unknown) => error as Record<string, unknown>,
  )

/** The device's `localStorage`, as it is. */
export const storedBy = ({ world, server }: Scene): Map<string, string> =>
  world.local.of(new URL(server.siteURL).origin)

export const REFRESH = 'POST /token?grant_type=refresh_token'
export const PKCE = 'POST /token?grant_type=pkce'

/** The one word that ends a session. */
export const refuseRefresh = ({ flavor }: Server): Response =>
  Response.json(
    flavor === 'fork2022'
      ? { error: 'invalid_grant', error_description: 'Invalid Refresh Token' }
      : {
          code: 400,
          error_code: 'refresh_token_already_used',
          msg: 'Invalid Refresh Token: Already Used',
        },
    { status: 400 },
  )

export const unreachable = (): never => {
  throw new TypeError('fetch failed')
}
