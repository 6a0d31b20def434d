import type { Env } from '../env.js'
import { AuthError } from '../errors.js'

/**
 * Leaves the page. The promise never resolves, for there is no page left to resolve on; it rejects
 * `redirect_cancelled` if the page comes back to life from the back/forward cache.
 */
export function leave(env: Env, url: string): Promise<never> {
  return new Promise((_, reject) => {
    const back = (event: Event): void => {
      if (!(event as PageTransitionEvent).persisted) return
      env.removeEventListener('pageshow', back)
      reject(new AuthError('redirect_cancelled'))
    }
    env.addEventListener('pageshow', back)
    env.location.assign(url)
  })
}
