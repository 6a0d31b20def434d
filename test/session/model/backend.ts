import { json } from '../../aura-server.js'
import type { How } from './step.js'

/** A lookup that the backend has not come back to. */
interface Waiting {
  readonly page: object
  readonly answer: (how: How) => void
}

/** A backend that counts what happens, and answers when it is told to. */
export interface Backend {
  /** Of lookups, sign-ins and sign-outs: a larger number came later, whatever the clocks say. */
  readonly tick: () => number
  /** Who is signed in. */
  user: string | null
  readonly waiting: readonly Waiting[]
  /** Lookups of this page that are under way. */
  readonly flights: (page: object) => number
  /** The `fetch` of this page. */
  readonly fetch: (page: object) => typeof fetch
  /** From now on it answers at once, also those who wait. */
  readonly recover: () => void
  /** The page is gone: nobody reads what it asked for. */
  readonly forget: (page: object) => void
}

export function createBackend(): Backend {
  let ticks = 0
  let waiting: Waiting[] = []
  let isWell = false
  const backend: Backend = {
    tick: () => (ticks += 1),
    user: 'somebody',
    get waiting() {
      return waiting
    },
    flights: (page) => waiting.filter((one) => one.page === page).length,
    recover: () => {
      isWell = true
      for (const one of waiting) one.answer('ok')
    },
    forget: (page) => {
      waiting = waiting.filter((one) => one.page !== page)
    },
    fetch: (page) => (_, init) =>
      new Promise((resolve, reject) => {
        const tick = backend.tick()
        const { user } = backend
        const end = (): void => {
          waiting = waiting.filter((one) => one !== mine)
        }
        const mine: Waiting = {
          page,
          answer: (how) => {
            end()
            if (how === 'network') reject(new TypeError('Failed to fetch'))
            else if (how === '503') resolve(json(null, 503))
            else if (how === '429') resolve(json(null, 429, { 'retry-after': '60' }))
            else if (user === null) resolve(json(null, 401))
            // When it was asked is part of the user, so that whoever shows it says so.
            else resolve(json({ success: true, session: { user: { sub: user, tick } } }))
          },
        }
        waiting.push(mine)
        if (isWell) return mine.answer('ok')
        init?.signal?.addEventListener('abort', () => {
          end()
          reject(init.signal!.reason as Error)
        })
      }),
  }
  return backend
}
