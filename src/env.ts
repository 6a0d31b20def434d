/**
 * The part of `window` that Latchkey touches, so that a test can hand in a page of its own.
 * In a browser this *is* `window`: nothing is captured, so replaced timers and clocks are seen.
 */
export interface Env {
  readonly location: {
    readonly href: string
    readonly origin: string
    assign: (url: string) => void
    replace: (url: string) => void
  }
  readonly history: {
    readonly state: unknown
    replaceState: (state: unknown, unused: string, url: string) => void
  }
  /** Reading these throws where the user blocks cookies. */
  readonly sessionStorage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>
  readonly localStorage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>
  readonly crypto: { getRandomValues: (array: Uint8Array<ArrayBuffer>) => Uint8Array }
  readonly Date: { now: () => number }
  readonly document: {
    readonly visibilityState: string
    hasFocus: () => boolean
    addEventListener: (type: string, listener: (event: Event) => void) => void
    removeEventListener: (type: string, listener: (event: Event) => void) => void
  }
  readonly navigator: {
    readonly onLine: boolean
    /** Missing before Safari 15.4 and in insecure contexts. */
    readonly locks?: Pick<LockManager, 'request'> | undefined
  }
  readonly performance: {
    now: () => number
    getEntriesByType: (type: string) => readonly unknown[]
  }
  /** Missing before Safari 15.4. */
  readonly BroadcastChannel?: (new (name: string) => Channel) | undefined
  readonly screenX: number
  readonly screenY: number
  readonly outerWidth: number
  readonly outerHeight: number
  /** Typed loosely: a window of another origin answers little of what its type promises. */
  readonly top: unknown
  readonly opener: unknown
  open: (url: string, name: string, features: string) => unknown
  close: () => void
  postMessage: (message: unknown, targetOrigin: string) => void
  setTimeout: (run: () => void, ms: number) => number
  clearTimeout: (timer: number | undefined) => void
  addEventListener: (type: string, listener: (event: Event) => void) => void
  removeEventListener: (type: string, listener: (event: Event) => void) => void
}

/** A `BroadcastChannel`, as far as it is used. */
export interface Channel {
  onmessage: ((event: MessageEvent<unknown>) => void) | null
  postMessage: (message: unknown) => void
  close: () => void
}

/**
 * The page this runs in, or `undefined` on a server. Asked for when a client is created, never at
 * import. `document`, not `window`: workers and some servers have a `window` of sorts.
 */
export function browserEnv(): Env | undefined {
  return typeof document === 'undefined' ? undefined : window
}
