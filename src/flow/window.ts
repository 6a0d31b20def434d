import type { PopupOptions } from '../api.js'
import type { Env } from '../env.js'
import { MARKER } from './landing.js'

/** What can be asked of a popup; much of it throws or lies once the popup has left this origin. */
export interface Popup {
  readonly closed: boolean
  opener: unknown
  readonly location: { readonly href: string; replace: (url: string) => void }
  readonly document: {
    title: string
    readonly body: { readonly innerText: string; textContent: string | null } | null
  }
  readonly sessionStorage: Pick<Storage, 'setItem'>
  focus: () => void
  close: () => void
}

/**
 * Opens a window, now. `undefined`: the browser blocked it.
 *
 * `id` is its name, and has to be unguessable: with a name it knows, a third-party frame of the page
 * could send the running sign-in elsewhere (Firefox). The window also gets a copy of this tab's
 * storage, and so the id alone of all that is kept for it.
 */
export function openPopup(
  env: Env,
  url: string,
  id: string,
  { width = 480, height = 640 }: PopupOptions,
): Popup | undefined {
  // Not clamped to zero: a second screen may lie left of the first.
  const left = Math.round(env.screenX + (env.outerWidth - width) / 2)
  const top = Math.round(env.screenY + (env.outerHeight - height) / 2)
  try {
    mark(env, id)
    const features = `popup,width=${width},height=${height},left=${left},top=${top}`
    return toPopup(env, env.open(url, id, features))
  } catch {
    return undefined
  } finally {
    attempt(() => env.sessionStorage.removeItem(MARKER))
  }
}

/** Tells a window of this origin which sign-in it is for. */
export function mark(
  window: { readonly sessionStorage: Pick<Storage, 'setItem'> },
  id: string,
): void {
  attempt(() => window.sessionStorage.setItem(MARKER, id))
}

/** What may throw, for lack of storage or of an origin in common, and changes nothing then. */
export function attempt<T>(act: () => T): T | undefined {
  try {
    return act()
  } catch {
    return undefined
  }
}

/** What a blank popup shows. It has the page's own Content-Security-Policy. */
export function label(popup: Popup): void {
  attempt(() => {
    popup.document.title = 'Signing in…'
    popup.document.body!.textContent = 'Signing in…'
  })
}

/** The popup can no longer reach this page, nor, in Chromium, this page close the popup. */
export function disown(popup: Popup): void {
  attempt(() => {
    popup.opener = null
  })
}

/**
 * What `open()` answered, if it is a window to sign in in. A blocked one looks different everywhere:
 * `null`, `undefined`, a closed window, or (Android's WebView) this very window.
 */
export function toPopup(env: Env, opened: unknown): Popup | undefined {
  const popup = opened as Popup | null | undefined
  return popup && opened !== env && !isClosed(popup) ? popup : undefined
}

/** `true` also where asking throws. */
export function isClosed(popup: Popup): boolean {
  try {
    return popup.closed !== false
  } catch {
    return true
  }
}

/** The popup's page while it is one of this origin; `null` while it is anybody else's. */
export function readPage(popup: Popup, origin: string): { url: URL; text: string } | null {
  try {
    const url = new URL(popup.location.href)
    return url.origin === origin ? { url, text: popup.document.body?.innerText ?? '' } : null
  } catch {
    return null
  }
}

/** Whether this page is in a frame of another origin's. */
export function isEmbedded(env: Env): boolean {
  try {
    return env.top !== env && !(env.top as Window).location.href
  } catch {
    return true
  }
}
