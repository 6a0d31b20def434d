import type { SignInOptions } from '../api.js'
import { AuthError } from '../errors.js'
import type { Session, Start, StartRequest } from '../types.js'
import type { FlowKit } from './kit.js'
import { idOf, withoutLanding } from './landing.js'
import { attemptPopup, type Attempt, type PopupFlow } from './popup.js'
import { resolveRedirectTo } from './redirect-to.js'
import { leave } from './redirect.js'
import { begin } from './start.js'
import { createId, remember, take } from './transaction.js'
import { toPopup } from './window.js'

/** What was asked for. */
export interface Asked extends SignInOptions {
  readonly intent: StartRequest['intent']
}

/** The sign-ins of one client: by redirect, or in one popup at a time. */
export interface SignIns<S extends Session> {
  /**
   * Throws what is wrong with the input, and is not `async`: all of it runs in the caller's click
   * when the adapter answers at once. `given`: what `open()` answered in that click already.
   */
  readonly signIn: (provider: string, options: Asked, given?: unknown) => Promise<S | string>
  /** Ends the popup under way, also one that only a late result could come of. */
  readonly cancel: () => void
}

export function createSignIns<S extends Session>(kit: PopupFlow<S>): SignIns<S> {
  let live: Attempt<S> | undefined

  const inPopup = (provider: string, options: Asked, given: unknown): Promise<S | string> => {
    const { intent, scopes, params, popup } = options
    const purpose = JSON.stringify([intent, provider, scopes, params])
    if (live?.waiting() && live.purpose === purpose) {
      live.focus()
      toPopup(kit.env, given)?.close() // the first click's code had not come yet either
      return live.promise
    }
    const request = createRequest(kit, provider, options, true)
    const superseding = live?.waiting() ?? false
    cancel()
    live = attemptPopup(kit, purpose, request, options, given)
    if (live) return live.promise
    const none = typeof popup === 'object' && popup.fallback === 'none'
    // In a frame a redirect would be refused, by the provider or by the browser.
    if (none || superseding || kit.env.top !== kit.env) {
      throw new AuthError('popup_blocked')
    }
    return redirect(kit, provider, options)
  }

  const cancel = (): void => live?.end(new AuthError('superseded'))

  return {
    signIn: (provider, options, given) =>
      options.popup ? inPopup(provider, options, given) : redirect(kit, provider, options),
    cancel,
  }
}

function redirect<S extends Session>(
  kit: FlowKit<S>,
  provider: string,
  options: Asked,
): Promise<string> {
  const { env, adapter, debug } = kit
  const request = createRequest(kit, provider, options, false)
  const go = ({ url, secret }: Start): Promise<string> => {
    // Where the backend had no room for the id, the page it comes back to has to do.
    const key = url.includes(request.id) ? request.id : idOf(request.landing.href)
    const { realm, ttl } = adapter
    remember(env, { ...request, realm, secret, expiresAt: env.Date.now() + ttl }, key)
    debug({ type: 'signIn:start', provider, mode: 'redirect' })
    if (options.redirect === false) return Promise.resolve(url)
    return leave(env, url).catch((error: unknown) => {
      take(env, key)
      throw error
    })
  }
  const { now, starting } = begin(kit, request, options.signal)
  return now ? go(now) : starting.then(go)
}

function createRequest<S extends Session>(
  { env, options: { callbackURL } }: FlowKit<S>,
  provider: string,
  { intent, redirectTo, scopes, params, signal }: Asked,
  popup: boolean,
): StartRequest {
  if (typeof provider !== 'string' || !/^[a-z\d][\w.:-]{0,63}$/i.test(provider)) {
    throw new AuthError('invalid_provider', 'Name a provider.')
  }
  if (signal?.aborted) throw new AuthError('aborted')
  const { href, origin } = env.location
  const named = redirectTo !== undefined
  const callback = callbackURL === undefined ? undefined : new URL(callbackURL, origin)
  // Without what an earlier landing, or whoever made a link, has left in it.
  let target = withoutLanding(resolveRedirectTo(redirectTo ?? href, origin))
  if (callback?.pathname === new URL(target).pathname) {
    if (named) {
      throw new AuthError('invalid_redirect', 'That is the callbackURL')
    }
    target = `${origin}/` // trying again from the callback page must not come back to it
  }
  return {
    id: createId(env),
    intent,
    provider,
    // A popup comes back to a page of its own and leaves this one where it is.
    landing: callback ?? new URL(popup ? withoutLanding(href) : target),
    exact: named && !popup,
    redirectTo: target,
    popup,
    scopes,
    params,
  }
}
