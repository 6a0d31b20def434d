import type { Env } from '../env.js'
import { unanswered } from '../http.js'
import type { Storage } from './storage.js'
import { change, PATIENCE, sleep } from './wait.js'

/** ms that a turn may take. */
export const TURN = 10_000
/** ms until what was written in one tab is seen in all of them, with a good margin. */
const SPREADING = 2_000

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
  if (!locks) return lease(turn)
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
    return await (begun ?? ((await moot()) ? work() : lease(turn)))
  }
}

/** Its own chunk, for hardly anybody needs it. */
async function lease<T>(turn: Exclusive<T>): Promise<T> {
  const { takeLease } = await import('./lease.js').catch(unanswered)
  return takeLease(turn)
}
