import { parse } from '../../http.js'
import type { Storage } from '../../tokens/storage.js'
import type { Kind } from './options.js'

/** A link that was asked for: it comes back as a code that says nothing of itself. */
export interface Asked {
  readonly verifier: string
  readonly kind: Kind
  /** ms since the epoch. */
  readonly askedAt: number
}

/** Links that may still be opened, newest first. Any tab of this browser may be the one. */
export interface Mail {
  readonly asked: () => Promise<readonly Asked[]>
  readonly add: (asked: Asked) => Promise<void>
  readonly remove: (verifier: string) => Promise<void>
}

const CAPACITY = 5
/** ms. No server lets a link live longer by itself. */
const LIFETIME = 86_400_000

export function createMail(storage: Storage, key: string, now: () => number): Mail {
  const asked = async (): Promise<readonly Asked[]> => {
    const found = parse(await storage.getItem(key))
    const list = Array.isArray(found) ? (found as readonly Asked[]) : []
    return list.filter((one) => Object(one).askedAt > now() - LIFETIME)
  }
  const write = async (list: readonly Asked[]): Promise<void> =>
    list.length === 0 ? storage.removeItem(key) : storage.setItem(key, JSON.stringify(list))
  return {
    asked,
    add: async (one) => write([one, ...(await asked())].slice(0, CAPACITY)),
    remove: async (verifier) => write((await asked()).filter((one) => one.verifier !== verifier)),
  }
}
