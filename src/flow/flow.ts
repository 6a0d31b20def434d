import type { AuthClient, SignInResult, SignOutOptions } from '../api.js'
import { AuthError, isolate, toAuthError } from '../errors.js'
import { pageOf, readParams } from '../params.js'
import type { AuthorizeOptions, Landing, Session } from '../types.js'
import { sharedBy } from './document.js'
import { handOn } from './hand-on.js'
import type { FlowKit } from './kit.js'
import { idOf, isLanding, ownId, stored, withoutLanding } from './landing.js'
import { resolveRedirectTo } from './redirect-to.js'
import { createSignIns } from './sign-in.js'
import { takeLanding, type Arrival } from './transaction.js'
import { deliver, hush } from './wire.js'

/** What a click or a landing needs: its own chunk, so that a page that needs neither has neither. */
export interface Flow<S extends Session> {
  /** Never throws. `given`: what `open()` answered when the click came before this code. */
  readonly signIn: (
    provider: string,
    options?: AuthorizeOptions,
    given?: unknown,
  ) => Promise<S | string>
  readonly signOut: AuthClient<S>['signOut']
  readonly completeSignIn: AuthClient<S>['completeSignIn']
}

export function createFlow<S extends Session>(kit: FlowKit<S>): Flow<S> {
  const { env, adapter, run, debug, landed, store, ended } = kit
  const { callbackURL, navigate } = kit.options
  const { origin } = env.location
  if (callbackURL !== undefined) resolveRedirectTo(callbackURL, origin)
  const go = (url: string): void => {
    if (navigate) isolate(() => navigate(url))
    else env.location.replace(url)
  }

  const land = async (
    { url, transaction, id }: Landing & Partial<Arrival>,
    signal?: AbortSignal,
    href?: string,
    began = store.ends,
  ): Promise<S | undefined> => {
    try {
      // An answer in the query and another in the fragment: one of them is not the provider's.
      if (/[?&]state=.*#(.*[?&])?state=/.test(url.href)) throw new AuthError('state_mismatch')
      let session: S | null | undefined = null
      // The end of this client is none: whoever comes next finds what is kept.
      const isOver = (): boolean => began !== store.ends
      if (transaction || id === undefined) {
        session = await run((io) => adapter.finish({ url, transaction }, io, isOver), signal)
      }
      if (session === undefined) return undefined // no sign-in at all
      // Arrived: the backend knows who. Also where this tab started nothing (come back in another
      // one, or replayed), but for an error: whoever made that link may have made it up.
      const asks = !session && (transaction || !readParams(url.href).has('error'))
      // Lookups wait for a landing that may bring tokens, so this one goes past them.
      const holds = adapter.credential === 'tokens'
      if (asks && holds) session = await run((io) => adapter.load(io), signal)
      const check = (): void => {
        if (isOver() || ended.aborted) throw new AuthError('superseded')
      }
      check()
      if (session) store.set(session)
      else if (asks && !holds) session = await kit.ask(href)
      if (session) return session
      check()
      throw transaction
        ? new AuthError('cookie_blocked', adapter.blocked ?? 'No cookie came back: use one site.')
        : new AuthError('state_unknown', 'Expired or finished.')
    } catch (error) {
      debug({ type: 'signIn:failed', error: toAuthError(error) })
      throw error
    }
  }
  const { signIn, cancel } = createSignIns<S>({ ...kit, land })
  ended.addEventListener('abort', cancel)

  const { callbackURL: page = '' } = kit.options
  const complete = async (href: string | undefined): Promise<SignInResult<S> | null> => {
    // In a frame whoever put it there may be watching: nothing is finished in one.
    if (!href || env.top !== env || !isLanding(env, href, adapter)) return null
    // This page's own is as old as the client, and this code may have come after a sign-out.
    const began = href === landed ? 0 : store.ends
    const take = (): Arrival => takeLanding(env, href, adapter)
    const { locks } = env.navigator
    // Every tab can read it: one of them may have it, and the others have nothing to finish.
    const isShared = kit.options.transactionStorage === 'local' && stored(env, ownId(env, href))
    const landing = isShared && locks ? await locks.request('latchkey', take) : take()
    const { transaction, id } = landing
    if (isShared && !transaction) return null
    if (!transaction && id !== undefined) {
      ended.addEventListener('abort', () => hush(env, id))
      const delivered = !ended.aborted && (await deliver(env, id, landing.url.href))
      if (ended.aborted) throw new AuthError('aborted')
      if (delivered) env.close()
      // It is that tab's now. Or this is a popup on some page of the app, and no landing at all.
      if (delivered || id !== idOf(href)) return null
    }
    // What goes with the page is fetched by the page that stays.
    if (adapter.reach === 'page' && !navigate && handOn(env, landing)) return new Promise(() => {})
    const session = await land(landing, undefined, href, began)
    if (!session) return null
    const home = `${origin}/`
    const here = env.location.href
    // Checked again: what was stored may have been tampered with since.
    const redirectTo = transaction
      ? resolveRedirectTo(transaction.redirectTo, origin, home)
      : page && idOf(here) === idOf(new URL(page, origin).href)
        ? home
        : here
    // The backend may have come back to another page than it was asked to.
    const isAstray = transaction && pageOf(landing.url.href) !== pageOf(transaction.landing)
    // `latchkey/callback` has done so before, or a link led here: then this is the page.
    const isThere = redirectTo === here || redirectTo === withoutLanding(href)
    if ((page || isAstray) && !isThere) go(redirectTo)
    return { session, redirectTo }
  }
  /** Once per URL, however often it is asked for, and by whichever client of this page. */
  const { landings } = sharedBy(env) as { landings: Map<string, ReturnType<typeof complete>> }

  const signOut = async (how: SignOutOptions): Promise<{ revoked: boolean }> => {
    const { redirectTo, signal, scope } = how
    const target = redirectTo == null ? '' : resolveRedirectTo(redirectTo, origin)
    const { data } = store.session.value
    // What is being exchanged now is to be kept by nobody. A cookie may outlive a failed sign-out.
    if (adapter.credential === 'tokens' && scope !== 'others') store.ends += 1
    const { revoked, url, stays } = await run(
      (io) => adapter.signOut(data, io, target, scope),
      signal,
    )
    if (stays) return { revoked: await revoked }
    cancel()
    store.set(null)
    const answer = { revoked: await revoked }
    if (url !== undefined) env.location.assign(url)
    else if (target) go(target)
    return answer
  }
  let leaving: ReturnType<typeof signOut> | undefined
  /** Whose sign-out that is. */
  let left: S | null

  return {
    // `null` is as nothing said, where types do not forbid it.
    signIn: (provider, options, given) => {
      try {
        return signIn(provider, options ?? {}, given)
      } catch (error) {
        return Promise.reject(toAuthError(error))
      }
    },
    signOut: (options) => {
      const { data } = store.session.value
      // Two clicks are one. With a scope, or of whoever has signed in since, it is another one.
      if (options?.scope || (leaving && data && data !== left)) return signOut(options ?? {})
      left = data
      return (leaving ??= signOut(options ?? {}).finally(() => {
        leaving = undefined
      }))
    },
    completeSignIn: (url) => {
      const here = env.location.href
      const given = url != null && URL.canParse(url, here) ? new URL(url, here).href : ''
      const href = url == null ? landed : given
      // Another client may have been here first, and have cleaned the address.
      const key = `${adapter.realm} ${given}`
      const completion = landings.get(key) ?? complete(href)
      completion.catch(() => null) // for whoever asks: `debug` has told the others
      if (href) landings.set(key, completion).set(`${adapter.realm} ${href}`, completion)
      return completion
    },
  }
}
