import type { Env } from '../env.js'

/** ms to wait for a turn: longer than one takes, so that nobody asks beside a request under way. */
export const PATIENCE = 12_000
/** ms between two looks at what another tab has done. */
const INTERVAL = 50

/** Until another tab has changed something. It may be late: the timers of a hidden page are slow. */
export async function change(env: Env): Promise<void> {
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

export async function sleep(env: Env, ms: number): Promise<void> {
  return new Promise((resolve) => void env.setTimeout(resolve, ms))
}
