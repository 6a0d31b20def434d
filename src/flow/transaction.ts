import type { Env } from '../env.js'
import { AuthError } from '../errors.js'
import { parse } from '../http.js'
import type { Landing, Transaction } from '../types.js'
import { idOf, PREFIX, readEntry } from './landing.js'

/** Sign-ins one tab may have under way: the oldest beyond that were abandoned. */
const CAPACITY = 10

/**
 * Keeps a sign-in under `key`. Throws `storage_unavailable` when the entry could not outlive a
 * navigation.
 */
export function remember(env: Env, transaction: Transaction, key: string): void {
  try {
    const storage = env.sessionStorage
    const expiry = (key: string): number =>
      (parse(storage.getItem(key)) as Transaction | undefined)?.expiresAt ?? 0
    const keys = Object.keys(storage).filter((key) => key.startsWith(PREFIX))
    keys.sort((one, other) => expiry(other) - expiry(one))
    keys.forEach((key, age) => {
      if (age > CAPACITY - 2 || expiry(key) <= env.Date.now()) storage.removeItem(key)
    })
    storage.setItem(PREFIX + key, JSON.stringify(transaction))
  } catch (cause) {
    throw new AuthError('storage_unavailable', 'Allow cookies for this site.', { cause })
  }
}

/**
 * This tab's sign-in under that key, and removes it: done before anything is sent anywhere, so that a
 * replayed landing finds none. `null`: none, or expired.
 */
export function take(env: Env, key: string): Transaction | null {
  const transaction = parse(readEntry(env, key)) as Transaction | undefined
  // Where it came to a page and not to its id, `latchkey/callback` has put it under that as well.
  for (const own of transaction ? [key, idOf(transaction.landed ?? key)] : []) {
    env.sessionStorage.removeItem(PREFIX + own)
  }
  return transaction && transaction.expiresAt > env.Date.now() ? transaction : null
}

/**
 * The landing at `href`, with this tab's sign-in that led there. Where `latchkey/callback` was the
 * page landed on, it has left the whole landing with it and sent on the id alone.
 */
export function takeLanding(env: Env, href: string): Landing {
  const transaction = take(env, idOf(href))
  return { url: new URL(transaction?.landed ?? href), transaction }
}

/** 22 characters of base64url: 128 random bits (RFC 6749 §10.10: beyond guessing). */
export function createId(env: Env): string {
  const bytes = env.crypto.getRandomValues(new Uint8Array(16))
  return btoa(String.fromCharCode(...bytes))
    .slice(0, 22)
    .replaceAll('+', '-')
    .replaceAll('/', '_')
}
