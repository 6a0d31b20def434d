import { setMaxListeners } from 'node:events'

// Of everything made from here on: what `EventTarget` names may be a DOM's, which knows no such limit.
setMaxListeners(0)

/** An event target that knows how many listeners it has. */
export interface Events {
  readonly addEventListener: (type: string, listener: (event: Event) => void) => void
  readonly removeEventListener: (type: string, listener: (event: Event) => void) => void
  readonly dispatch: (type: string, fields?: object) => void
  /** Listeners added and not removed. */
  readonly count: () => number
}

export function createEvents(): Events {
  const target = new EventTarget()
  // Like the real one, knows each listener of a type once, however often it is added or removed.
  const listeners = new Map<string, Set<unknown>>()
  const of = (type: string): Set<unknown> => {
    const known = listeners.get(type) ?? new Set()
    listeners.set(type, known)
    return known
  }
  return {
    addEventListener: (type, listener) => {
      of(type).add(listener)
      target.addEventListener(type, listener)
    },
    removeEventListener: (type, listener) => {
      of(type).delete(listener)
      target.removeEventListener(type, listener)
    },
    dispatch: (type, fields = {}) => {
      target.dispatchEvent(Object.assign(new Event(type), fields))
    },
    count: () => [...listeners.values()].reduce((sum, { size }) => sum + size, 0),
  }
}
