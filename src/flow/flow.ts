import type { AuthClient, SignInOptions, SignInResult, SignOutOptions } from '../api.js'
import { AuthError, isolate, toAuthError } from '../errors.js'
import type { Landing, Session, StartRequest } from '../types.js'
import type { FlowKit } from './kit.js'
import { idOf, isLanding, withoutLanding } from './landing.js'
import { resolveRedirectTo } from './redirect-to.js'
import { createSignIns } from './sign-in.js'
import { takeLanding } from './transaction.js'
import { deliver } from './wire.js'

/** What a click or a landing needs: its own chunk, so that a page that needs neither has neither. */
export interface Flow<S extends Session> {
  /** Never throws. `given`: what `open()` answered when the click came before this code. */
  readonly signIn: (
    provider: string,
    options?: SignInOptions,
    intent?: StartRequest['intent'],
    given?: unknown,
  ) => Promise<S | string>
  readonly signOut: AuthClient<S>['signOut']
  readonly completeSignIn: AuthClient<S>['completeSignIn']
  /** Ends the popup under way. */
  readonly cancel: () => void
}

export function createFlow<S extends Session>(kit: FlowKit<S>): Flow<S> {
  const { env, adapter, run, debug, landed } = kit
  const { callbackURL, navigate } = kit.options
  const { origin } = env.location
  if (callbackURL !== undefined) resolveRedirectTo(callbackURL, origin)
  const go = (url: string): void => {
    if (navigate) isolate(() => navigate(url))
    else env.location.replace(url)
  }

  const land = async (
    { url, transaction }: Landing,
    signal?: AbortSignal,
    href?: string,
  ): Promise<S> => {
    try {
      let session: S | null = null
      if (transaction) session = await run((io) => adapter.finish({ url, transaction }, io), signal)
      else if (await deliver(env, idOf(url.href), url.href)) env.close()
      if (session) kit.set(session)
      // Arrived: the backend knows who. Also where this tab started nothing (come back in another
      // one, or replayed), but for an error: whoever made that link may have made it up.
      else if (transaction || !url.searchParams.has('error')) session = await kit.ask(href)
      if (session) return session
      throw transaction
        ? new AuthError('cookie_blocked', adapter.blocked ?? 'No cookie came back: use one site.')
        : new AuthError('state_unknown', 'Expired or finished.')
    } catch (error) {
      debug({ type: 'signIn:failed', error: toAuthError(error) })
      throw error
    }
  }
  const { signIn, cancel } = createSignIns<S>({ ...kit, land })

  const complete = async (href: string | undefined): Promise<SignInResult<S> | null> => {
    if (!href || !isLanding(env, href, adapter)) return null
    const landing = takeLanding(env, href)
    const session = await land(landing, undefined, href)
    // Checked again: what was stored may have been tampered with since.
    const redirectTo = landing.transaction
      ? resolveRedirectTo(landing.transaction.redirectTo, origin, `${origin}/`)
      : env.location.href
    // `latchkey/callback` has done so before: then this is the page.
    if (callbackURL !== undefined && withoutLanding(href) !== redirectTo) go(redirectTo)
    return { session, redirectTo }
  }
  /** Once per URL, however often it is asked for. */
  const completions = new Map<string | undefined, ReturnType<typeof complete>>()

  const signOut = async ({ redirectTo, signal }: SignOutOptions): Promise<{ revoked: boolean }> => {
    const target = redirectTo === undefined ? '' : resolveRedirectTo(redirectTo, origin)
    const { revoked, url } = await run((io) => adapter.signOut(kit.state().data, io), signal)
    cancel()
    kit.set(null)
    if (url !== undefined) env.location.assign(url)
    else if (target) go(target)
    return { revoked }
  }
  let leaving: ReturnType<typeof signOut> | undefined

  return {
    signIn: (provider, options = {}, intent = 'signIn', given) => {
      try {
        return signIn(provider, { ...options, intent }, given)
      } catch (error) {
        return Promise.reject(toAuthError(error))
      }
    },
    signOut: (options = {}) =>
      (leaving ??= signOut(options).finally(() => {
        leaving = undefined
      })),
    completeSignIn: (url) => {
      const here = env.location.href
      const given = url !== undefined && URL.canParse(url, here) ? new URL(url, here).href : ''
      const href = url === undefined ? landed : given
      const completion = completions.get(href) ?? complete(href)
      completion.catch(() => null) // for whoever asks: `debug` has told the others
      completions.set(href, completion)
      return completion
    },
    cancel,
  }
}
