import type { Env } from '../env.js'

/** ms since the epoch, by the clock that goes now: when the answer to this navigation came. */
export function birth({ Date, performance }: Env): number {
  const [entry] = performance.getEntriesByType('navigation') as { responseStart?: number }[]
  return Date.now() - performance.now() + (entry?.responseStart || performance.now())
}
