import { atom } from 'nanostores'

import { isolate, type AuthError } from '../errors.js'
import { known } from '../state.js'
import type { ReadyAtom, Session, SessionState } from '../types.js'
import type { Core, Reason, Refetch, StoreOptions, Writable } from './core.js'
import type { Keeper } from './keeper.js'
import { failed } from './state.js'
import { createTabs } from './tabs.js'
import { takeTurn } from './turn.js'

/** ms that a page without listeners goes on hearing other tabs: a route change takes less. */
const LINGER = 1_000

export interface SessionStore<S extends Session> {
  readonly session: ReadyAtom<SessionState<S>>
  readonly fetching: ReadyAtom<boolean>
  readonly refetch: Refetch<S>
  /** What a sign-in, sign-out or update made true: wins over every flight, in every tab. */
  set: (data: S | null) => void
  /** Sign-outs so far, here and in the other tabs. */
  ends: number
  /** Tells the other tabs what is known here: the user's doing, and true however clocks stand. */
  share: () => void
  /** What a server already knew: taken only while nothing is known here. */
  hydrate: (data: S | null | undefined) => void
  /** The first state that is not `pending`. Where nobody was listening, asks again behind it. */
  ready: () => Promise<SessionState<S>>
  /** Nothing is asked and no answer is taken from here on. The stores keep their last value. */
  dispose: () => void
}

/**
 * What do we know, and how do we find out? When to ask again is the keeper's to say, which comes
 * behind an `import()`: a first answer needs no comparing, no alarm and no second attempt.
 */
export function createSessionStore<S extends Session>(options: StoreOptions<S>): SessionStore<S> {
  const { adapter, load, initial, debug } = options
  /** The page. None on a server, and none any more once this is disposed of. */
  let { env } = options
  const adopts = options.tabs === 'adopt'
  const session = atom(known(initial)) as Writable<SessionState<S>>
  const fetching = atom(false) as Writable<boolean>
  let trailing: Promise<SessionState<S>> | undefined
  let waiting: Promise<SessionState<S>> | undefined
  let keeper: Keeper<S> | undefined
  let loading: Promise<Keeper<S> | undefined> | undefined
  let isOpen = false
  let lingering: number | undefined

  const now = (): number => env?.Date.now() ?? 0
  const commit = (next: SessionState<S>): void => isolate(() => session.set(next))
  const learn: Core<S>['learn'] = (next, at = now()) => {
    core.generation += 1
    core.triedAt = core.knownAt = at
    commit(next)
    keeper?.learned()
  }

  /** A sign-in or sign-out is no expiry: what was known before is not held against it. */
  const told = (data: S | null): void => {
    if (!data) core.ends += 1
    if (keeper && (data || !session.value.data)) keeper.answered(data, now())
    else learn(known(data))
  }

  const lookup = (reason: Reason): Promise<SessionState<S>> => {
    const { generation } = core
    const at = (core.triedAt = now())
    const isOvertaken = (): boolean => generation !== core.generation
    debug({ type: 'load:start', reason })
    isolate(() => fetching.set(true))
    return (core.flight = load(isOvertaken)
      .then(
        async (data) => {
          // Whether anything has changed is the keeper's to say, once there is something to compare.
          const judge = session.value.isPending ? undefined : await keep()
          if (isOvertaken()) return
          if (judge) judge.answered(data, at)
          else learn(known(data), at)
          debug({ type: 'load:done', status: session.value.status })
          if (adopts) tell(at)
        },
        (error: AuthError) => {
          if (isOvertaken()) return
          debug({ type: 'load:failed', error })
          commit(failed(session.value, error))
          keeper?.failed(error)
        },
      )
      .then(() => {
        core.flight = undefined
        isolate(() => fetching.set(false))
        keeper?.arm()
        return session.value
      }))
  }
  const refetch: Refetch<S> = (how, reason = 'manual') => {
    if (!env) return Promise.resolve(session.value)
    if (!core.flight) return lookup(reason)
    if (!how?.fresh) return core.flight
    trailing ??= core.flight.then(() => {
      trailing = undefined
      return refetch({}, reason)
    })
    return trailing
  }
  const attempt: Core<S>['attempt'] = (reason) => {
    if (!env) return
    const { generation } = core
    const ask = async (): Promise<void> => {
      if (generation !== core.generation) return
      await (core.flight ?? lookup(reason))
      if (reason === 'first') await (await keep())?.linger()
    }
    const overhear = async (): Promise<unknown> => (await keep())?.overhear(ask)
    core.triedAt = now()
    core.turn = (adopts ? takeTurn(env, tabs.key, ask, overhear) : ask()).then(() => {
      core.turn = undefined
    })
  }

  const tabs = createTabs<S>(
    options.tabs === 'off' ? undefined : env,
    `latchkey:${adapter.realm}`,
    (news) => {
      // A session that needs this tab's own tokens cannot be taken over; that it ended can.
      if (news.at !== undefined || (!adopts && news.session)) {
        return void keep().then((judge) => judge?.heard(news))
      }
      told(news.session)
      if (!news.session) void adapter.forget?.()
      debug({ type: 'tab:heard', status: session.value.status })
    },
  )
  const tell = (at?: number): void => tabs.post({ session: session.value.data, at })

  /** `undefined` where that part of the app cannot be loaded: it is tried again the next time. */
  const keep = (): Promise<Keeper<S> | undefined> =>
    (loading ??= import('./keeper.js').then(
      ({ createKeeper }) => env && (keeper = createKeeper(env, options, core)),
      () => (loading = undefined),
    ))

  const close = (): void => {
    isOpen = false
    tabs.close()
    keeper?.close()
  }
  const leave = (): void => {
    if (!isOpen || session.lc) return
    keeper?.arm()
    env?.clearTimeout(lingering)
    lingering = env?.setTimeout(close, LINGER)
  }
  const enter = (): void => {
    keeper?.arm()
    if (!env || isOpen) return
    isOpen = true
    tabs.open()
    if (core.triedAt < 0 && env.navigator.onLine) attempt('first')
    void keep().then((loaded) => {
      if (isOpen) loaded?.open()
      // Offline, and nobody there to notice when that ends: then at least it is said.
      if (!loaded && session.value.isPending) void refetch()
    })
  }
  // Listeners are counted here and not by nanostores' `onMount`, whose unmount timer races with a
  // quick remount. One that is gone a microtask later was a render thrown away, or `get()`.
  const listen: typeof session.listen = session.listen.bind(session)
  session.listen = (listener) => {
    if (session.lc === 0) {
      env?.clearTimeout(lingering)
      queueMicrotask(() => session.lc && enter())
    }
    const stop = listen(listener)
    return () => {
      stop()
      leave()
    }
  }

  const since = initial === undefined ? -Infinity : now()
  const core: Core<S> & SessionStore<S> = {
    session,
    fetching,
    tabs,
    triedAt: since,
    knownAt: since,
    generation: 0,
    ends: 0,
    refetch,
    attempt,
    learn,
    // Where answers are shared, this one was, and with the time it was asked at.
    share: () => {
      if (!adopts) tell()
    },
    set: (data) => {
      told(data)
      tell()
    },
    hydrate: (data) => {
      if (!env || data === undefined || !session.value.isPending) return
      // A lookup under way was asked for by this page, and so after its server knew this.
      ;(core.flight ? commit : learn)(known(data))
    },
    ready: () => {
      if (env && session.value.isPending) {
        return (waiting ??= new Promise((resolve) => {
          const stop = session.listen((state) => {
            stop()
            resolve(state)
          })
        }))
      }
      enter()
      leave()
      return Promise.resolve(session.value)
    },
    dispose: () => {
      core.generation += 1
      env?.clearTimeout(lingering)
      env = undefined
      close()
      if (waiting) session.notify() // there will be no other state to wait for
    },
  }
  return core
}
