/** Remembers what has been used up. */
export interface Spent {
  /** Uses `key` up. `false`: it was already. */
  readonly spend: (key: string) => boolean
}

/**
 * A memory of bounded size: a key is forgotten after `ttl` ms, or when it is the oldest and there
 * are `limit` others. It knows only its own process.
 */
export function createSpent(now: () => number, ttl: number, limit: number): Spent {
  const spent = new Map<string, number>() // in order of age
  return {
    spend: (key) => {
      const at = now()
      const since = spent.get(key)
      if (since !== undefined && at - since < ttl) return false
      spent.delete(key)
      const [oldest] = spent.keys()
      if (oldest !== undefined && spent.size >= limit) spent.delete(oldest)
      spent.set(key, at)
      return true
    },
  }
}
