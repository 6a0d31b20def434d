import type { Env } from '../env.js'
import { isClosed, readPage, type Popup } from './window.js'

export interface Watched {
  readonly env: Env
  readonly popup: Popup
  /** ms since the epoch. */
  readonly deadline: number
  /** Whether the popup has been sent to the provider: before that nothing can have severed it. */
  readonly navigated: () => boolean
  /** Shown every page of the popup that can be read. */
  readonly look: (page: { readonly url: URL; readonly text: string }) => void
  /** Gone, as far as can be told. `certain`: no late result can come. Called once at most. */
  readonly closed: (certain: boolean) => void
  readonly expired: () => void
}

/** ms between two looks. */
const INTERVAL = 500
/** ms a closed popup is given once the page has the focus back, and where the focus says nothing. */
const GRACE = 1_000
const BLIND_GRACE = 5_000

/**
 * Watches a popup without believing it: a window that COOP has severed and one that the user has
 * closed look alike, down to the last property. They differ in where the focus is: while the user
 * is in the popup, the page does not have it. Answers how to stop.
 */
export function watchPopup(watched: Watched): () => void {
  const { env, popup } = watched
  let timer: number | undefined
  // A window opened before this code was there has taken the focus already.
  let blurred = !env.document.hasFocus()
  let goneSince: number | undefined
  let told = false

  const check = (): void => {
    env.clearTimeout(timer)
    timer = env.setTimeout(check, INTERVAL)
    const now = env.Date.now()
    const focused = env.document.hasFocus()
    blurred ||= !focused
    if (now >= watched.deadline) return watched.expired()
    if (!isClosed(popup)) {
      goneSince = undefined
      const page = readPage(popup, env.location.origin)
      if (page) watched.look(page)
      return
    }
    if (told) return
    if (watched.navigated()) {
      goneSince = focused ? (goneSince ?? now) : undefined
      // A page that never lost the focus says nothing by having it: headless, or no window manager.
      const grace = blurred ? GRACE : BLIND_GRACE
      if (goneSince === undefined || now - goneSince < grace) return
    }
    told = true
    watched.closed(!watched.navigated())
  }
  const events = ['focus', 'blur', 'visibilitychange']
  for (const event of events) env.addEventListener(event, check)
  timer = env.setTimeout(check, INTERVAL)
  return () => {
    env.clearTimeout(timer)
    for (const event of events) env.removeEventListener(event, check)
  }
}
