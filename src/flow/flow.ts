import type {
  AuthClient,
  ClientOptions,
  SignInOptions,
  SignInResult,
  SignOutOptions,
} from '../api.js'
import type { Env } from '../env.js'
import { AuthError, isolate, toAuthError } from '../errors.js'
import type { Adapter, DebugEvent, Landing, Runner, Session } from '../types.js'
import { idOf, isLanding } from './landing.js'
import { requireRedirectTo, resolveRedirectTo } from './redirect-to.js'
import { createSignIns } from './sign-in.js'
import { takeLanding } from './transaction.js'
import { deliver } from './wire.js'

/** What a flow is given by the client. */
export interface FlowKit<S extends Session> {
  readonly env: Env
  readonly adapter: Adapter<S>
  readonly options: Pick<ClientOptions, 'callbackURL' | 'navigate'>
  readonly run: Runner
  readonly debug: (event: DebugEvent) => void
  /** The URL this page was landed on by, when it was noticed to be a landing. */
  readonly landed: string | undefined
  readonly session: () => S | null
  readonly set: (session: S | null) => void
  /** What the backend says since the landing at `href`. Rejects when it says nothing. */
  readonly ask: (href: string) => Promise<S | null>
}

/** What a click or a landing needs: its own chunk, so that a page that needs neither has neither. */
export interface Flow<S extends Session> {
  /** Never throws. `given`: what `open()` answered when the click came before this code. */
  readonly signIn: (
    provider: string,
    options?: SignInOptions,
    given?: unknown,
  ) => Promise<S | string>
  readonly signOut: AuthClient<S>['signOut']
  readonly completeSignIn: AuthClient<S>['completeSignIn']
  /** What came with the landing at {@link FlowKit.landed}. `null`: nothing did. */
  readonly brought: Promise<S | null>
}

export function createFlow<S extends Session>(kit: FlowKit<S>): Flow<S> {
  const { env, adapter, run, debug, landed } = kit
  const { callbackURL, navigate } = kit.options
  const { origin } = env.location
  if (callbackURL !== undefined && !resolveRedirectTo(callbackURL, origin)) {
    throw new AuthError('invalid_config', `callbackURL must be a page of ${origin}.`)
  }
  const go = (how: 'assign' | 'replace', url: string): void => {
    if (navigate) isolate(() => navigate(url))
    else env.location[how](url)
  }

  /** `null`: the user has arrived, and the backend knows the rest. */
  const read = async ({ url, transaction }: Landing, signal?: AbortSignal): Promise<S | null> => {
    debug({ type: 'signIn:landed', provider: transaction?.provider ?? null })
    try {
      if (transaction) return await run((io) => adapter.finish({ url, transaction }, io), signal)
      if (await deliver(env, idOf(url.href), url.href)) env.close()
      // Come back in another tab, or replayed: only the backend knows whether it succeeded. An
      // error is nobody's: whoever made the link may have made it up.
      if (url.searchParams.has('error')) throw unknown()
      return null
    } catch (error) {
      debug({ type: 'signIn:failed', error: toAuthError(error) })
      throw error
    }
  }
  const settle = async (landing: Landing, reading: Promise<S | null>): Promise<S> => {
    const given = await reading
    if (given) kit.set(given)
    const session = given ?? (await kit.ask(landing.url.href))
    if (!session) throw landing.transaction ? blocked() : unknown()
    return session
  }
  const { signIn, cancel } = createSignIns<S>({
    ...kit,
    land: (landing, signal) => settle(landing, read(landing, signal)),
  })

  const arrive = async (landing: Landing, reading: Promise<S | null>): Promise<SignInResult<S>> => {
    const session = await settle(landing, reading)
    const { transaction } = landing
    if (!transaction) return { session, redirectTo: env.location.href }
    // Checked again: what was stored may have been tampered with since.
    const redirectTo = resolveRedirectTo(transaction.redirectTo, origin) ?? `${origin}/`
    if (callbackURL !== undefined && env.location.href !== redirectTo) go('replace', redirectTo)
    return { session, redirectTo }
  }

  interface Completion {
    readonly reading: Promise<S | null>
    readonly result: Promise<SignInResult<S> | null>
  }
  const nothing = Promise.resolve(null)
  const completions = new Map<string, Completion>()
  /** Once per URL, however often it is asked for. */
  const complete = (href: string | undefined): Completion => {
    const before = completions.get(href ?? '')
    if (before) return before
    const landing =
      href !== undefined && isLanding(env, href, adapter) ? takeLanding(env, href) : null
    const reading = landing ? read(landing) : nothing
    const result = landing ? arrive(landing, reading) : nothing
    result.catch(() => null) // for whoever calls `completeSignIn`: `debug` has told the others
    completions.set(href ?? '', { reading, result })
    return { reading, result }
  }

  const signOut = async ({ redirectTo, signal }: SignOutOptions): Promise<{ revoked: boolean }> => {
    const target = redirectTo === undefined ? '' : requireRedirectTo(redirectTo, origin)
    const { revoked, url } = await run((io) => adapter.signOut(kit.session(), io), signal)
    cancel(new AuthError('superseded', 'Signed out meanwhile.'))
    kit.set(null)
    debug({ type: 'signOut:done', revoked })
    if (url !== undefined) env.location.assign(url)
    else if (target) go('assign', target)
    return { revoked }
  }
  let leaving: ReturnType<typeof signOut> | undefined

  return {
    signIn: (provider, options = {}, given) => {
      try {
        return signIn(provider, options, given)
      } catch (error) {
        return Promise.reject(toAuthError(error))
      }
    },
    signOut: (options = {}) =>
      (leaving ??= signOut(options).finally(() => {
        leaving = undefined
      })),
    completeSignIn: async (url) =>
      complete(url === undefined ? landed : new URL(url, env.location.href).href).result,
    brought: complete(landed).reading.catch(() => null),
  }
}

function unknown(): AuthError {
  return new AuthError('state_unknown', 'Not started in this tab, expired, or finished before.')
}

function blocked(): AuthError {
  return new AuthError('cookie_blocked', 'No session cookie comes back: use one site for both.')
}
