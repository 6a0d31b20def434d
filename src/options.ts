export interface PopupOptions {
  /** What a blocked popup becomes. Default `'redirect'`; `'none'` rejects `popup_blocked`. */
  readonly fallback?: 'redirect' | 'none'
  /** CSS px. Default 480 × 640, centred on the page's window. */
  readonly width?: number
  readonly height?: number
  /**
   * Takes `window.opener` away from the popup, so that no page in it can send this one elsewhere.
   * In return a second click cannot bring it to the front nor, in Chromium, an abort close it.
   * Without effect in a frame of another site. `Cross-Origin-Opener-Policy: same-origin` on the
   * app does the same. Default `false`.
   */
  readonly isolate?: boolean
  /**
   * A window that the caller has opened in this click, on `about:blank`: where something else has to
   * happen between the click and the call. `null`, as a blocked one is: a redirect.
   */
  readonly window?: Window | null
}

export interface SignInOptions {
  /**
   * Where the user ends up: a URL of this origin, relative to its root. The current page if left
   * out. Anything that leaves the origin rejects `invalid_redirect` before any navigation.
   */
  readonly redirectTo?: string
  /**
   * Sign in without leaving the page: resolves with the session. Call it in the click itself, with
   * nothing awaited before, or the browser blocks the window.
   */
  readonly popup?: boolean | PopupOptions
  /** OAuth scopes, where the backend lets the browser choose them. */
  readonly scopes?: readonly string[]
  /** Extra parameters for the backend or the provider, such as `login_hint`. */
  readonly params?: Readonly<Record<string, string>>
  readonly signal?: AbortSignal
  /** ms until a popup is given up: the adapter's own limit (Aura: 5 minutes) if left out. */
  readonly timeout?: number
  /** `false`: resolve with the URL and go nowhere. The URL must be opened in this tab. */
  readonly redirect?: boolean
}

/** A place for tokens: the browser's own `Storage` fits, and so does anything asynchronous. */
export interface TokenStorage {
  readonly getItem: (key: string) => string | null | Promise<string | null>
  readonly setItem: (key: string, value: string) => void | Promise<void>
  readonly removeItem: (key: string) => void | Promise<void>
}

/**
 * Where tokens are kept. `'memory'`: gone with the page, and out of reach of what runs in it later.
 * `'session'`: with the tab. `'local'`: every tab of this origin, until they end.
 */
export type StorageOption = 'memory' | 'session' | 'local' | TokenStorage
