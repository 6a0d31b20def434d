/** Runs something at most once per key. */
export interface Once<T> {
  /**
   * The result of `run`, which callers that arrive meanwhile share. `null`: it is over, and this
   * key is spent.
   */
  readonly run: (key: string, run: () => Promise<T>) => Promise<T | null>
}

/**
 * Remembers keys for a while. A reload in the middle of a sign-in gets the answer that the first
 * request paid for, and a callback replayed together with its cookie gets none.
 *
 * It knows only its own process: across several, the provider's single-use codes are the guard.
 *
 * @param ttl ms for which a key stays spent
 */
export function createOnce<T>(now: () => number, ttl: number): Once<T> {
  const spent = new Map<string, { readonly at: number; result: Promise<T> | null }>()
  return {
    run: (key, run) => {
      for (const [old, { at, result }] of spent) {
        if (result !== null || now() - at < ttl) break // in order of age
        spent.delete(old)
      }
      const known = spent.get(key)
      if (known) return known.result ?? Promise.resolve(null)
      const result = run()
      const entry: { readonly at: number; result: Promise<T> | null } = { at: now(), result }
      spent.set(key, entry)
      const settle = (): void => {
        entry.result = null // no user's profile is kept
      }
      void result.then(settle, settle)
      return result
    },
  }
}
