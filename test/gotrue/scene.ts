// What a client loads on demand is here already, so that loading it takes no real time.
import '../../src/adapters/gotrue/keeper.js'
import '../../src/adapters/gotrue/methods.js'
import '../../src/adapters/gotrue/sign-in.js'
import '../../src/flow/flow.js'

import { expect } from 'vitest'

import {
  createGoTrue,
  type Flavor,
  type GoTrue,
  type GoTrueOptions as StandInOptions,
} from '../../demo/backends/gotrue.js'
import type { Fault } from '../../demo/backends/gotrue/faults.js'
import { gotrue } from '../../src/adapters/gotrue/index.js'
import type {
  GoTrueEvent,
  GoTrueMethods,
  GoTrueOptions,
  GoTrueSession,
} from '../../src/adapters/gotrue/options.js'
import type { AuthClient, ClientOptions } from '../../src/api.js'
import { createClient } from '../../src/client.js'
import {
  createWorld,
  deferred,
  settle,
  type Page,
  type Seen,
  type Tab,
  type World,
} from '../rig.js'

export const APP = 'http://app.test'
export const BACKEND = 'http://gotrue.test'
export const ACCOUNT = { email: 'ada@winter.example', password: 'correct horse' }

export type Client = AuthClient<GoTrueSession> & GoTrueMethods
export type Options = ClientOptions<GoTrueSession, GoTrueMethods> & {
  readonly gotrue?: GoTrueOptions
}

export interface Scene {
  readonly world: World
  readonly tab: Tab
  readonly server: GoTrue
  readonly flavor: Flavor
  /** What `onEvent` was told. */
  readonly events: GoTrueEvent[]
  /** A client, on the page the tab shows now if no other is given. */
  readonly create: (options?: Options, page?: Page) => Client
  /** As if the browser had come to this URL of the app. */
  readonly land: (url: string, options?: Options) => Client
  /** Leaves for the provider; answers where. */
  readonly leave: (auth: Client, redirectTo?: string, provider?: string) => Promise<string>
  /** To the provider, which answers at once, and back: the URL of the app that is reached. */
  readonly visit: (url: string) => Promise<string>
  /** The whole way, by redirect. */
  readonly signIn: (options?: Options) => Promise<Client>
  /** Signed up, confirmed and signed in, with a password. */
  readonly signUp: (options?: Options) => Promise<Client>
  /** Follows the link of the last mail: the URL of the app that is reached. */
  readonly follow: () => Promise<string>
  /** Requests of the app with this method, path and grant. */
  readonly asked: (method: string, path: string, grant?: string) => Seen[]
  readonly refreshes: () => number
  /**
   * Does something whose answer from there is held: `'POST /token'`. Once it is asked for, answers how
   * to let go.
   */
  readonly hold: (fault: Fault, act: () => unknown) => Promise<() => void>
  /** A client of the same browser in another tab. */
  readonly another: () => Client
  /** Lets time pass, and the server take the real time that signing takes. */
  readonly pass: (ms: number, step?: number) => Promise<void>
  /** What is stored, all keys together. */
  readonly stored: () => string
}

/** The stand-in and its tabs on one clock, in memory; it sees preflights as a browser sends them. */
export function setUp(
  flavor: Flavor,
  { knobs, ...options }: Partial<StandInOptions> & { start?: number } = {},
): Scene {
  const world = createWorld()
  const server = createGoTrue({
    flavor,
    siteURL: APP,
    url: BACKEND,
    now: world.clock.now,
    knobs: { autoconfirm: true, provider: 'allow', messageInterval: 0, ...knobs },
    ...options,
  })
  const tab = world.tab(`${APP}/projects`)
  const events: GoTrueEvent[] = []
  /** Requests that are not answered yet. */
  let pending = 0
  const answer = async (request: Request): Promise<Response> => {
    await preflight(server, request)
    const headers = new Headers(request.headers)
    headers.set('origin', APP)
    const response = await server.handler(new Request(request, { headers }))
    if (response.type === 'error') throw new TypeError('The connection was reset.')
    return response
  }
  world.network.respond(async (request) => {
    pending += 1
    return answer(request).finally(() => (pending -= 1))
  })
  const create: Scene['create'] = ({ gotrue: how, ...rest } = {}, page = tab.page) =>
    createClient(
      { baseURL: BACKEND, fetch: world.network.fetch, ...rest },
      gotrue({ flavor, onEvent: (event) => events.push(event), ...how }),
      page,
    )
  const land: Scene['land'] = (url, how) => create(how, tab.load(url))
  const leave: Scene['leave'] = async (auth, redirectTo = '/dashboard', provider = 'github') => {
    const left = tab.navigations.length
    const leaving = auth.signIn(provider, { redirectTo })
    await Promise.race([leaving, until(() => tab.navigations.length > left)])
    return tab.navigations.at(-1)!
  }
  const visit: Scene['visit'] = async (url) => {
    let next = url
    for (let hops = 0; hops < 10 && !next.startsWith(APP); hops += 1) {
      const request = new Request(next)
      const answer = next.startsWith(BACKEND) ? server.handler : server.provider
      const location = (await answer(request)).headers.get('location')
      expect(location).not.toBeNull()
      next = new URL(location!, next).href
    }
    return next
  }
  return {
    world,
    tab,
    server,
    flavor,
    events,
    create,
    land,
    leave,
    visit,
    signIn: async (how) => {
      const auth = create(how)
      await auth.prepare()
      const back = land(await visit(await leave(auth)), how)
      await back.completeSignIn()
      return back
    },
    signUp: async (how) => {
      const auth = create(how)
      await auth.signUp(ACCOUNT)
      return auth
    },
    follow: async () => visit(server.outbox.at(-1)!.link!),
    asked: (method, path, grant) =>
      world.network.requests.filter(({ method: its, url }) => {
        const { pathname, searchParams } = new URL(url)
        const same = its === method && pathname === path
        return same && (grant === undefined || searchParams.get('grant_type') === grant)
      }),
    pass: async (ms, step = 500) => {
      for (let left = ms; left > 0; left -= step) {
        await world.clock.advance(Math.min(step, left))
        do await settle()
        while (pending > 0)
      }
    },
    hold: async (fault, act) => {
      const answer = deferred<void>()
      server.knobs.faults.push({ ...fault, delay: answer.promise })
      const before = world.network.requests.length
      act()
      const [, path] = /^\w+ ([^?]+)/.exec(fault.on)!
      await until(() =>
        world.network.requests.slice(before).some(({ url }) => new URL(url).pathname === path),
      )
      return () => answer.resolve()
    },
    another: () => create({}, world.tab(`${APP}/another`).page),
    refreshes: () => server.requests.filter(({ grant }) => grant === 'refresh_token').length,
    stored: () => [...world.local.of(APP), ...tab.storage].flat().join('\n'),
  }
}

/** What stands in the way of a header that the server does not list. */
async function preflight(server: GoTrue, { url, method, headers }: Request): Promise<void> {
  const names = [...headers.keys()].filter((name) => name !== 'accept').sort()
  if (names.length === 0 && (method === 'GET' || method === 'POST')) return
  const asking = new Headers({ origin: APP, 'access-control-request-method': method })
  if (names.length > 0) asking.set('access-control-request-headers', names.join(','))
  const answer = await server.handler(new Request(url, { method: 'OPTIONS', headers: asking }))
  if (!answer.headers.has('access-control-allow-origin')) throw new TypeError('CORS')
}

/** Real time, for what signs and hashes. */
export async function until(condition: () => boolean): Promise<void> {
  for (let rounds = 0; rounds < 1_000 && !condition(); rounds += 1) await settle()
  expect(condition()).toBe(true)
}

/** Lets time pass in memory, slowly, until this settles. */
export async function inTime<T>({ world }: Pick<Scene, 'world'>, promise: Promise<T>): Promise<T> {
  let waiting = true
  const stop = (): boolean => (waiting = false)
  promise.then(stop, stop)
  while (waiting) await world.clock.advance(2)
  return promise
}

/** What a promise rejects with: its code. */
export async function codeOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => 'resolved',
    (error: unknown) => (error as { code?: unknown }).code,
  )
}

export const FLAVORS = ['fork2022', 'current'] as const
