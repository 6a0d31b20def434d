import { AuthError } from '../errors.js'
import type { AuthorizeOptions, Session, Start, StartRequest } from '../types.js'
import type { FlowKit } from './kit.js'
import { idOf, MARKER, OPEN, read, withoutLanding } from './landing.js'
import { attemptPopup, type Attempt, type PopupFlow } from './popup.js'
import { resolveRedirectTo } from './redirect-to.js'
import { leave } from './redirect.js'
import { begin } from './start.js'
import { createId, remember, take } from './transaction.js'
import { isClosed, toPopup, type Popup } from './window.js'

/** The sign-ins of one client: by redirect, or in one popup at a time. */
export interface SignIns<S extends Session> {
  /**
   * Throws what is wrong with the input, and is not `async`: all of it runs in the caller's click
   * when the adapter answers at once. `given`: what `open()` answered in that click already.
   */
  readonly signIn: (
    provider: string,
    options: AuthorizeOptions,
    given?: unknown,
  ) => Promise<S | string>
  /** Ends every popup, also one that only a late result could come of. */
  readonly cancel: () => void
}

export function createSignIns<S extends Session>(
  base: Omit<PopupFlow<S>, 'won' | 'over'>,
): SignIns<S> {
  /** The popups that something may still come of, also after `popup_closed` or a reload. */
  const open = new Set<Pick<Attempt<S>, 'end'>>()
  let live: Attempt<S> | undefined

  const endAll = (but?: object): void => {
    for (const attempt of open) if (attempt !== but) attempt.end(new AuthError('superseded'))
  }
  const kit: PopupFlow<S> = {
    ...base,
    won: endAll,
    over: (attempt) => void open.delete(attempt as Attempt<S>),
  }
  // A popup has copies of what was kept before it was opened, and is nobody's opener.
  const { env, ended } = base
  const left = read(env, OPEN) !== null && read(env, MARKER) === null && !ended.aborted
  const resuming = left
    ? import('./resume.js').then(({ resumePopups }) => {
        for (const attempt of resumePopups(kit)) open.add(attempt)
      })
    : undefined
  resuming?.catch(() => null) // the popup says by itself that nobody is there
  const cancel = (): void => {
    endAll()
    resuming?.then(() => endAll()).catch(() => null)
  }

  const inPopup = (
    provider: string,
    options: AuthorizeOptions,
    given: unknown,
  ): Promise<S | string> => {
    const { intent, scopes, params, popup } = options
    const purpose = JSON.stringify([provider, intent, scopes, params, ownOf(options)])
    if (live?.waiting() && live.purpose === purpose) {
      live.focus()
      toPopup(kit.env, given)?.close() // the first click's code had not come yet either
      return live.promise
    }
    const request = createRequest(kit, provider, options, true)
    const superseding = live?.waiting() ?? false
    if (superseding) live?.end(new AuthError('superseded'))
    live = attemptPopup(kit, purpose, request, options, given)
    if (live) {
      open.add(live)
      return live.promise
    }
    const none = typeof popup === 'object' && popup.fallback === 'none'
    // In a frame a redirect would be refused, by the provider or by the browser.
    if (none || superseding || kit.env.top !== kit.env) {
      throw new AuthError('popup_blocked')
    }
    return redirect(kit, provider, options)
  }

  return {
    signIn: (provider, options, given) => {
      const { popup } = options
      const own = typeof popup === 'object' ? popup?.window : undefined
      const opened = own === undefined ? given : own
      try {
        if (ended.aborted) throw new AuthError('aborted')
        if (!popup) return redirect(kit, provider, options)
        // Open a moment ago, when the code for it had not come yet.
        if (given && isClosed(given as Popup)) throw new AuthError('popup_closed')
        return inPopup(provider, options, opened)
      } catch (error) {
        toPopup(kit.env, opened)?.close() // nothing will ever come to a window that stays blank
        throw error
      }
    },
    cancel,
  }
}

function redirect<S extends Session>(
  kit: FlowKit<S>,
  provider: string,
  options: AuthorizeOptions,
): Promise<string> {
  const { env, adapter, debug, ended } = kit
  const request = createRequest(kit, provider, options, false)
  const go = ({ url, secret }: Start): Promise<string> => {
    if (ended.aborted) throw new AuthError('aborted')
    const { id } = request
    const landing = request.landing.href
    // Where the backend had no room for the id, the page it comes back to has to do.
    const key = url.includes(id) ? id : idOf(landing)
    const { realm, ttl } = adapter
    const transaction = { ...request, landing, realm, secret, expiresAt: env.Date.now() + ttl }
    remember(env, transaction, key, `${kit.options.transactionStorage ?? 'session'}Storage`)
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
  options: AuthorizeOptions,
  popup: boolean,
): StartRequest {
  const { intent = 'signIn', redirectTo, scopes, params, signal } = options
  if (typeof provider !== 'string' || !/^[a-z\d][\w.:-]{0,63}$/i.test(provider)) {
    throw new AuthError('invalid_provider', 'Name a provider.')
  }
  if (signal?.aborted) throw new AuthError('aborted')
  const { href, origin } = env.location
  const named = redirectTo != null
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
    own: ownOf(options),
  }
}

/** The options that every backend knows. */
const KNOWN = /^(intent|redirectTo|popup|scopes|params|signal|timeout|redirect)$/

/** What is left without them. */
function ownOf(options: AuthorizeOptions): StartRequest['own'] {
  return Object.fromEntries(Object.entries(options).filter(([name]) => !KNOWN.test(name)))
}
