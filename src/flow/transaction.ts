import type { Env } from '../env.js'
import { AuthError } from '../errors.js'
import { parse } from '../http.js'
import type { Adapter, Landing, Transaction } from '../types.js'
import { isNamed, MARKER, OPEN, ownId, PREFIX, read, stored } from './landing.js'
import { attempt } from './window.js'

/** Sign-ins one tab may have under way: the oldest beyond that were abandoned. */
const CAPACITY = 10

/** A landing, and the sign-in of another tab that it may belong to. */
export interface Arrival extends Landing {
  /** Its id. `undefined`: it carries none. */
  readonly id: string | undefined
}

/**
 * Keeps a sign-in under `key` in this tab's storage, or for all tabs. Throws `storage_unavailable`
 * when the entry could not outlive a navigation.
 */
export function remember(
  env: Env,
  transaction: Transaction,
  key: string = transaction.id,
  where: 'sessionStorage' | 'localStorage' = 'sessionStorage',
): void {
  try {
    sweep(env, CAPACITY - 1)
    env[where].setItem(PREFIX + key, JSON.stringify(transaction))
  } catch (cause) {
    throw new AuthError('storage_unavailable', 'Allow cookies for this site.', { cause })
  }
}

/**
 * The sign-ins under way, by key, newest first. Those that expired are removed, and those beyond
 * `capacity`.
 */
export function sweep(env: Env, capacity: number = CAPACITY): Map<string, Transaction> {
  const live = new Map<string, Transaction>()
  for (const storage of [env.sessionStorage, env.localStorage]) {
    const keys = Object.keys(storage).filter((key) => key.startsWith(PREFIX))
    const kept = keys.map((key) => [key, parse(storage.getItem(key)) as Transaction] as const)
    const expiry = (transaction: Transaction | undefined): number => transaction?.expiresAt ?? 0
    kept.sort(([, one], [, other]) => expiry(other) - expiry(one))
    kept.forEach(([key, transaction], age) => {
      if (age >= capacity || expiry(transaction) <= env.Date.now()) storage.removeItem(key)
      else live.set(key.slice(PREFIX.length), transaction)
    })
  }
  return live
}

/**
 * The sign-in kept under `key`, and removes it: done before anything is sent anywhere, so that a
 * replayed landing finds none. `null`: none, or expired.
 */
export function take(env: Env, key: string): Transaction | null {
  const transaction = stored(env, key)
  attempt(() => {
    env.sessionStorage.removeItem(PREFIX + key)
    env.localStorage.removeItem(PREFIX + key)
    closeLast(env)
  })
  return transaction && transaction.expiresAt > env.Date.now() ? transaction : null
}

/** Where no popup is open any more, nobody has to look for one after a reload. */
export function closeLast(env: Env): void {
  if (![...sweep(env).values()].some(({ popup }) => popup)) env.sessionStorage.removeItem(OPEN)
}

/**
 * The landing at `href`, with this tab's sign-in that led there. Where `latchkey/callback` was the
 * page landed on, it has left the whole landing with it and sent on the id alone.
 */
export function takeLanding(
  env: Env,
  href: string,
  adapter: Pick<Adapter, 'realm' | 'claims'>,
): Arrival {
  const id = ownId(env, href)
  const transaction = take(env, id) ?? (isNamed(id) ? null : takeOnly(env, adapter, href))
  // A popup is one for one landing: whoever goes on using the window is nobody's popup.
  if (id === read(env, MARKER)) env.sessionStorage.removeItem(MARKER)
  return {
    url: new URL(transaction?.landed ?? href),
    transaction,
    id: isNamed(id) ? id : undefined,
  }
}

/** Where nothing but the adapter knows the landing: the one redirect that can have led there. */
function takeOnly(
  env: Env,
  { realm, claims }: Pick<Adapter, 'realm' | 'claims'>,
  href: string,
): Transaction | null {
  const keys = [...sweep(env)].flatMap(([key, pending]) =>
    pending.realm === realm && !pending.popup && claims?.(new URL(href), pending) ? [key] : [],
  )
  return keys.length === 1 ? take(env, keys[0]!) : null
}

/** 22 characters of base64url: 128 random bits (RFC 6749 §10.10: beyond guessing). */
export function createId(env: Env): string {
  const bytes = env.crypto.getRandomValues(new Uint8Array(16))
  return btoa(String.fromCharCode(...bytes))
    .slice(0, 22)
    .replaceAll('+', '-')
    .replaceAll('/', '_')
}
