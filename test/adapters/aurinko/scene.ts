import { createAurinko, type Aurinko, type AurinkoKnobs } from '../../../demo/backends/aurinko.js'
import {
  aurinko,
  type AurinkoMethods,
  type AurinkoOptions,
  type AurinkoSession,
} from '../../../src/adapters/aurinko/index.js'
import type { AuthClient, ClientOptions } from '../../../src/api.js'
import { createClient } from '../../../src/client.js'
import {
  aurinko as createBridge,
  type AurinkoOptions as BridgeOptions,
} from '../../../src/server/index.js'
import { createWorld, type Page, type Tab, type World } from '../../rig.js'

export type Client = AuthClient<AurinkoSession> & AurinkoMethods

export const APP = 'http://app.test'
export const API = 'http://api.aurinko.test'

/** A browser, an app whose `/v1/*` is forwarded, and the stand-in behind it. */
export interface Scene {
  readonly world: World
  readonly aurinko: Aurinko
  readonly tab: Tab
  create: (
    options?: Partial<AurinkoOptions>,
    how?: ClientOptions<AurinkoSession, AurinkoMethods>,
    page?: Page,
  ) => Client
  /** The same, once a click waits for nothing. */
  open: (
    options?: Partial<AurinkoOptions>,
    how?: ClientOptions<AurinkoSession, AurinkoMethods>,
  ) => Promise<Client>
  /**
   * A navigation from `start` until the app is reached, or a page that stays: its URL. The user
   * presses this button at the provider, or fills in the form.
   */
  travel: (start: string, answer?: 'allow' | 'deny') => Promise<string>
  /** Signs in by redirect, comes back, and answers the client of the page then. */
  signIn: (service?: string, answer?: 'allow' | 'deny') => Promise<Client>
  /** Forgets the requests so far. */
  forget: () => void
  /** Cookies by host. */
  readonly jars: Map<string, Map<string, string>>
}

export interface SceneOptions {
  readonly knobs?: Partial<AurinkoKnobs>
  readonly options?: Partial<AurinkoOptions>
  readonly how?: ClientOptions<AurinkoSession, AurinkoMethods>
  readonly bridge?: BridgeOptions
}

const returnUrls = ['/', '/callback.html', '/projects', '/dashboard', '/projects?tab=a'].map(
  (path) => APP + path,
)

export function setUp({ knobs = {}, options = {}, how = {}, bridge }: SceneOptions = {}): Scene {
  const world = createWorld()
  const { now } = world.clock
  const service = createAurinko({ appOrigin: APP, returnUrls, knobs, now })
  const jars: Scene['jars'] = new Map()
  const tab = world.tab(`${APP}/projects`)

  const server = createBridge({
    clientId: 'client',
    clientSecret: 'secret',
    apiURL: API,
    allowInsecureRequests: true,
    secret: 's'.repeat(32),
    salt: 't'.repeat(32),
    env: {},
    now,
    fetch: async (input, init) => service.api(new Request(input, init)),
    ...bridge,
  })

  /** One request of the browser's, cookies and all. `null`: nobody is there but the app itself. */
  const ask = async (request: Request): Promise<Response | null> => {
    const url = new URL(request.url)
    const jar = jars.get(url.host) ?? new Map<string, string>()
    jars.set(url.host, jar)
    const headers = new Headers(request.headers)
    headers.set('cookie', [...jar].map((pair) => pair.join('=')).join('; '))
    const sent = new Request(request, { headers })
    const isForwarded = url.origin === APP && url.pathname.startsWith('/v1/')
    const response =
      isForwarded || url.origin === API
        ? await service.api(sent)
        : url.origin === APP && url.pathname.startsWith('/aurinko/')
          ? await server.handlers.ALL(sent)
          : url.host === 'provider.test'
            ? await service.provider(sent)
            : null
    for (const line of response?.headers.getSetCookie() ?? []) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      if (value) jar.set(name, value)
      else jar.delete(name)
    }
    return response
  }
  world.network.respond(async (request) => {
    const isPost = !/^(GET|HEAD)$/.test(request.method)
    const headers = new Headers(request.headers)
    if (isPost) headers.set('origin', APP)
    return (await ask(new Request(request, { headers })))!
  })

  const create: Scene['create'] = (more = {}, howMore = {}, page = tab.page) =>
    createClient(
      { fetch: world.network.fetch, callbackURL: '/callback.html', ...how, ...howMore },
      aurinko({ clientId: 'client', ...options, ...more }),
      page,
    )
  const travel: Scene['travel'] = async (start, answer = 'allow') => {
    let url = start
    for (;;) {
      const response = await ask(new Request(url, { redirect: 'manual' }))
      const location = response?.headers.get('location')
      if (location) url = new URL(location, url).href
      else if (response && new URL(url).host === 'provider.test') url += `&answer=${answer}`
      else if (response && (await response.clone().text()).includes('action="/v1/auth/form"')) {
        const state = /name="state" value="([^"]+)"/.exec(await response.text())?.[1] ?? ''
        const body = new URLSearchParams({ state, email: 'ada@imap.example', decision: answer })
        const form = new URL('/v1/auth/form', url)
        const sent = await ask(new Request(form, { method: 'POST', body, redirect: 'manual' }))
        url = sent?.headers.get('location') ?? form.href
      } else return url
    }
  }
  const open: Scene['open'] = async (more, howMore) => {
    const auth = create(more, howMore)
    await auth.prepare()
    return auth
  }
  const signIn: Scene['signIn'] = async (name = 'Google', answer = 'allow') => {
    const auth = await open()
    void auth.signIn(name, { redirectTo: '/dashboard' })
    // In mode 'code' nothing is synchronous but the first account.
    tab.load(await travel(tab.navigations.at(-1)!, answer))
    return open()
  }
  const forget = (): void => void (world.network.requests as unknown[]).splice(0)
  return { world, aurinko: service, tab, jars, create, open, travel, signIn, forget }
}

/** The requests of the browser so far, such as `'GET /v1/user'`. */
export const asked = ({ world }: Pick<Scene, 'world'>): string[] =>
  world.network.requests.map(({ method, url }) => `${method} ${new URL(url).pathname}`)

/** What a promise came to. */
export const outcome = async (promise: Promise<unknown>): Promise<unknown> =>
  promise.catch((error: unknown) => error)

/** Signed in with Google, and nothing asked for since. */
export async function signedIn(from: SceneOptions = {}): Promise<[Scene, Client]> {
  const scene = setUp(from)
  const auth = await scene.signIn()
  await auth.completeSignIn()
  scene.forget()
  return [scene, auth]
}

/** Leaves, and comes back with this query instead of Aurinko's. */
export async function comeBack(
  query: string | ((state: string) => string),
): Promise<[Scene, unknown]> {
  const scene = setUp()
  const auth = await scene.open()
  void auth.signIn('Google', { redirectTo: '/dashboard' })
  const start = new URL(scene.tab.navigations.at(-1)!)
  const state = start.searchParams.get('state')!
  scene.tab.load(`${APP}/callback.html?${typeof query === 'string' ? query : query(state)}`)
  const back = await scene.open()
  return [scene, await outcome(back.completeSignIn())]
}
