import type {
  AuthClient,
  ClientOptions,
  SignInOptions,
  SignInResult,
  SignOutOptions,
} from './api.js'
import { browserEnv, type Env } from './env.js'
import { AuthError, isolate } from './errors.js'
import { stripLanding, takeLanding } from './flow/landing.js'
import { requireRedirectTo, resolveRedirectTo } from './flow/redirect-to.js'
import { signIn } from './flow/sign-in.js'
import { createTransactions } from './flow/transaction.js'
import { beginOperation, toAuthError, type Operation } from './http.js'
import { createSessionStore } from './session/store.js'
import type { AdapterFactory, DebugEvent, Landing, Runner, Session } from './types.js'

/** Wires one adapter to a store and a flow. `env` is the page, or `undefined` on a server. */
export function createClient<S extends Session, M extends object>(
  options: ClientOptions<S, M>,
  factory: AdapterFactory<S, M>,
  env: Env | undefined = browserEnv(),
): AuthClient<S> & M {
  const origin = env?.location.origin ?? 'http://localhost'
  const adapter = factory({ baseURL: resolveBaseURL(options.baseURL ?? '/', origin) })
  const callbackURL =
    options.callbackURL === undefined ? undefined : requireRedirectTo(options.callbackURL, origin)
  const debug = (event: DebugEvent): void => isolate(() => options.debug?.(event))
  const lifetime = new AbortController()
  const fetcher: typeof fetch = (input, init) => {
    const headers = new Headers(options.headers)
    for (const [name, value] of new Headers(init?.headers)) headers.set(name, value)
    return (options.fetch ?? fetch)(input, { ...init, headers })
  }

  const page = (): Env => {
    if (env) return env
    throw new AuthError('unsupported_environment', 'There is no page here: call it in a browser.')
  }
  const begin = (signal?: AbortSignal): Operation =>
    beginOperation(page(), fetcher, signal ? [lifetime.signal, signal] : [lifetime.signal])
  const run: Runner = async (work, signal) => {
    const { io, race, end } = begin(signal)
    return race((async () => work(io))()).finally(end)
  }
  const go = (url: string, how: 'assign' | 'replace'): void => {
    if (options.navigate) isolate(() => options.navigate?.(url))
    else page().location[how](url)
  }

  /** A landing being read: the lookup waits for it, so that nobody sees "signed out" meanwhile. */
  let arriving: Promise<S | null> | undefined
  const store = createSessionStore<S>({
    env,
    load: async () => {
      const given = await arriving
      arriving = undefined
      return given ?? run((io) => adapter.load(io))
    },
    initial: options.session?.initial,
    debug,
  })
  const ask = async (fresh: boolean, reason?: 'landing'): Promise<S | null> => {
    const { data, error } = await store.refetch({ fresh }, reason)
    // `session_expired` is what an answer says; every other error is the lack of one.
    if (error && error.code !== 'session_expired') throw error
    return data
  }

  const finish = async ({ url, transaction }: Landing): Promise<SignInResult<S>> => {
    if (!transaction) {
      // Replayed, or come back in another tab: only the backend knows whether it succeeded.
      const session = url.searchParams.has('error') ? null : await ask(true, 'landing')
      if (session) return { session, redirectTo: page().location.href }
      throw new AuthError(
        'state_unknown',
        'This tab started no such sign-in, or finished it before.',
      )
    }
    const arrival = run((io) => adapter.finish({ url, transaction }, io))
    arriving = arrival.catch(() => null) // refused: the lookup tells whether somebody is signed in
    const answer = ask(true, 'landing')
    answer.catch(() => null)
    await arrival
    const session = await answer
    if (!session) {
      throw new AuthError(
        'cookie_blocked',
        'Signed in, but the session cookie is not sent back: app and backend must be on one site.',
      )
    }
    // Checked again: what was stored may have been tampered with since.
    const redirectTo = resolveRedirectTo(transaction.redirectTo, origin) ?? `${origin}/`
    if (callbackURL !== undefined) go(redirectTo, 'replace')
    return { session, redirectTo }
  }

  const landings = new Map<string, Promise<SignInResult<S> | null>>()
  /** Once per URL. The address bar is clean when this returns; the rest follows. */
  const complete = (href: string): Promise<SignInResult<S> | null> => {
    const known = landings.get(href)
    if (known || !env) return known ?? Promise.resolve(null)
    const landing = takeLanding(href, createTransactions(env), adapter)
    if (landing && href === env.location.href) stripLanding(env)
    if (landing) debug({ type: 'signIn:landed', provider: landing.transaction?.provider ?? null })
    const result = landing ? finish(landing) : Promise.resolve(null)
    // Whoever calls `completeSignIn` handles it; whoever does not has a debug log.
    result.catch((error: AuthError) => debug({ type: 'signIn:failed', error }))
    landings.set(href, result)
    return result
  }
  const arrivedAt = env?.location.href ?? ''
  void complete(arrivedAt)

  const signOut = async ({ redirectTo, signal }: SignOutOptions): Promise<{ revoked: boolean }> => {
    const target = redirectTo === undefined ? undefined : requireRedirectTo(redirectTo, origin)
    const { data } = store.session.value
    const { revoked, url } = await run((io) => adapter.signOut(data, io), signal)
    store.set(null)
    debug({ type: 'signOut:done', revoked })
    if (url !== undefined) page().location.assign(url)
    else if (target !== undefined) go(target, 'assign')
    return { revoked }
  }
  let leaving: Promise<{ revoked: boolean }> | undefined

  const client: AuthClient<S> = {
    session: store.session,
    fetching: store.fetching,
    refetch: (how) => store.refetch(how),
    ready: store.ready,
    hydrate: store.hydrate,
    signIn: ((provider: string, how?: SignInOptions) => {
      try {
        return signIn(
          {
            env: page(),
            transactions: createTransactions(page()),
            realm: adapter.realm,
            ttl: adapter.ttl,
            callbackURL,
            start: (request, signal) => {
              const { io, race, end } = begin(signal)
              const start = adapter.start(request, io)
              if (start instanceof Promise) return race(start).finally(end)
              end()
              return start
            },
            debug,
          },
          provider,
          how ?? {},
        )
      } catch (error) {
        return Promise.reject(toAuthError(error))
      }
    }) as AuthClient<S>['signIn'],
    signOut: (how = {}) =>
      (leaving ??= signOut(how).finally(() => {
        leaving = undefined
      })),
    getSession: async ({ fresh = false } = {}) => {
      const { status, data } = store.session.value
      const known = status === 'authenticated' || status === 'unauthenticated'
      if (known && !fresh) return data
      page()
      return ask(fresh)
    },
    completeSignIn: async (url) =>
      complete(url === undefined ? arrivedAt : new URL(url, page().location.href).href),
    dispose: () => lifetime.abort(),
  }
  return {
    ...client,
    ...adapter.methods?.({ run, set: store.set, load: () => ask(true) }),
  } as AuthClient<S> & M
}

function resolveBaseURL(baseURL: string, origin: string): string {
  const url = URL.canParse(baseURL, origin) ? new URL(baseURL, origin) : undefined
  if (url && /^https?:$/.test(url.protocol) && !url.username && !url.search && !url.hash) {
    return url.href.replace(/\/+$/, '')
  }
  throw new AuthError(
    'invalid_config',
    `baseURL must be where the backend is mounted, such as 'https://example.com/auth', not "${baseURL}".`,
  )
}
