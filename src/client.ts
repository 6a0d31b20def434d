import type { AuthClient, ClientOptions, PopupOptions } from './api.js'
import { browserEnv, type Env } from './env.js'
import { AuthError, isAuthError, isolate } from './errors.js'
import type { Flow } from './flow/flow.js'
import { cleanLanding, idOf, isNamed, OPEN, read, stored } from './flow/landing.js'
import { operate, unanswered } from './http.js'
import { pageOf } from './params.js'
import { isExpiry } from './session/state.js'
import { createSessionStore } from './session/store.js'
import type {
  AdapterFactory,
  AdapterKit,
  AuthorizeOptions,
  DebugEvent,
  Runner,
  Session,
} from './types.js'

/** Wires one adapter to a store and a flow. `env` is the page, or `undefined` on a server. */
export function createClient<S extends Session, M extends object>(
  options: ClientOptions<S, M>,
  factory: AdapterFactory<S, M>,
  env: Env | undefined = browserEnv(),
): AuthClient<S> & M {
  const fetcher: typeof fetch = (input, init) => {
    const headers = new Headers(options.headers)
    new Headers(init?.headers).forEach((value, name) => headers.set(name, value))
    return (options.fetch ?? fetch)(input, { ...init, headers })
  }
  const baseURL = resolveBaseURL(options.baseURL, env?.location.origin)
  const adapter = factory({ ...options, env, baseURL, fetch: fetcher, plainFetch: options.fetch })
  const debug = (event: DebugEvent): void => isolate(() => options.debug?.(event))
  const page = (): Env => {
    if (env) return env
    throw new AuthError('unsupported_environment')
  }
  const run: Runner = async (work, signal) => operate(page(), fetcher, work, signal)

  const store = createSessionStore<S>({
    ...options.session,
    tabs: options.session?.tabs ?? (adapter.reach ? 'ask' : 'adopt'),
    env,
    adapter,
    load: async (isOvertaken) => {
      if (completed) await completed
      if (isOvertaken()) return null
      const data = await run((io) => adapter.load(io))
      // Whoever is signed out may click next: what that needs should be here by then.
      if (!data) prepare().catch(() => null)
      return data
    },
    debug,
  })
  const { session, fetching, refetch, ready, hydrate, set } = store
  const getSession: AuthClient<S>['getSession'] = async (how) => {
    page()
    // Where nobody ever answered, what is known is no answer.
    const asks = how?.fresh || session.value.status === 'error'
    const { status, data, error } = await (asks ? refetch(how) : ready())
    if (error && (asks ? !isExpiry(error) : status === 'error')) throw error
    return data
  }
  const ask = async (): Promise<S | null> => getSession({ fresh: true })
  /** What a sign-in has changed, which the other tabs should show too. */
  const learn = async (): Promise<S | null> => {
    const data = await ask()
    if (data) store.share()
    return data
  }

  let flow: Flow<S> | undefined
  const end = new AbortController()
  /** The page, for as long as anything may be opened from it. */
  let here = env
  /** Loads everything but the session. After it a click waits for nothing. */
  const prepare = async (): Promise<Flow<S>> => {
    const kit = {
      env: page(),
      adapter,
      options,
      run,
      debug,
      landed,
      store,
      ended: end.signal,
      ask: (href: string | undefined) => (href === landed && answer) || learn(),
    }
    const load = Promise.all([import('./flow/flow.js'), adapter.prepare?.()])
    const [{ createFlow }] = await load.catch(unanswered)
    return (flow ??= createFlow(kit))
  }

  const landed = env && cleanLanding(env, adapter)
  /** A landing may bring tokens: until it is read, nobody can say who is signed in. */
  let completed: Promise<unknown> | undefined
  const client: AuthClient<S> = {
    session,
    fetching,
    refetch,
    ready,
    hydrate,
    prepare: async () => void (await prepare()),
    signIn: ((provider: string, how?: AuthorizeOptions) => {
      if (flow) return flow.signIn(provider, how)
      const popup = how?.popup as PopupOptions | undefined
      const given = here && popup && popup.window === undefined ? openBlank(here) : undefined
      return prepare().then(
        ({ signIn }) => signIn(provider, how, given),
        (error) => {
          given?.close() // nothing will ever come to a window that stays blank
          // What a click needs could not be loaded (a new version is out): this tab goes by itself.
          const { location, top } = page()
          const stays =
            how?.intent || top !== here || how?.redirect === false || popup?.fallback === 'none'
          if (!adapter.enter || stays || !isAuthError(error, 'network')) throw error
          location.assign(adapter.enter(provider, pageOf(location.href)))
          return new Promise(() => {})
        },
      )
    }) as AuthClient<S>['signIn'],
    signOut: async (...args) => (await prepare()).signOut(...args),
    completeSignIn: async (...args) => (await prepare()).completeSignIn(...args),
    getSession,
    dispose: () => {
      store.dispose()
      end.abort()
      here = undefined
    },
  }
  // Asked now, before anybody else does: whoever asks while it runs is told the same.
  const answer = landed && adapter.credential === 'cookie' ? learn() : undefined
  answer?.catch(() => null)
  // Or there are popups that this tab opened before it was reloaded.
  if (landed || (env && read(env, OPEN) !== null)) {
    const completion = client.completeSignIn().catch(() => null)
    // Another tab's, or a forged one, brings this tab nothing that a lookup could wait for.
    const id = landed && idOf(landed)
    if (id && (!isNamed(id) || stored(env, id))) completed = completion
  }
  const kit = { ...client, completed, run, load: ask, set } as AdapterKit<S>
  return { ...client, ...adapter.methods?.(kit) } as AuthClient<S> & M
}

/**
 * A popup has to open in the click, whether or not the code that knows what to do with it has come.
 * `_blank` is a name that nobody can know.
 */
function openBlank(env: Env): { close: () => void } | null {
  try {
    const opened = env.open('about:blank', '_blank', 'popup,width=480,height=640')
    return opened !== env && (opened as Window | null)?.closed === false ? (opened as Window) : null
  } catch {
    return null
  }
}

function resolveBaseURL(baseURL = '/', origin = 'http://localhost'): string {
  const href = URL.canParse(baseURL, origin) ? new URL(baseURL, origin).href : ''
  if (/^https?:\/\/[^@?#]+$/.test(href)) return href.replace(/\/+$/, '')
  throw new AuthError('invalid_config', 'Not a baseURL.')
}
