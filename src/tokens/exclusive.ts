import type { Env } from '../env.js'
import { parse } from '../http.js'
import type { Storage } from './storage.js'

/** ms that a turn may take. */
export const TURN = 10_000
/** ms to wait for one: longer, so that nobody goes ahead beside a request that is under way. */
const PATIENCE = 12_000
/** ms until what was written in one tab is seen in all of them, and with a good margin. */
const SETTLING = 60
const SPREADING = 2_000
/** ms between two looks at what another tab has done. */
const INTERVAL = 50

export interface Exclusive<T> {
  readonly env: Env
  readonly name: string
  /** What the turn is for: it comes once. */
  readonly turn: number
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
 *
 * Locks and storage do not wait for each other: in Chromium the next tab can have the lock before it
 * sees what was written under it. So a lock is kept for a while after a turn, and whoever waits looks
 * into the storage meanwhile.
 */
export async function takeTurn<T>(turn: Exclusive<T>): Promise<T> {
  const { env, name, moot, work } = turn
  const { locks } = env.navigator
  if (!locks) return takeLease(turn)
  const waiting = new AbortController()
  // By the clock that the timers of whoever asks go by: not by one that is set, or a laptop's sleep.
  const deadline = env.performance.now() + PATIENCE
  let begun: Promise<T> | undefined
  const look = async (): Promise<void> => {
    while (!begun && env.performance.now() < deadline && !(await moot())) await change(env)
    waiting.abort()
  }
  try {
    return await new Promise<T>((resolve, reject) => {
      const begin = async (): Promise<void> => {
        begun = work()
        resolve(begun)
        await begun
        await sleep(env, SPREADING)
      }
      locks.request(`${name} ${turn.turn}`, { signal: waiting.signal }, begin).catch(reject)
      void look()
    })
  } catch {
    // Done by another tab, waited in vain, or refused at once (a document that is not active).
    return await (begun ?? takeLease(turn))
  }
}

/** Until another tab has changed something. It may be late: the timers of a hidden page are slow. */
async function change(env: Env): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      env.clearTimeout(timer)
      env.removeEventListener('storage', done)
      resolve()
    }
    const timer = env.setTimeout(done, INTERVAL)
    env.addEventListener('storage', done)
  })
}

async function sleep(env: Env, ms: number): Promise<void> {
  return new Promise((resolve) => void env.setTimeout(resolve, ms))
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
  const read = async (): Promise<Partial<Lease>> =>
    (parse(await storage.getItem(key)) as Partial<Lease> | null | undefined) ?? {}
  const deadline = env.performance.now() + 2 * PATIENCE
  let seen: number | undefined
  let lapses = 0
  try {
    while (!(await moot())) {
      const lease = await read()
      const now = env.performance.now()
      if (lease.owner === owner || now >= deadline) break
      if (lease.owner !== seen) {
        seen = lease.owner
        // The clock may be set from here on, or may have been set back since it was written.
        lapses = now + Math.min((lease.until ?? 0) - env.Date.now(), PATIENCE)
      }
      if (now >= lapses) {
        await storage.setItem(key, JSON.stringify({ owner, until: env.Date.now() + PATIENCE }))
        await sleep(env, SETTLING)
      } else await change(env)
    }
    return await work()
  } finally {
    if ((await read()).owner === owner) await storage.removeItem(key)
  }
}
