import type { PopupOptions } from '../api.js'
import type { Env } from '../env.js'

/** What can be asked of a popup; much of it throws or lies once the popup has left this origin. */
export interface Popup {
  readonly closed: boolean
  readonly location: { readonly href: string; replace: (url: string) => void }
  readonly document: { readonly body: { readonly innerText: string } | null }
  focus: () => void
  close: () => void
}

/**
 * Opens a window, now. `undefined`: the browser blocked it.
 *
 * `name` has to be unguessable: with a name it knows, a third-party frame of the page could send the
 * running sign-in elsewhere (Firefox).
 */
export function openPopup(
  env: Env,
  url: string,
  name: string,
  { width = 480, height = 640 }: PopupOptions,
): Popup | undefined {
  // Not clamped to zero: a second screen may lie left of the first.
  const left = Math.round(env.screenX + (env.outerWidth - width) / 2)
  const top = Math.round(env.screenY + (env.outerHeight - height) / 2)
  try {
    const features = `popup,width=${width},height=${height},left=${left},top=${top}`
    return toPopup(env, env.open(url, name, features))
  } catch {
    return undefined
  }
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
