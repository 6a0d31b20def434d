/** The `localStorage` of one browser, by origin: every page is told what the others do to it. */
export interface LocalStorages {
  readonly of: (origin: string) => Map<string, string>
  /** A page that is told from now on; answers how to stop. */
  readonly join: (listener: Listener) => () => void
  readonly set: (from: Listener, origin: string, key: string, value: string | null) => void
}

export type Listener = (origin: string, key: string, newValue: string | null) => void

export function createLocalStorages(): LocalStorages {
  const all = new Map<string, Map<string, string>>()
  const listeners = new Set<Listener>()
  const of: LocalStorages['of'] = (origin) => {
    const storage = all.get(origin) ?? new Map<string, string>()
    all.set(origin, storage)
    return storage
  }
  return {
    of,
    join: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    set: (from, origin, key, value) => {
      const storage = of(origin)
      // Like the real one, says nothing of a value that stays the same.
      if ((storage.get(key) ?? null) === value) return
      if (value === null) storage.delete(key)
      else storage.set(key, value)
      for (const listener of listeners) {
        if (listener !== from) queueMicrotask(() => listener(origin, key, value))
      }
    },
  }
}
