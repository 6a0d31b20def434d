import type { Channel, Env } from '../../src/env.js'
import type { Channels } from './channels.js'
import type { Timers } from './clock.js'
import { createEvents } from './events.js'
import type { Listener, LocalStorages } from './local.js'
import type { Locks } from './locks.js'

/** One document in memory: what it can do to the world around it is told to its tab. */
export interface Page extends Env {
  /** Listeners added and not removed. */
  readonly listeners: () => number
  readonly dispatch: (type: string, fields?: object) => void
  /** Shown or not, and the page is told. */
  readonly show: (visible: boolean) => void
  /** The network comes or goes, and the page is told. */
  readonly connect: (onLine: boolean) => void
  /** The window is gone, and with it whatever was to ring. */
  readonly discard: () => void
}

/** What a page needs of the tab it is in. */
export interface PageHost {
  readonly storage: Map<string, string>
  readonly storageBlocked: () => boolean
  readonly focused: () => boolean
  readonly opener: () => unknown
  readonly navigate: (url: string) => void
  readonly open: (from: Page, url: string, name: string, features: string) => unknown
  readonly close: () => void
}

/** What all pages of a world have in common. */
export interface Browser {
  readonly clock: Timers
  readonly channels: Channels
  readonly locks: Locks
  readonly local: LocalStorages
}

export function createPage(href: string, browser: Browser, host: PageHost): Page {
  const { clock, channels, locks, local } = browser
  const born = clock.passed()
  const events = createEvents()
  const documentEvents = createEvents()
  const open = new Set<Channel>()
  let visible = true
  let onLine = true
  const timers = new Set<number>()
  let discarded = false
  const resolve = (to: string): string => new URL(to, location.href).href
  const location = {
    href: new URL(href).href,
    get origin() {
      return new URL(location.href).origin
    },
    assign: (to: string) => host.navigate(resolve(to)),
    replace: (to: string) => host.navigate(resolve(to)),
  }
  const history = {
    state: null as unknown,
    replaceState: (state: unknown, _: string, to: string) => {
      if (new URL(resolve(to)).origin !== location.origin) throw new DOMException('SecurityError')
      history.state = state
      location.href = resolve(to)
    },
  }
  const toStorage = (
    entries: Map<string, string>,
    set: (key: string, value: string | null) => void,
  ) => {
    if (host.storageBlocked()) throw new DOMException('Denied.', 'SecurityError')
    // Like the real one, its entries are its own properties and its methods are not.
    return Object.assign(
      Object.create({
        getItem: (key: string) => entries.get(key) ?? null,
        setItem: (key: string, value: string) => set(key, value),
        removeItem: (key: string) => set(key, null),
      }) as Env['sessionStorage'],
      Object.fromEntries(entries),
    )
  }
  const hear: Listener = (origin, key, newValue) => {
    if (origin === location.origin) page.dispatch('storage', { key, newValue })
  }
  const leave = local.join(hear)
  const page: Page = {
    location,
    history,
    crypto,
    get sessionStorage() {
      const { storage } = host
      return toStorage(storage, (key, value) => {
        if (value === null) storage.delete(key)
        else storage.set(key, value)
      })
    },
    get localStorage() {
      const { origin } = location
      return toStorage(local.of(origin), (key, value) => local.set(hear, origin, key, value))
    },
    Date: { now: clock.now },
    BroadcastChannel: channels.of(() => location.origin, open),
    document: {
      hasFocus: host.focused,
      get visibilityState() {
        return visible ? 'visible' : 'hidden'
      },
      addEventListener: documentEvents.addEventListener,
      removeEventListener: documentEvents.removeEventListener,
    },
    navigator: {
      get onLine() {
        return onLine
      },
      locks: locks.of(() => location.origin, open),
    },
    performance: { now: () => clock.passed() - born, getEntriesByType: () => [] },
    screenX: 0,
    screenY: 0,
    outerWidth: 1280,
    outerHeight: 800,
    get top() {
      return page
    },
    get opener() {
      return host.opener()
    },
    open: (url, name, features) => host.open(page, url, name, features),
    close: host.close,
    setTimeout: (run, ms) => {
      const timer = clock.set(run, ms)
      timers.add(timer)
      if (discarded) clock.clear(timer)
      return timer
    },
    clearTimeout: clock.clear,
    addEventListener: events.addEventListener,
    removeEventListener: events.removeEventListener,
    listeners: () => events.count() + documentEvents.count(),
    dispatch: events.dispatch,
    show: (next) => {
      visible = next
      documentEvents.dispatch('visibilitychange')
    },
    connect: (next) => {
      onLine = next
      events.dispatch(next ? 'online' : 'offline')
    },
    discard: () => {
      discarded = true
      leave()
      for (const timer of timers) clock.clear(timer)
      for (const channel of open) channel.close()
      locks.release(open)
    },
    postMessage: (data, targetOrigin) => {
      if (targetOrigin !== '*' && targetOrigin !== location.origin) return
      queueMicrotask(() =>
        page.dispatch('message', { data, origin: location.origin, source: null }),
      )
    },
  }
  return page
}
