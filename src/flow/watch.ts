import type { Env } from '../env.js'
import { isClosed, readPage, type Popup } from './window.js'

export interface Watched {
  readonly env: Env
  readonly popup: Popup
  /** In a frame of another site, which may never have the focus again. */
  readonly embedded: boolean
  /** ms since the epoch. */
  readonly deadline: number
  /** Whether the popup has been sent to the provider: before that nothing can have severed it. */
  readonly navigated: () => boolean
  /** Shown every page of the popup that can be read. */
  readonly look: (page: { readonly url: URL; readonly text: string }) => void
  /** Gone, as far as can be told. `certain`: no late result can come. */
  readonly closed: (certain: boolean) => void
  readonly expired: () => void
}

/** ms between two looks. */
const INTERVAL = 500
/** Looks, one after the other, that find it closed: a second's worth once the focus is back. */
const GRACE = 2
/** The same where the focus says nothing, since the page never lost it: five seconds' worth. */
const BLIND_GRACE = 10

/**
 * Watches a popup without believing it: a window that COOP has severed and one that the user has
 * closed look alike, down to the last property. They differ in where the focus is: while the user
 * is in the popup, the page does not have it. Answers how to stop.
 */
export function watchPopup(watched: Watched): () => void {
  const { env, popup, embedded } = watched
  let timer: number | undefined
  let gone = 0
  // A window opened before this code was there has taken the focus already.
  let blurred = !env.document.hasFocus()

  const check = (event?: Event): void => {
    env.clearTimeout(timer)
    timer = env.setTimeout(check, INTERVAL)
    const focused = env.document.hasFocus()
    // The event too: the focus moves in two steps, and the page is told before it has lost it.
    blurred ||= !focused || event?.type === 'blur'
    if (env.Date.now() >= watched.deadline) return watched.expired()
    if (!isClosed(popup)) {
      gone = 0
      const page = readPage(popup, env.location.origin)
      return page ? watched.look(page) : undefined
    }
    if (!watched.navigated()) return watched.closed(true)
    // Events make it look at once, and do not make time pass.
    if (!focused && !embedded) gone = 0
    else if (!event) gone += 1
    if (gone < (blurred && !embedded ? GRACE : BLIND_GRACE)) return undefined
    gone = -Infinity // said once, unless the focus goes away and comes again
    return watched.closed(false)
  }
  const events = ['focus', 'blur', 'visibilitychange', 'pageshow']
  for (const event of events) env.addEventListener(event, check)
  timer = env.setTimeout(check, INTERVAL)
  return () => {
    env.clearTimeout(timer)
    for (const event of events) env.removeEventListener(event, check)
  }
}
