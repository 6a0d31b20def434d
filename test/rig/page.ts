import { setMaxListeners } from 'node:events'

import type { Env } from '../../src/env.js'
import type { Channels } from './channels.js'
import type { Timers } from './clock.js'
import type { Listener, LocalStorages } from './local.js'

/** One document in memory: what it can do to the world around it is told to its tab. */
export interface Page extends Env {
  /** Listeners added and not removed. */
  readonly listeners: () => number
  readonly dispatch: (type: string, fields?: object) => void
  /** The window is gone, and with it whatever was to ring. */
  readonly discard: () => void
  /** What a window that has a handle on this one does with it. */
  readonly postMessage: (message: unknown, targetOrigin: string) => void
}

/** What a page needs of the tab it is in. */
export interface PageHost {
  readonly storage: Map<string, string>
  readonly local: LocalStorages
  readonly storageBlocked: () => boolean
  readonly focused: () => boolean
  readonly opener: () => unknown
  readonly navigate: (url: string) => void
  readonly open: (from: Page, url: string, name: string, features: string) => unknown
  readonly close: () => void
}

export function createPage(href: string, clock: Timers, channels: Channels, host: PageHost): Page {
  const target = new EventTarget()
  setMaxListeners(0, target)
  // Like the real one, knows each listener of a type once, however often it is added or removed.
  const listeners = new Map<string, Set<unknown>>()
  const of = (type: string): Set<unknown> => {
    const known = listeners.get(type) ?? new Set()
    listeners.set(type, known)
    return known
  }
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
  const leave = host.local.join(hear)
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
      return toStorage(host.local.of(origin), (key, value) =>
        host.local.set(hear, origin, key, value),
      )
    },
    navigator: {},
    Date: { now: clock.now },
    BroadcastChannel: channels.of(() => location.origin),
    document: { hasFocus: host.focused },
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
    addEventListener: (type, listener) => {
      of(type).add(listener)
      target.addEventListener(type, listener)
    },
    removeEventListener: (type, listener) => {
      of(type).delete(listener)
      target.removeEventListener(type, listener)
    },
    listeners: () => [...listeners.values()].reduce((sum, { size }) => sum + size, 0),
    dispatch: (type, fields = {}) => {
      target.dispatchEvent(Object.assign(new Event(type), fields))
    },
    discard: () => {
      discarded = true
      leave()
      for (const timer of timers) clock.clear(timer)
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
