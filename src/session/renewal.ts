import type { Session } from '../types.js'

/** ms before the expiry to ask, at most. */
const LEEWAY = 60_000
/** ms between two attempts, at most, at a backend that fails or at an expiry that does not move. */
export const MAX_WAIT = 300_000

/**
 * When to ask because the session ends, in ms since the epoch. `gap` and `leeway` are in ms.
 * `Infinity`: it does not.
 */
export function renewalAt(
  { expiresAt = null }: Partial<Session>,
  { triedAt, knownAt }: { readonly triedAt: number; readonly knownAt: number },
  gap: number,
  leeway: number | undefined,
): number {
  if (expiresAt === null) return Infinity
  const from = expiresAt - (leeway ?? Math.min(LEEWAY, (expiresAt - knownAt) / 5))
  // Past that, every answer that brings no later expiry doubles the wait: the last minute of a
  // session that cannot be renewed is no poll, and neither is a clock that is hours ahead.
  const wait = Math.min(Math.max(gap, triedAt - from), MAX_WAIT)
  return Math.max(from, triedAt + wait)
}
