import type { Env } from '../env.js'
import { AuthError } from '../errors.js'
import type { Landing, Transaction } from '../types.js'
import { idOf, LANDED, PREFIX, readEntry } from './landing.js'

/** Sign-ins one tab may have under way: the oldest beyond that were abandoned. */
const CAPACITY = 10

/** Throws `storage_unavailable` when the entry could not outlive a navigation. */
export function remember(env: Env, transaction: Transaction): void {
  try {
    const live = sweep(env)
    for (const { id } of live.slice(0, 1 - CAPACITY)) env.sessionStorage.removeItem(PREFIX + id)
    env.sessionStorage.setItem(PREFIX + transaction.id, JSON.stringify(transaction))
  } catch (cause) {
    throw new AuthError('storage_unavailable', 'Allow cookies for this site.', { cause })
  }
}

/**
 * This tab's sign-in of that id, and removes it: done before anything is sent anywhere, so that a
 * replayed landing finds none. `null`: none, or expired.
 */
export function take(env: Env, id: string): Transaction | null {
  const entry = readEntry(env, id)
  if (entry === null) return null
  env.sessionStorage.removeItem(PREFIX + id)
  return parse(env, entry)
}

/**
 * The landing at `href`, with this tab's sign-in that led there. Where `latchkey/callback` was the
 * page landed on, it has left the whole landing here and sent on the id alone.
 */
export function takeLanding(env: Env, href: string): Landing {
  const id = idOf(href)
  const handed = readEntry(env, id, LANDED)
  if (handed !== null) env.sessionStorage.removeItem(LANDED + id)
  const url = new URL(handed !== null && idOf(handed) === id ? handed : href)
  return { url, transaction: take(env, id) }
}

/** Removes what is expired or unreadable, and answers what is left, oldest first. */
function sweep(env: Env): Transaction[] {
  const live: Transaction[] = []
  for (const key of Object.keys(env.sessionStorage)) {
    if (!key.startsWith(PREFIX)) continue
    const transaction = parse(env, env.sessionStorage.getItem(key))
    if (transaction) live.push(transaction)
    else env.sessionStorage.removeItem(key)
  }
  return live.sort((a, b) => a.expiresAt - b.expiresAt)
}

function parse(env: Env, text: string | null): Transaction | null {
  try {
    const transaction = JSON.parse(text ?? '') as Transaction
    return transaction.expiresAt > env.Date.now() ? transaction : null
  } catch {
    return null
  }
}

/** 22 characters of base64url: 128 random bits (RFC 6749 §10.10: beyond guessing). */
export function createId(env: Env): string {
  const bytes = env.crypto.getRandomValues(new Uint8Array(16))
  return btoa(String.fromCharCode(...bytes))
    .slice(0, 22)
    .replaceAll('+', '-')
    .replaceAll('/', '_')
}
