import type { WritableAtom } from 'nanostores'

import type { Env } from '../env.js'
import type { Adapter, DebugEvent, Session, SessionState } from '../types.js'
import type { Tabs } from './tabs.js'

/** Why a lookup was started. */
export type Reason = Extract<DebugEvent, { type: 'load:start' }>['reason']

export interface StoreOptions<S extends Session> {
  /** `undefined` on a server: then nothing ever starts. */
  readonly env: Env | undefined
  /** Its `realm` tells two clients of one page apart, in every tab. */
  readonly adapter: Pick<Adapter<S>, 'realm' | 'forget'>
  /** `adopt`: what other tabs know is true here too. `ask`: it has to be asked for. `off`: neither. */
  readonly tabs: 'adopt' | 'ask' | 'off'
  /** ms. */
  readonly pollInterval?: number
  /** ms before the expiry to ask. */
  readonly leeway?: number
  /**
   * `null`: the backend *said* signed out. Rejects with `AuthError` only. `isOvertaken`: whether
   * something is known by now that no answer could change, so that nobody has to be asked.
   */
  readonly load: (isOvertaken: () => boolean) => Promise<S | null>
  readonly initial?: S | null | undefined
  readonly debug: (event: DebugEvent) => void
}

/** Asks now. Joins the flight, unless `fresh`: then one more follows it. Never rejects. */
export type Refetch<S extends Session> = (
  options?: { readonly fresh?: boolean },
  reason?: Reason,
) => Promise<SessionState<S>>

/** nanostores types `value` as readonly and maybe undefined; an atom's is neither. */
export type Writable<T> = WritableAtom<T> & { value: T; readonly init: T }

/** What the store and its keeper share. Times are in ms since the epoch. */
export interface Core<S extends Session> {
  readonly session: Writable<SessionState<S>>
  readonly tabs: Tabs<S>
  /** The last attempt, whatever came of it. */
  triedAt: number
  /** When what is known was asked for, or told. */
  knownAt: number
  /** Bumped by all news: an answer asked for before it is none any more. */
  generation: number
  /** The lookup under way. */
  flight?: Promise<SessionState<S>> | undefined
  /** The wait for a turn, and the lookup or the other tab's answer that it ends with. */
  turn?: Promise<unknown> | undefined
  readonly refetch: Refetch<S>
  /** Asks, unless another tab does, whose answer will be heard. */
  readonly attempt: (reason: Reason) => void
  /** Takes this as known since `at`, whatever was asked for before. */
  readonly learn: (next: SessionState<S>, at?: number) => void
}
