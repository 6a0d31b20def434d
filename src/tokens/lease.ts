import { parse } from '../http.js'
import type { Exclusive } from './exclusive.js'
import { change, PATIENCE, sleep } from './wait.js'

/** ms until what was written in one tab is most likely seen in all of them. */
const SETTLING = 60

interface Lease {
  readonly owner: number
  /** ms since the epoch. */
  readonly until: number
}

/**
 * One tab at a time, by an entry in the tabs' storage: where there are no Web Locks, or nobody lets go
 * of one. A storage knows no compare-and-swap, so whoever writes waits until everybody else has: the
 * last writer has the lease. A tab that dies leaves it to lapse, and after two of them this goes ahead
 * without one.
 */
export async function takeLease<T>({ env, name, storage, moot, work }: Exclusive<T>): Promise<T> {
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
