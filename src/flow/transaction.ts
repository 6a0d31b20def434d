import type { Env } from '../env.js'
import { AuthError } from '../errors.js'
import type { Transaction } from '../types.js'

const PREFIX = 'latchkey:tx:'
/** Sign-ins one tab may have under way: the oldest beyond that were abandoned. */
const CAPACITY = 10

/** The sign-ins this tab has started, one `sessionStorage` entry each, of all clients of the page. */
export interface Transactions {
  /** Throws `storage_unavailable` when the entry could not outlive a navigation. */
  write: (transaction: Transaction) => void
  remove: (id: string) => void
  /** Oldest first. What has expired or cannot be read is removed on the way. */
  list: () => readonly Transaction[]
}

export function createTransactions(env: Env): Transactions {
  const remove = (id: string): void => {
    attempt(() => env.sessionStorage.removeItem(PREFIX + id))
  }

  const list = (): readonly Transaction[] => {
    const found: Transaction[] = []
    for (const id of attempt(() => ids(env.sessionStorage)) ?? []) {
      const transaction = attempt(() => parse(id, env.sessionStorage.getItem(PREFIX + id)))
      if (transaction && transaction.expiresAt > env.Date.now()) found.push(transaction)
      else remove(id)
    }
    return found.sort((a, b) => a.createdAt - b.createdAt)
  }

  return {
    remove,
    list,
    write: (transaction) => {
      for (const { id } of list().slice(0, 1 - CAPACITY)) remove(id)
      try {
        env.sessionStorage.setItem(PREFIX + transaction.id, JSON.stringify(transaction))
      } catch (cause) {
        throw new AuthError(
          'storage_unavailable',
          'Signing in by redirect needs sessionStorage, which this browser blocks: allow cookies.',
          { cause },
        )
      }
    },
  }
}

/** 22 characters of base64url: 128 random bits (RFC 6749 §10.10 asks for `state` beyond guessing). */
export function createId(env: Env): string {
  const bytes = env.crypto.getRandomValues(new Uint8Array(16))
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .slice(0, 22)
}

function ids(storage: Env['sessionStorage']): string[] {
  const found: string[] = []
  for (let index = 0; index < storage.length; index += 1) {
    const key = storage.key(index)
    if (key?.startsWith(PREFIX)) found.push(key.slice(PREFIX.length))
  }
  return found
}

function parse(id: string, text: string | null): Transaction | undefined {
  const value = JSON.parse(text ?? 'null') as Partial<Transaction> | null
  return value?.id === id && typeof value.redirectTo === 'string' && Number(value.expiresAt) > 0
    ? (value as Transaction)
    : undefined
}

/** Where cookies are blocked, merely reading `sessionStorage` throws: then nothing is stored. */
function attempt<T>(work: () => T): T | undefined {
  try {
    return work()
  } catch {
    return undefined
  }
}
