import type { SignInOptions } from '../options.js'
import { AuthError, toAuthError } from '../errors.js'
import type { Landing, Session, StartRequest, Transaction } from '../types.js'
import { pageOf } from '../params.js'
import type { FlowKit } from './kit.js'
import { sharedBy } from './document.js'
import { idOf, OPEN } from './landing.js'
import { begin } from './start.js'
import { remember, take } from './transaction.js'
import { watchPopup } from './watch.js'
import { attempt, disown, isClosed, isEmbedded, label, mark, openPopup, toPopup } from './window.js'
import { landingIn, MINE, openWire, WHOSE } from './wire.js'

/** ms that a backend has to know of a sign-in whose popup is gone, before that is said. */
const PATIENCE = 500

/** A sign-in in a popup, from the click until nothing more can come of it. */
export interface Attempt<S extends Session> {
  /** What was asked for: a second click for the same brings the popup to the front. */
  readonly purpose: string
  readonly promise: Promise<S>
  /** Whether the promise still waits. After `popup_closed` it does not, while the attempt lives on. */
  readonly waiting: () => boolean
  readonly focus: () => void
  /** Ends it: nothing that comes later is heard. */
  readonly end: (error: AuthError) => void
}

export interface PopupFlow<S extends Session> extends FlowKit<S> {
  /** Reads a landing and makes what it brings the session. */
  readonly land: (landing: Landing, signal?: AbortSignal) => Promise<S | undefined>
  /** Told that somebody has signed in, and then that nothing more can come of this one. */
  readonly won: (attempt: object) => void
  readonly over: (attempt: object) => void
}

/**
 * Opens the popup, now, and sees it through. `undefined`: it was blocked, and nothing has happened.
 * `given`: what `open()` answered in the same click, before this code was there or to the caller.
 */
export function attemptPopup<S extends Session>(
  kit: PopupFlow<S>,
  purpose: string,
  request: StartRequest,
  { popup: how, signal, timeout }: SignInOptions,
  given: unknown,
): Attempt<S> | undefined {
  const { env, adapter, debug } = kit
  const { id, provider, landing } = request
  const { status, data: before } = kit.store.session.value
  const options = typeof how === 'object' ? how : {}
  const starts = new AbortController()
  const { now, starting } = begin(kit, request, starts.signal)
  const popup =
    given === undefined
      ? openPopup(env, now?.url ?? 'about:blank', id, options)
      : toPopup(env, given)
  if (!popup) return undefined
  debug({ type: 'signIn:start', provider, mode: 'popup' })

  const embedded = isEmbedded(env)
  const { awaited } = sharedBy(env)
  const expiresAt = env.Date.now() + (timeout ?? adapter.ttl)
  let transaction: Transaction = {
    ...request,
    landing: landing.href,
    realm: adapter.realm,
    secret: now?.secret,
    expiresAt,
  }
  let navigated = now !== undefined && given === undefined
  let waiting = true
  let over = false
  let resolve!: (session: S) => void
  let reject!: (error: AuthError) => void
  const promise = new Promise<S>((yes, no) => {
    resolve = yes
    reject = no
  })
  /** Of no use to an attempt that is over, and of use to one that waits for a late result. */
  const release = (): void => {
    if (over && !waiting) signal?.removeEventListener('abort', abort)
  }
  const settled = (): void => {
    waiting = false
    release()
  }
  promise.then(settled, settled)

  /**
   * After `open()`, so that the popup has no copy of it. A reload of this page finds it here; where
   * cookies are blocked a reload loses the popup, and nothing else does.
   */
  const keep = (): unknown =>
    attempt(() => {
      remember(env, transaction)
      env.sessionStorage.setItem(OPEN, '')
    })
  /** Every way out passes here, and leaves nothing behind. */
  const stop = (): void => {
    over = true
    env.removeEventListener('message', wake)
    wire.close()
    unwatch()
    take(env, id)
    awaited.delete(id)
    starts.abort()
    release()
    popup.close()
    kit.over(self)
  }
  const fail = (error: AuthError): void => {
    waiting = false // at once: the same click may go on to sign in again
    debug({ type: 'signIn:failed', error })
    reject(error)
  }
  const end = (error: AuthError): void => {
    if (!over) stop()
    if (waiting) fail(error)
  }
  const abort = (): void => end(new AuthError('aborted'))
  const gone = (code: string): AuthError =>
    new AuthError(code, undefined, embedded && isClosed(popup) ? { hint: 'embedded_coop' } : {})
  const win = (session: S): void => {
    resolve(session)
    kit.won(self)
  }
  const land = (url: string): void => {
    stop()
    // A promise that was rejected before stays as it was.
    kit
      .land({ url: new URL(url), transaction }, signal)
      .then((session) => (session ? win(session) : reject(new AuthError('popup_closed'))), reject)
  }
  /** Where nothing comes back from, the backend may know that somebody has signed in. */
  const probe = async (arrived: boolean): Promise<boolean> => {
    const session = await kit.ask(undefined).catch(() => null)
    // Somebody who may have been signed in all along is no evidence of a sign-in.
    const isNew = before
      ? session?.user.id !== before.user.id
      : arrived || status === 'unauthenticated'
    if (!session || !isNew || over) return false
    stop()
    win(session)
    return true
  }
  let told = false
  let heeding = false
  /** A word from elsewhere. Nothing of it is believed, and the popup lives on. */
  const wake = (event: Event): void => {
    const { origin } = event as MessageEvent
    if (origin !== adapter.wakes || origin === env.location.origin) return
    told = true
    if (!heeding) void heed()
  }
  /** However many there are: one question at a time, and one after the last of them. */
  const heed = async (): Promise<void> => {
    heeding = true
    while (told && !over) {
      told = false
      await probe(true)
    }
    heeding = false
  }
  let probed: string | undefined
  const probeOnce = (href: string): void => {
    if (probed === href) return
    probed = href
    void probe(true)
  }

  const wire = openWire(env, id, (message, source) => {
    if (message.landing === WHOSE) return wire.post(MINE, null)
    const url = landingIn(env, id, message)
    if (!url || (source && source !== popup)) return undefined
    // Without an id inside, it may be a page on the way: then only the backend knows.
    const arrived = idOf(url) === id || idOf(url) === idOf(landing.href)
    if (!arrived && !adapter.claims?.(new URL(url))) return probeOnce(url)
    // On all channels, as it was sent: the one it came by may not lead back.
    wire.post(undefined, source)
    return land(url)
  })
  const unwatch = watchPopup({
    env,
    popup,
    embedded,
    deadline: expiresAt,
    navigated: () => navigated,
    look: (page) => {
      const { href } = page.url
      // Its provider may be of this origin, too, and is sent the id as well.
      const isBack = href.includes(`latchkey=${id}`) || pageOf(href) === pageOf(landing.href)
      if (idOf(href) === id && isBack) return land(href)
      const verdict = adapter.stuck?.(page)
      if (verdict && verdict !== 'arrived') return end(verdict)
      return verdict ? probeOnce(href) : undefined
    },
    closed: (certain) => {
      if (certain) return end(new AuthError('popup_closed'))
      // Soft: the inbox stays open, for the window may only have been severed from this page.
      const giveUp = (): void => {
        env.clearTimeout(timer)
        if (!over && waiting) fail(gone('popup_closed'))
      }
      // However long the backend takes: what it finds later signs in all the same.
      const timer = env.setTimeout(giveUp, PATIENCE)
      void probe(false).then(giveUp)
      return undefined
    },
    expired: () => end(gone('popup_timeout')),
  })
  /** `opener` is taken from the page that comes next, and this one keeps its handle. */
  const sent = (): void => {
    navigated = true
    if (options.isolate && !embedded) disown(popup)
  }
  const self: Attempt<S> = {
    purpose,
    promise,
    waiting: () => waiting,
    focus: () => popup.focus(),
    end,
  }
  signal?.addEventListener('abort', abort)
  if (adapter.wakes) env.addEventListener('message', wake)
  awaited.add(id)
  keep()
  if (navigated) sent()
  else {
    mark(popup, id)
    label(popup)
    starting.then(
      ({ url, secret }) => {
        if (over) return
        transaction = { ...transaction, secret }
        keep()
        popup.location.replace(url)
        sent()
      },
      (error: unknown) => end(toAuthError(error)),
    )
  }
  return self
}
