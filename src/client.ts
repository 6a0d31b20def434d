import type { AuthClient, ClientOptions, SignInOptions } from './api.js'
import { browserEnv, type Env } from './env.js'
import { AuthError, isAuthError, isolate } from './errors.js'
import type { Flow } from './flow/flow.js'
import { isLanding, stripLanding } from './flow/landing.js'
import { operate } from './http.js'
import { isExpiry } from './session/state.js'
import { createSessionStore } from './session/store.js'
import type {
  AdapterFactory,
  AdapterKit,
  DebugEvent,
  Runner,
  Session,
  StartRequest,
} from './types.js'

/** Wires one adapter to a store and a flow. `env` is the page, or `undefined` on a server. */
export function createClient<S extends Session, M extends object>(
  options: ClientOptions<S, M>,
  factory: AdapterFactory<S, M>,
  env: Env | undefined = browserEnv(),
): AuthClient<S> & M {
  const origin = env?.location.origin ?? 'http://localhost'
  const adapter = factory({ baseURL: resolveBaseURL(options.baseURL ?? '/', origin) })
  const debug = (event: DebugEvent): void => isolate(() => options.debug?.(event))
  const page = (): Env => {
    if (env) return env
    throw new AuthError('unsupported_environment')
  }
  const run: Runner = async (work, signal) => operate(page(), fetcher, work, signal)
  const fetcher: typeof fetch = (input, init) => {
    const headers = new Headers(options.headers)
    new Headers(init?.headers).forEach((value, name) => headers.set(name, value))
    return (options.fetch ?? fetch)(input, { ...init, headers })
  }

  const store = createSessionStore<S>({
    env,
    realm: adapter.realm,
    shared: adapter.credential === 'cookie',
    load: async () => {
      const data = await run((io) => adapter.load(io))
      // Whoever is signed out may click next: what that needs should be here by then.
      if (!data) prepare().catch(() => null)
      return data
    },
    initial: options.session?.initial,
    debug,
  })
  const { session, set } = store
  const ask = async (fresh: boolean): Promise<S | null> => {
    page()
    const { data, error } = await store.refetch({ fresh })
    if (error && !isExpiry(error)) throw error
    return data
  }
  /** What a sign-in has changed, which the other tabs should show too. */
  const learn = async (): Promise<S | null> => {
    const data = await ask(true)
    if (data) store.share()
    return data
  }
  const getSession: AuthClient<S>['getSession'] = async ({ fresh = false } = {}) => {
    const { status, data } = session.value
    return !fresh && (data || status === 'unauthenticated') ? data : ask(fresh)
  }

  let flow: Flow<S> | undefined
  /** Loads everything but the session. After it a click waits for nothing. */
  const prepare = async (): Promise<Flow<S>> => {
    const kit = {
      env: page(),
      adapter,
      options,
      run,
      debug,
      landed,
      state: () => session.value,
      set,
      ask: (href: string | undefined) => (href === landed && answer) || learn(),
    }
    const load = Promise.all([import('./flow/flow.js'), adapter.prepare?.()])
    const [{ createFlow }] = await load.catch((cause: unknown) => {
      if (isAuthError(cause)) throw cause
      throw new AuthError('network', 'Reload the page.', { cause })
    })
    return (flow ??= createFlow(kit))
  }

  const landed = env && isLanding(env, env.location.href, adapter) ? env.location.href : undefined
  if (landed) stripLanding(env!, adapter)
  const client: AuthClient<S> = {
    session,
    fetching: store.fetching,
    refetch: (how) => store.refetch(how),
    ready: store.ready,
    hydrate: store.hydrate,
    prepare: async () => void (await prepare()),
    signIn: ((provider: string, how?: SignInOptions, intent?: StartRequest['intent']) => {
      if (flow) return flow.signIn(provider, how, intent)
      const given = env && how?.popup ? openBlank(env) : undefined
      const signing = prepare().then(({ signIn }) => signIn(provider, how, intent, given))
      signing.catch(() => given?.close()) // nothing will ever come to a window that stays blank
      return signing
    }) as AuthClient<S>['signIn'],
    signOut: async (...args) => (await prepare()).signOut(...args),
    completeSignIn: async (...args) => (await prepare()).completeSignIn(...args),
    getSession,
    dispose: () => {
      store.dispose()
      flow?.cancel()
    },
  }
  // Asked now, before anybody else does: whoever asks while it runs is told the same.
  const answer = landed ? learn() : undefined
  answer?.catch(() => null)
  if (landed) void client.completeSignIn().catch(() => null)
  const kit = { ...client, run, set, load: () => ask(true) } as AdapterKit<S>
  return { ...client, ...adapter.methods?.(kit) } as AuthClient<S> & M
}

/**
 * A popup has to open in the click, whether or not the code that knows what to do with it has come.
 * `_blank` is a name that nobody can know.
 */
function openBlank(env: Env): { close: () => void } | null {
  try {
    const opened = env.open('about:blank', '_blank', 'popup,width=480,height=640')
    return opened === env ? null : ((opened as Window | undefined) ?? null)
  } catch {
    return null
  }
}

function resolveBaseURL(baseURL: string, origin: string): string {
  const { href = '' } = URL.canParse(baseURL, origin) ? new URL(baseURL, origin) : {}
  if (/^https?:\/\/[^@?#]+$/.test(href)) return href.replace(/\/+$/, '')
  throw new AuthError('invalid_config', `Not a baseURL: ${baseURL}`)
}
