import { atom, type WritableAtom } from 'nanostores'

import type { Env } from '../env.js'
import { isolate, type AuthError } from '../errors.js'
import type { DebugEvent, ReadyAtom, Session, SessionState } from '../types.js'
import { differs, failed, known, settled } from './state.js'
import { createTabs } from './tabs.js'

/** ms between two automatic lookups. */
const MIN_GAP = 5_000
/** ms that a page without listeners goes on hearing other tabs: a route change takes less. */
const LINGER = 1_000

type Reason = Extract<DebugEvent, { type: 'load:start' }>['reason']

export interface SessionStore<S extends Session> {
  readonly session: ReadyAtom<SessionState<S>>
  readonly fetching: ReadyAtom<boolean>
  /** Asks now. Joins the flight, unless `fresh`: then one more follows it. Never rejects. */
  refetch: (options?: { fresh?: boolean }, reason?: Reason) => Promise<SessionState<S>>
  /** What a sign-in, sign-out or update made true: wins over every flight, in every tab. */
  set: (data: S | null) => void
  /** Tells the other tabs what is known here. */
  share: () => void
  /** What a server already knew: taken only while nothing is known here. */
  hydrate: (data: S | null | undefined) => void
  ready: () => Promise<SessionState<S>>
  /** Nothing is asked and no answer is taken from here on. The stores keep their last value. */
  dispose: () => void
}

export interface StoreOptions<S extends Session> {
  /** `undefined` on a server: then nothing ever starts. */
  readonly env: Env | undefined
  /** Tells two clients of one page apart, in every tab. */
  readonly realm: string
  /** Whether other tabs hold the same credential, so that what they know is true here too. */
  readonly shared: boolean
  /** `null`: the backend *said* signed out. Rejects with `AuthError` only. */
  readonly load: () => Promise<S | null>
  readonly initial: S | null | undefined
  readonly debug: (event: DebugEvent) => void
}

/** nanostores types `value` as readonly and maybe undefined; an atom's is neither. */
type Writable<T> = WritableAtom<T> & { value: T; readonly init: T }

/** What do we know, and when do we ask again? */
export function createSessionStore<S extends Session>(options: StoreOptions<S>): SessionStore<S> {
  const { env, realm, shared, load, initial, debug } = options
  const session = atom(known(initial)) as Writable<SessionState<S>>
  const fetching = atom(false) as Writable<boolean>
  let flight: Promise<SessionState<S>> | undefined
  let trailing: Promise<SessionState<S>> | undefined
  let waiting: Promise<SessionState<S>> | undefined
  /** Bumped by whatever is told rather than asked for: an answer asked for before it is no longer news. */
  let generation = 0
  let lastTry = -Infinity
  let disposed = false

  const now = (): number => env?.Date.now() ?? 0
  const commit = (next: SessionState<S>): void => {
    if (differs(session.value, next)) isolate(() => session.set(next))
    // Told to nobody, read by everybody: only the expiry or the raw object moved.
    else session.value = next
  }
  /** Takes this as known from here on, whatever was asked for before. */
  const learn = (next: SessionState<S>): void => {
    generation += 1
    lastTry = now()
    commit(next)
  }

  const lookup = (reason: Reason): Promise<SessionState<S>> => {
    const asked = generation
    const settle = (next: SessionState<S>, event: DebugEvent): void => {
      if (asked !== generation) return
      debug(event)
      commit(next)
    }
    debug({ type: 'load:start', reason })
    lastTry = now()
    isolate(() => fetching.set(true))
    flight = load()
      .then(
        (data) => {
          const status = data ? 'authenticated' : 'unauthenticated'
          settle(settled(session.value, data), { type: 'load:done', status })
        },
        (error: AuthError) => settle(failed(session.value, error), { type: 'load:failed', error }),
      )
      .then(() => {
        flight = undefined
        isolate(() => fetching.set(false))
        return session.value
      })
    return flight
  }

  const refetch: SessionStore<S>['refetch'] = ({ fresh = false } = {}, reason = 'manual') => {
    if (!env || disposed) return Promise.resolve(session.value)
    if (!flight) return lookup(reason)
    if (!fresh) return flight
    trailing ??= flight.then(() => {
      trailing = undefined
      return lookup(reason)
    })
    return trailing
  }

  const tabs = createTabs<S>(env, realm, (data) => {
    debug({ type: 'tab:heard', status: data ? 'authenticated' : 'unauthenticated' })
    // A session that needs this tab's own tokens cannot be taken over; that it ended can.
    if (shared || !data) learn(next(data))
    else void refetch({ fresh: true }, 'tab')
  })
  const share = (): void => {
    const { isPending, data } = session.value
    if (!isPending) tabs.post(data)
  }
  /** A sign-in or sign-out is no expiry: what was known before is not held against it. */
  const next = (data: S | null): SessionState<S> =>
    session.value.data && data ? settled(session.value, data) : known(data)

  // Listeners are counted here and not by nanostores' `onMount`, whose unmount timer races with a
  // quick remount. One that is gone a microtask later was a render thrown away, or `get()`.
  let lingering: number | undefined
  const arrived = (): void => {
    if (session.lc === 0 || disposed) return
    tabs.open()
    if (!flight && now() - lastTry >= MIN_GAP) void lookup('first')
  }
  const listen: typeof session.listen = session.listen.bind(session)
  session.listen = (listener) => {
    if (env && !disposed && session.lc === 0) {
      env.clearTimeout(lingering)
      queueMicrotask(arrived)
    }
    const leave = listen(listener)
    return () => {
      leave()
      if (env && session.lc === 0) {
        env.clearTimeout(lingering)
        lingering = env.setTimeout(() => {
          tabs.close()
          lastTry = -Infinity // nothing is heard from here on, so the next listener has to ask
        }, LINGER)
      }
    }
  }
  if (initial !== undefined) lastTry = now()

  return {
    session,
    fetching,
    refetch,
    share,
    set: (data) => {
      learn(next(data))
      share()
    },
    hydrate: (data) => {
      if (env && data !== undefined && session.value.isPending) learn(known(data))
    },
    ready: () =>
      env && session.value.isPending
        ? (waiting ??= refetch({}, 'first'))
        : Promise.resolve(session.value),
    dispose: () => {
      disposed = true
      generation += 1
      tabs.close()
    },
  }
}
