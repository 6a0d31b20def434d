import type { SignInOptions } from '../api.js'
import { AuthError, toAuthError } from '../errors.js'
import type { Landing, Session, StartRequest } from '../types.js'
import type { FlowKit } from './kit.js'
import { idOf } from './landing.js'
import { begin } from './start.js'
import { watchPopup } from './watch.js'
import { openPopup, toPopup } from './window.js'
import { openWire } from './wire.js'

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
  readonly land: (landing: Landing, signal?: AbortSignal) => Promise<S>
}

/**
 * Opens the popup, now, and sees it through. `undefined`: it was blocked, and nothing has happened.
 * `given`: what `open()` answered in the same click, before this code was there.
 */
export function attemptPopup<S extends Session>(
  kit: PopupFlow<S>,
  purpose: string,
  request: StartRequest,
  { popup: how, signal, timeout }: SignInOptions,
  given: unknown,
): Attempt<S> | undefined {
  const { env, adapter, debug } = kit
  const { id, provider, landing: target } = request
  const { status, data: before } = kit.state()
  const { now, starting } = begin(kit, request, signal)
  const popup =
    given === undefined
      ? openPopup(env, now?.url ?? 'about:blank', id, typeof how === 'object' ? how : {})
      : toPopup(env, given)
  if (!popup) return undefined
  debug({ type: 'signIn:start', provider, mode: 'popup' })

  const expiresAt = env.Date.now() + (timeout ?? adapter.ttl)
  let start = now
  let navigated = now !== undefined && given === undefined
  let waiting = true
  let over = false
  let resolve!: (session: S) => void
  let reject!: (error: AuthError) => void
  const promise = new Promise<S>((yes, no) => {
    resolve = yes
    reject = no
  })
  const settled = (): void => {
    waiting = false
  }
  promise.then(settled, settled)

  /** Every way out passes here, and leaves nothing behind. */
  const stop = (): void => {
    over = true
    wire.close()
    unwatch()
    signal?.removeEventListener('abort', abort)
    env.removeEventListener('message', wake)
    popup.close()
  }
  const fail = (error: AuthError): void => {
    debug({ type: 'signIn:failed', error })
    reject(error)
  }
  const end = (error: AuthError): void => {
    stop()
    if (waiting) fail(error)
  }
  const abort = (): void => end(new AuthError('aborted'))
  const land = (landing: string): void => {
    stop()
    const transaction = { ...request, realm: adapter.realm, secret: start?.secret, expiresAt }
    // A promise that was rejected before stays as it was.
    kit.land({ url: new URL(landing), transaction }, signal).then(resolve, reject)
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
    resolve(session)
    return true
  }

  let probed: string | undefined
  const wire = openWire(env, id, (message, source) => {
    const url = String(message.landing)
    // Of this origin, and about this sign-in inside too: anything else changes nothing.
    if (!url.startsWith(`${env.location.origin}/`) || idOf(url) !== id) return
    // On both channels, as it was sent: the one it came by may not lead back.
    wire.post(undefined, source)
    land(url)
  })
  /** No word of it is believed, and the popup lives on. */
  const wake = ({ origin }: Partial<MessageEvent>): void => {
    if (origin === adapter.wakes && origin !== env.location.origin) void probe(true)
  }
  env.addEventListener('message', wake)
  const unwatch = watchPopup({
    env,
    popup,
    deadline: expiresAt,
    navigated: () => navigated,
    look: (page) => {
      const { href } = page.url
      const inner = idOf(href)
      const isBack = inner === idOf(target.href) && adapter.claims?.(page.url, true)
      // Where it starts it may stay for a while, on this origin too, and with the id in its URL.
      if ((inner === id && href !== start?.url) || isBack) return land(href)
      const verdict = adapter.stuck?.(page)
      if (verdict && verdict !== 'arrived') return end(verdict)
      if (!verdict || probed === href) return undefined
      probed = href
      void probe(true)
      return undefined
    },
    closed: (certain) => {
      const closed = new AuthError('popup_closed')
      if (certain) return end(closed)
      // Soft: the inbox stays open, for the window may only have been severed from this page.
      void probe(false).then((found) => {
        if (!found && waiting) fail(closed)
      })
      return undefined
    },
    expired: () => end(new AuthError('popup_timeout')),
  })
  signal?.addEventListener('abort', abort)
  if (!navigated) {
    starting.then(
      (answer) => {
        start = answer
        navigated = true
        popup.location.replace(answer.url)
      },
      (error: unknown) => end(toAuthError(error)),
    )
  }
  return { purpose, promise, waiting: () => waiting, focus: () => popup.focus(), end }
}
