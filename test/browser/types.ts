/** The engines the browser tests run on. */
export type EngineName = 'chromium' | 'firefox' | 'webkit'

/** One real browser engine, whether it is installed here or not. */
export interface Engine {
  readonly name: EngineName
  /** What is not installed, as the command that installs it. `null`: everything is there. */
  readonly missing: string | null
  /** Whether `page.messages` hears the console. WebKit's driver has no way to. */
  readonly console: boolean
  launch: () => Promise<Browser>
}

/** A running browser on a display of its own, where windows have a real keyboard focus. */
export interface Browser {
  /** A profile nobody used before: its own cookies, storage and channels. */
  profile: () => Promise<Profile>
  close: () => Promise<void>
}

/** One person's browser: all of its tabs and windows share cookies, storage and channels. */
export interface Profile {
  /** Opens one more tab (in WebKit a window, see `webkit.ts`), on `url` when given. */
  page: (url?: string) => Promise<Page>
  /** Opens one more window, which stays visible when another has the focus. */
  window: (url: string) => Promise<Page>
  /** Opens all of these at once, as a browser does that restores its tabs. */
  restore: (urls: readonly string[]) => Promise<Page[]>
  /** Every tab and window that is open now, also those that scripts opened. */
  pages: () => Promise<Page[]>
  /** Does `act`, and waits for the window it opens. */
  popup: (act: () => Promise<unknown>, options?: Patience) => Promise<Page>
  close: () => Promise<void>
}

/** How long to wait, in milliseconds, before the wait fails. */
export interface Patience {
  readonly timeout?: number
}

/** A tab or a window. */
export interface Page {
  /** Goes to `url` as the address bar does, which takes a popup away from its opener. */
  goto: (url: string) => Promise<void>
  /** Goes to `url` as the page's own script does: the way to lead a popup on. */
  follow: (url: string) => Promise<void>
  /** A trusted click by a person: the window comes to the front first, as it would. */
  click: (css: string, options?: Patience) => Promise<void>
  /** The text of the first element that matches. Waits for one. */
  text: (css: string, options?: Patience) => Promise<string>
  /**
   * Runs an expression or a function in the page, and answers with its JSON. It never counts as a
   * user gesture, so that looking at a page does not let it open windows.
   */
  evaluate: Evaluate
  /** Waits until an expression or a function is truthy in the page, across navigations. */
  waitFor: <T>(predicate: string | (() => T), options?: Patience) => Promise<T>
  url: () => Promise<string>
  reload: () => Promise<void>
  /** Goes one entry back, and waits until the address has changed. */
  goBack: () => Promise<void>
  /** Gives this window the focus, and waits until `document.hasFocus()` says so. */
  bringToFront: () => Promise<void>
  /** Closes the window as its own close button does. */
  closeByUser: () => Promise<void>
  isClosed: () => Promise<boolean>
  /** Waits until the window is gone. */
  waitForClose: (options?: Patience) => Promise<void>
  /** What the console and uncaught errors said. Stays empty in WebKit. */
  readonly messages: readonly string[]
  /** Writes a PNG. May bring the window to the front. */
  screenshot: (path: string) => Promise<void>
}

/** See `Page.evaluate`. */
export interface Evaluate {
  <T = unknown>(expression: string): Promise<T>
  <A extends readonly unknown[], T>(fn: (...args: A) => T | Promise<T>, ...args: A): Promise<T>
}
