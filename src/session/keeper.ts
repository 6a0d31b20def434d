import type { Env } from '../env.js'
import { AuthError, isolate } from '../errors.js'
import type { Session } from '../types.js'
import { birth } from './birth.js'
import type { Core, Reason, StoreOptions } from './core.js'
import { MAX_WAIT, renewalAt } from './renewal.js'
import { differs, failed, isExpiry, settled } from './state.js'
import type { News } from './tabs.js'
import { takeTurn } from './turn.js'

/** ms between two automatic lookups, at least. */
const MIN_GAP = 5_000
/** ms between two polls, at least: other libraries count in seconds. */
const MIN_INTERVAL = 1_000
/** ms that a tab which knows nothing waits for another that is asking. */
const PATIENCE = 500
/** ms that a tab answers for others with what it was told: tabs restored together come in a crowd. */
const LINGER = 1_000
/** Turns behind the first: by the last of them its request has timed out. */
const MAX_RANK = 3
/** ms. An alarm that is never set for longer rings soon after a sleep, and cannot overflow. */
const SLICE = 30_000

/** Asks again when it is time, and when the user is back, for as long as it is open. */
export interface Keeper<S extends Session> {
  readonly open: () => void
  readonly close: () => void
  /** Sets the alarm anew. */
  readonly arm: () => void
  /** Takes an answer asked for at `at`, and tells nobody when it says nothing new. */
  readonly answered: (data: S | null, at: number) => void
  /**
   * From another tab: an answer, taken if it is newer than what is known here, or a question, or
   * that somebody signed in, whose session is none here.
   */
  readonly heard: (news: News<S>) => void
  /** Something was learned, here or elsewhere. */
  readonly learned: () => void
  readonly failed: (error: AuthError) => void
  /** Keeps the turn for a while: whoever comes now asks this tab and not the backend. */
  readonly linger: () => Promise<void>
  /** Waits for the answer that another tab is asking for, then asks if it did not come. */
  readonly overhear: (ask: () => Promise<unknown>) => Promise<unknown>
}

export function createKeeper<S extends Session>(
  env: Env,
  { tabs: mode, pollInterval = 0, leeway, debug }: StoreOptions<S>,
  core: Core<S>,
): Keeper<S> {
  const { document, navigator } = env
  const { session, tabs } = core
  const interval = pollInterval > 0 ? Math.max(pollInterval, MIN_INTERVAL) : Infinity
  const gap = Math.min(interval, MIN_GAP)
  /** When this document began: what was asked before its cookies came is not for it. */
  let bornAt = birth(env)
  let failedAt = -Infinity
  let failures = 0
  /** ms to leave a failing backend alone. `0`: it does not fail. */
  let pause = 0
  let isOpen = false
  let alarm: number | undefined
  /** The lookup that was under way when the page was put by. */
  let frozen: Core<S>['flight']
  let isLingering = false
  let stopWaiting: (() => void) | undefined

  const now = (): number => {
    const time = env.Date.now()
    // A clock that was set back must not keep the gate shut until it is that late again.
    core.triedAt = Math.min(core.triedAt, time)
    core.knownAt = Math.min(core.knownAt, time)
    failedAt = Math.min(failedAt, time)
    bornAt = Math.min(bornAt, time)
    return time
  }
  /** Whether anybody would see the answer. */
  const isWatched = (): boolean => isOpen && session.lc > 0 && document.visibilityState !== 'hidden'
  const fail = ({ retryAfter = 0 }: AuthError, at = now()): void => {
    const backoff = Math.min(1_000 * 2 ** failures, MAX_WAIT) * (0.5 + Math.random() / 2)
    pause = Math.max(backoff, retryAfter)
    failures += 1
    failedAt = at
  }
  const answered = (data: S | null, at: number): void => {
    const next = settled(session.value, data)
    // Told to nobody, read by everybody: only the expiry or the raw object moved.
    if (!differs(session.value, next)) session.value = next
    core.learn(next, at)
  }

  /** The gate of every lookup that nobody asked for by name. `isDue`: its time has come. */
  const ask = (reason: Reason, isDue = false): void => {
    if (core.flight) return // which sets the alarm when it ends
    if (core.turn) {
      return void core.turn.then(() => {
        // What was due then may not be now; that the user is back is as true as before.
        if (isOpen && !isDue) ask(reason)
        arm()
      })
    }
    const time = now()
    const skip = !navigator.onLine
      ? 'offline'
      : time < failedAt + pause
        ? 'pause'
        : !isDue && time < core.triedAt + gap && 'gap'
    if (!skip) return core.attempt(reason)
    debug({ type: 'load:skipped', reason: skip })
    // Offline is an outcome too: whoever shows a spinner until the first answer would spin on.
    if (!session.value.isPending) return
    isolate(() => session.set(failed(session.value, new AuthError('network'))))
  }
  const due = (): { readonly at: number; readonly reason: Reason } => {
    const { data, error } = session.value
    // What is not there (404) does not come by itself: a poll asks, or a user who is back.
    if (pause && error?.status !== 404) return { at: failedAt + pause, reason: 'retry' }
    // Never at the same time as another tab, so that the first one serves all.
    const poll = data ? core.triedAt + interval * (1 + Math.random() / 10) : Infinity
    const renewal = renewalAt(data ?? {}, core, gap, leeway)
    const at = Math.max(Math.min(renewal, poll), failedAt + pause)
    return { at, reason: renewal < poll ? 'expiry' : 'poll' }
  }
  /** One alarm for all of it, by the wall clock. A hidden page has none: it catches up when shown. */
  const arm = (): void => {
    env.clearTimeout(alarm)
    const time = now()
    if (!isWatched()) return
    const { at, reason } = due()
    if (at === Infinity) return
    const ring = (): void => (now() < at ? arm() : ask(reason, true))
    alarm = env.setTimeout(ring, Math.min(at - time, SLICE))
  }

  const wake = ({ type }: Event): void => {
    if (isWatched()) ask(type === 'online' ? 'online' : 'visible')
    arm()
  }
  // Into the back/forward cache, where nothing is heard, and which an open channel may forbid.
  const suspend = (): void => {
    core.generation += 1
    core.triedAt = -Infinity
    frozen = core.flight
    tabs.close()
    stopWaiting?.()
  }
  const resume = (event: Event): void => {
    if (!(event as PageTransitionEvent).persisted) return
    bornAt = now()
    tabs.open()
    if (frozen && frozen === core.flight) void core.refetch({ fresh: true }, 'visible')
    else ask('visible')
  }
  // Never `focus`: that comes with every dialog, frame and file picker.
  const listen = (how: 'addEventListener' | 'removeEventListener'): void => {
    document[how]('visibilitychange', wake)
    env[how]('online', wake)
    env[how]('pagehide', suspend)
    env[how]('pageshow', resume)
  }

  const wait = async (ms: number): Promise<void> =>
    new Promise((resolve) => {
      const timer = env.setTimeout(resolve, ms)
      stopWaiting = () => {
        env.clearTimeout(timer)
        resolve()
      }
    })
  const overhear = async (again: () => Promise<unknown>, rank = 1): Promise<unknown> => {
    const { generation } = core
    debug({ type: 'load:waits' })
    tabs.post({ at: 0 })
    // Back from the page cache, what is shown may be somebody else's.
    const isUrgent = session.value.isPending || core.knownAt < bornAt
    await wait(isUrgent && rank === 1 ? PATIENCE : gap)
    if (!isOpen || generation !== core.generation) return
    // The tab in front may be suspended. Of those behind it one asks now, and the rest wait for that.
    if (rank > MAX_RANK) return again()
    return takeTurn(env, `${tabs.key}:${rank}`, again, () => overhear(again, rank + 1))
  }
  const heard: Keeper<S>['heard'] = ({ at, session: data, failure }) => {
    if (at === undefined) {
      // Where nobody would see the answer, or none would come, the next wake-up asks.
      const isHere = document.visibilityState !== 'hidden' && navigator.onLine
      if (isHere || core.flight) void core.refetch({ fresh: true }, 'tab')
      else core.triedAt = -Infinity
      return
    }
    // Asked in the future: the clock was set back since, and nobody can tell before what.
    const isNewer = at <= now() && at >= core.knownAt && !(core.flight && at <= core.triedAt)
    if (at === 0) {
      if (isLingering) tabs.post({ session: session.value.data, at: core.knownAt })
    } else if (!isNewer || mode !== 'adopt') {
      return
    } else if (failure) {
      const { code, status, retryAfter } = failure
      const error = new AuthError(code, undefined, { status, retryAfter })
      core.generation += 1
      core.triedAt = at
      fail(error)
      isolate(() => session.set(failed(session.value, error)))
      stopWaiting?.()
      arm()
    } else if (at >= bornAt && (data === null || typeof data?.user?.id === 'string')) {
      answered(data, at)
      debug({ type: 'tab:answer', status: session.value.status })
    }
  }
  const tell = (error: AuthError, at?: number): void => {
    fail(error, at)
    const { code, status, retryAfter } = error
    if (mode === 'adopt') tabs.post({ at: core.triedAt, failure: { code, status, retryAfter } })
  }

  const { error } = session.value
  if (error && !isExpiry(error)) tell(error, core.triedAt) // the first lookup ended before this was here
  return {
    arm,
    answered,
    heard,
    overhear,
    linger: async () => {
      if (!isOpen || pause) return
      isLingering = true
      await wait(LINGER)
      isLingering = false
    },
    failed: tell,
    learned: () => {
      failures = pause = 0
      stopWaiting?.()
      arm()
    },
    open: () => {
      isOpen = true
      listen('addEventListener')
      if (now() >= core.triedAt + gap) ask('first')
      arm()
    },
    close: () => {
      isOpen = false
      listen('removeEventListener')
      stopWaiting?.()
      arm()
      // Nothing is heard from here on, so the next listener has to ask, unless the backend is down.
      if (!pause) core.triedAt = -Infinity
    },
  }
}
