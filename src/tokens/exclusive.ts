import type { Env } from '../env.js'
import { parse } from '../http.js'
import type { Storage } from './storage.js'

/** ms that a turn may take. */
export const TURN = 10_000
/** ms to wait for one: longer, so that nobody goes ahead beside a request that is under way. */
const PATIENCE = 12_000
/** ms until a lease that was written has been seen by all tabs, whoever was the last to write. */
const SETTLING = 60
/** ms between two looks at somebody else's lease. */
const INTERVAL = 100

export interface Exclusive<T> {
  readonly env: Env
  readonly name: string
  /** What the tabs share: the lease is kept here where there are no Web Locks. */
  readonly storage: Storage
  /** Whether another tab has done it meanwhile, so that a turn is not worth waiting for. */
  readonly moot: () => Promise<boolean>
  /** Looks again before it does anything: it may be moot by the time its turn comes. */
  readonly work: () => Promise<T>
}

/**
 * One tab at a time, by a Web Lock; `steal` is never used. A tab may be frozen in the middle of its
 * turn and hold the lock for hours: those who have waited long enough agree among themselves.
 */
export async function takeTurn<T>(turn: Exclusive<T>): Promise<T> {
  const { env, name, work } = turn
  const { locks } = env.navigator
  if (!locks) return takeLease(turn)
  const waiting = new AbortController()
  const timer = env.setTimeout(() => waiting.abort(), PATIENCE)
  let begun: Promise<T> | undefined
  try {
    return await locks.request(name, { signal: waiting.signal }, () => (begun = work()))
  } catch {
    // Waited in vain, or refused at once (a document that is no longer active).
    return await (begun ?? takeLease(turn))
  } finally {
    env.clearTimeout(timer)
  }
}

interface Lease {
  readonly owner: number
  /** ms since the epoch. */
  readonly until: number
}

/**
 * The same by an entry in the tabs' storage. It knows no compare-and-swap, so whoever writes waits
 * until everybody else has: the last writer has the lease. A tab that dies leaves it to lapse, and
 * after two of them this goes ahead without one.
 */
async function takeLease<T>({ env, name, storage, moot, work }: Exclusive<T>): Promise<T> {
  const key = `${name}:lease`
  const owner = env.crypto.getRandomValues(new Uint8Array(6)).reduce((id, byte) => id * 256 + byte)
  const sleep = async (ms: number): Promise<void> =>
    new Promise((resolve) => void env.setTimeout(resolve, ms))
  const read = async (): Promise<Partial<Lease>> =>
    (parse(await storage.getItem(key)) as Partial<Lease> | null | undefined) ?? {}
  const deadline = env.Date.now() + 2 * PATIENCE
  try {
    while (!(await moot())) {
      const lease = await read()
      const now = env.Date.now()
      if (lease.owner === owner || now >= deadline) break
      const left = (lease.until ?? 0) - now
      // More than a lease can have left was written before the clock was set back.
      if (left <= 0 || left > PATIENCE) {
        await storage.setItem(key, JSON.stringify({ owner, until: now + PATIENCE }))
        await sleep(SETTLING)
      } else await sleep(INTERVAL)
    }
    return await work()
  } finally {
    if ((await read()).owner === owner) await storage.removeItem(key)
  }
}
