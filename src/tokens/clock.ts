/**
 * When tokens end, on this machine's clock: what is left of them is counted from when they were asked
 * for, and never taken from the server's clock. `expiresIn`: seconds (RFC 6749 §5.1). `null`: the
 * server did not say, which is not the same as at once.
 */
export function lastsUntil(sentAt: number, expiresIn: unknown): number | null {
  const seconds = typeof expiresIn === 'string' ? Number.parseFloat(expiresIn) : expiresIn
  return typeof seconds === 'number' && seconds > 0 ? sentAt + seconds * 1000 : null
}

interface Lifetime {
  readonly sentAt: number
  readonly expiresAt: number | null
  readonly refreshToken?: string | undefined
}

/**
 * A clock that was set back since says nothing about what is left: a reason to ask for new ones, and
 * none to give up what cannot be replaced.
 */
export function isUsable({ sentAt, expiresAt, refreshToken }: Lifetime, now: number): boolean {
  return expiresAt === null || ((sentAt <= now || !refreshToken) && now < expiresAt)
}

/** Whether it will still be usable by the time a request arrives: the last fifth is for refreshing. */
export function isFresh({ sentAt, expiresAt }: Lifetime, now: number): boolean {
  return expiresAt === null || now < expiresAt - Math.min(60_000, (expiresAt - sentAt) / 5)
}
