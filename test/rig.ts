import { setMaxListeners } from 'node:events'

import type { Env } from '../src/env.js'

/**
 * A world in memory: one clock, one network, and tabs whose pages come and go. Nothing here waits
 * for real time, so a test that passes does so for the same reason every time.
 */
export interface World {
  readonly clock: Clock
  readonly network: Network
  /** Opens a tab on this URL. */
  tab: (url: string) => Tab
}

export interface Clock {
  /** ms since the epoch. */
  now: () => number
  /** Lets this many ms pass, ringing every timer on the way and letting promises settle. */
  advance: (ms: number) => Promise<void>
  /** Moves the wall clock without ringing anything: a sleeping laptop, a corrected clock. */
  jump: (ms: number) => void
  /** Timers that have not rung. */
  pending: () => number
}

export interface Seen {
  readonly method: string
  readonly url: string
  readonly headers: Headers
  readonly body: string
  readonly credentials: RequestCredentials
}

export type Responder = (request: Request, seen: Seen) => Response | Promise<Response>

export interface Network {
  /** Everything asked for, in order. */
  readonly requests: readonly Seen[]
  /** How many requests had this method and path, such as `'GET /auth/session'`. */
  count: (what: string) => number
  /** Answers every request from now on. A responder that throws is a network error. */
  respond: (responder: Responder) => void
  /** Never answers, until the request is aborted. */
  hang: () => Promise<never>
  /** For `createAuthClient({ fetch })`. */
  readonly fetch: typeof fetch
}

/** A tab: its `sessionStorage` outlives its pages. */
export interface Tab {
  /** The page it is on now. A navigation replaces it by another. */
  readonly page: Page
  /** URLs this tab was sent to by its own scripts, in order. */
  readonly navigations: readonly string[]
  readonly storage: Map<string, string>
  /** As if the browser had loaded this URL: a new document. */
  load: (url: string) => Page
  /** Back to the page before the last navigation, alive, from the back/forward cache. */
  back: () => void
  /** From now on reading `sessionStorage` throws, as where cookies are blocked. */
  blockStorage: () => void
}

export interface Page extends Env {
  /** Listeners added and not removed. */
  readonly listeners: () => number
  readonly dispatch: (type: string, fields?: object) => void
}

/** Lets everything that can settle without time passing settle. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(() => setImmediate(resolve)))
}

/** A promise settled by hand. */
export function deferred<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve!: (value: T) => void
  const promise = new Promise<T>((done) => {
    resolve = done
  })
  return { promise, resolve }
}

export function createWorld(start: number = Date.parse('2026-11-21T09:00:00Z')): World {
  const clock = createClock(start)
  return { clock, network: createNetwork(), tab: (url) => createTab(url, clock) }
}

interface Timers extends Clock {
  set: (run: () => void, ms: number) => number
  clear: (timer: number | undefined) => void
}

function createClock(start: number): Timers {
  let now = start
  // Timers ring after time has *passed*; a wall clock that was moved does not move them.
  let passed = 0
  let last = 0
  const timers = new Map<number, { at: number; run: () => void }>()
  return {
    now: () => now,
    pending: () => timers.size,
    jump: (ms) => {
      now += ms
    },
    set: (run, ms) => {
      timers.set((last += 1), { at: passed + Math.max(1, ms), run })
      return last
    },
    clear: (timer) => {
      if (timer !== undefined) timers.delete(timer)
    },
    advance: async (ms) => {
      const end = passed + ms
      await settle()
      for (;;) {
        const due = [...timers].filter(([, { at }]) => at <= end)
        const next = due.sort(([, a], [, b]) => a.at - b.at)[0]
        if (!next) break
        timers.delete(next[0])
        now += next[1].at - passed
        passed = next[1].at
        next[1].run()
        await settle()
      }
      now += end - passed
      passed = end
      await settle()
    },
  }
}

function createNetwork(): Network {
  const requests: Seen[] = []
  let responder: Responder = () => {
    throw new TypeError('nobody is listening')
  }
  return {
    requests,
    count: (what) =>
      requests.filter(({ method, url }) => `${method} ${new URL(url).pathname}` === what).length,
    respond: (next) => {
      responder = next
    },
    hang: () => new Promise(() => {}),
    fetch: async (input, init) => {
      const request = new Request(input, init)
      const seen = {
        method: request.method,
        url: request.url,
        headers: request.headers,
        body: await request.clone().text(),
        credentials: request.credentials,
      }
      requests.push(seen)
      const { signal } = request
      return new Promise<Response>((resolve, reject) => {
        const abort = (): void => reject(signal.reason as Error)
        if (signal.aborted) abort()
        signal.addEventListener('abort', abort)
        void (async () => responder(request, seen))().then(resolve, reject)
      })
    },
  }
}

function createTab(url: string, clock: Timers): Tab {
  const storage = new Map<string, string>()
  const navigations: string[] = []
  let blocked = false
  const load = (href: string): Page => {
    const target = new EventTarget()
    setMaxListeners(0, target)
    const listeners = new Map<string, number>()
    const location = {
      href: new URL(href).href,
      get origin() {
        return new URL(location.href).origin
      },
      assign: (to: string) => void navigations.push(new URL(to, location.href).href),
      replace: (to: string) => void navigations.push(new URL(to, location.href).href),
    }
    const history = {
      state: null as unknown,
      replaceState: (state: unknown, _: string, to: string) => {
        const next = new URL(to, location.href)
        if (next.origin !== location.origin) throw new DOMException('SecurityError')
        history.state = state
        location.href = next.href
      },
    }
    return {
      location,
      history,
      crypto,
      get sessionStorage() {
        if (blocked) throw new DOMException('The operation is insecure.', 'SecurityError')
        // Like the real one, its entries are its own properties and its methods are not.
        return Object.assign(
          Object.create({
            getItem: (key: string) => storage.get(key) ?? null,
            setItem: (key: string, value: string) => void storage.set(key, value),
            removeItem: (key: string) => void storage.delete(key),
          }) as Env['sessionStorage'],
          Object.fromEntries(storage),
        )
      },
      Date: { now: clock.now },
      setTimeout: clock.set,
      clearTimeout: clock.clear,
      addEventListener: (type, listener) => {
        listeners.set(type, (listeners.get(type) ?? 0) + 1)
        target.addEventListener(type, listener)
      },
      removeEventListener: (type, listener) => {
        listeners.set(type, (listeners.get(type) ?? 0) - 1)
        target.removeEventListener(type, listener)
      },
      listeners: () => [...listeners.values()].reduce((sum, count) => sum + count, 0),
      dispatch: (type, fields = {}) => {
        target.dispatchEvent(Object.assign(new Event(type), fields))
      },
    }
  }
  const tab = {
    page: load(url),
    navigations,
    storage,
    load: (href: string) => (tab.page = load(href)),
    back: () => tab.page.dispatch('pageshow', { persisted: true }),
    blockStorage: () => {
      blocked = true
    },
  }
  return tab
}
