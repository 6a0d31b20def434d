type Listener = (event: Event) => void

/** An event target that knows how many listeners it has. */
export interface Events {
  readonly addEventListener: (type: string, listener: Listener) => void
  readonly removeEventListener: (type: string, listener: Listener) => void
  readonly dispatch: (type: string, fields?: object) => void
  /** Listeners added and not removed. */
  readonly count: () => number
}

export function createEvents(): Events {
  // Like the real one, knows each listener of a type once, however often it is added or removed.
  const listeners = new Map<string, Set<Listener>>()
  const of = (type: string): Set<Listener> => {
    const known = listeners.get(type) ?? new Set()
    listeners.set(type, known)
    return known
  }
  return {
    addEventListener: (type, listener) => void of(type).add(listener),
    removeEventListener: (type, listener) => void of(type).delete(listener),
    dispatch: (type, fields = {}) => {
      const event = Object.assign(new Event(type), fields)
      for (const listener of Array.from(of(type))) if (of(type).has(listener)) listener(event)
    },
    count: () => [...listeners.values()].reduce((sum, { size }) => sum + size, 0),
  }
}
