import type { SignInOptions } from '../api.js'
import type { Env } from '../env.js'
import { AuthError, isAuthError } from '../errors.js'
import type { DebugEvent, Start, StartRequest } from '../types.js'
import { requireRedirectTo } from './redirect-to.js'
import { leave } from './redirect.js'
import { createId, type Transactions } from './transaction.js'

export interface SignInFlow {
  readonly env: Env
  readonly transactions: Transactions
  readonly realm: string
  /** ms a sign-in may take. */
  readonly ttl: number
  /** Page of this app that sign-ins come back to; `undefined`: straight to `redirectTo`. */
  readonly callbackURL: string | undefined
  readonly start: (request: StartRequest, signal: AbortSignal | undefined) => Start | Promise<Start>
  readonly debug: (event: DebugEvent) => void
}

/**
 * Sends the browser to the provider, or answers the URL that would (`redirect: false`). Throws and
 * is not `async`, so that all of it runs in the caller's click when the adapter answers at once.
 */
export function signIn(
  flow: SignInFlow,
  provider: string,
  options: SignInOptions,
): Promise<string> {
  requireProvider(provider)
  if (options.signal?.aborted) throw new AuthError('aborted', 'The signal was already aborted.')
  const { request, started } = begin(flow, provider, options, targets(flow, options.redirectTo))
  const go = (start: Start): Promise<string> => {
    remember(flow, request, start)
    flow.debug({ type: 'signIn:start', provider, mode: 'redirect' })
    if (options.redirect === false) return Promise.resolve(start.url)
    return leave(flow.env, start.url).catch((error: unknown) => {
      flow.transactions.remove(request.id)
      throw error
    })
  }
  return started instanceof Promise ? started.then(go) : go(started)
}

/** Where the user may end up, best first: a page that nobody asked for by name has alternatives. */
function targets({ env, callbackURL }: SignInFlow, redirectTo: string | undefined): string[] {
  const { origin, href } = env.location
  const home = `${origin}/`
  if (redirectTo === undefined) {
    const page = href.split(/[?#]/, 1)[0] ?? home
    // Trying again from the callback page must not come back to it.
    return page === callbackURL?.split(/[?#]/, 1)[0] ? [home] : [href, page, home]
  }
  const target = requireRedirectTo(redirectTo, origin)
  if (callbackURL && new URL(target).pathname === new URL(callbackURL).pathname) {
    throw new AuthError('invalid_redirect', 'redirectTo must not be the callbackURL itself.')
  }
  return [target]
}

function begin(
  flow: SignInFlow,
  provider: string,
  options: SignInOptions,
  [redirectTo = '/', ...others]: readonly string[],
): { request: StartRequest; started: Start | Promise<Start> } {
  const request: StartRequest = {
    id: createId(flow.env),
    intent: 'signIn',
    provider,
    landing: new URL(flow.callbackURL ?? redirectTo),
    redirectTo,
    ...(options.scopes && { scopes: options.scopes }),
    ...(options.params && { params: options.params }),
  }
  try {
    return { request, started: flow.start(request, options.signal) }
  } catch (error) {
    // The backend would refuse this very page (Aura knows no `%`): come back as near as it allows.
    if (others.length === 0 || !isAuthError(error, 'invalid_redirect')) throw error
    return begin(flow, provider, options, others)
  }
}

function remember(flow: SignInFlow, request: StartRequest, start: Start): void {
  const { id, provider, intent, redirectTo } = request
  const createdAt = flow.env.Date.now()
  flow.transactions.write({
    id,
    realm: flow.realm,
    provider,
    intent,
    redirectTo,
    secret: start.secret,
    createdAt,
    expiresAt: createdAt + flow.ttl,
  })
}

function requireProvider(provider: string): void {
  if (typeof provider === 'string' && /^[A-Za-z0-9][\w.:-]{0,63}$/.test(provider)) return
  throw new AuthError(
    'invalid_provider',
    "A provider is named by letters, digits, '-', '_', '.' and ':', such as 'dribbble'.",
  )
}
