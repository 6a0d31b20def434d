/** Remembers what has been used up. */
export interface Spent {
  /** Uses `key` up. `false`: it was already. */
  readonly spend: (key: string) => boolean
}

/**
 * A memory of bounded size: a key is forgotten after `ttl` ms, or as the oldest of more than
 * `limit`. It knows only its own process.
 */
export function createSpent(now: () => number, ttl: number, limit: number): Spent {
  const spent = new Map<string, number>()
  return {
    spend: (key) => {
      const at = now()
      const isOver = (since: number): boolean => at - since >= ttl
      const known = spent.get(key)
      if (known !== undefined && !isOver(known)) return false
      for (const [old, since] of spent) {
        if (spent.size < limit && !isOver(since)) break // in order of age
        spent.delete(old)
      }
      spent.set(key, at)
      return true
    },
  }
}
