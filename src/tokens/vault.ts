import type { Env } from '../env.js'
import { toAuthError, type AuthError } from '../errors.js'
import { operate, parse } from '../http.js'
import type { StorageOption } from '../options.js'
import type { AdapterIO } from '../types.js'
import { isFresh, isUsable } from './clock.js'
import { takeTurn, TURN } from './exclusive.js'
import { openStorage } from './storage.js'

/** What a backend gave, with whatever an adapter keeps beside it. JSON. */
export interface Tokens {
  readonly accessToken: string
  readonly refreshToken?: string | undefined
  /** ms since the epoch on this machine's clock, by `lastsUntil`. `null`: no known end. */
  readonly expiresAt: number | null
  /** ms since the epoch: when they were asked for. */
  readonly sentAt: number
}

/** Who holds the refresh token, and who may spend it? */
export interface Vault<T extends Tokens> {
  /** What is held now. Tokens of any age; `null`: signed out. */
  readonly read: () => Promise<T | null>
  /** Whether there was anything the last time somebody looked. */
  readonly holds: () => boolean
  /**
   * Tokens that are good for a while, refreshed when they are not: by one tab, once, whoever asks.
   * `refused`: an access token that a server no longer takes. `null`: signed out, or the backend
   * *said* that the session is over. Rejects when they are no longer good and there was no answer.
   */
  readonly fresh: (refused?: string) => Promise<T | null>
  /** A sign-in's: takes the place of what is held and of every refresh under way, in every tab. */
  readonly write: (tokens: T) => Promise<void>
  /**
   * Makes something else of what is held by then, with nothing in between. `how` answers what it was
   * given for no change, and `null` for the end.
   */
  readonly revise: (how: (held: T | null) => T | null) => Promise<T | null>
  /** Signed out, whatever is under way in whichever tab. */
  readonly clear: () => Promise<void>
  /**
   * Signed out in another tab, maybe a while ago. What all tabs hold in common was cleared by that
   * one, or is newer: only what this one holds by itself is dropped.
   */
  readonly forget: () => Promise<void>
}

export interface VaultOptions<T extends Tokens> {
  readonly env: Env
  readonly fetch: typeof fetch
  /** Names storage entry and lock: clients of one key share what they hold. */
  readonly key: string
  readonly storage: StorageOption
  /**
   * Spends `tokens.refreshToken`, with one request. `null`: the backend *said* that it is no longer
   * good. Rejects for everything else, and no rejection ends a session.
   */
  readonly refresh: (tokens: T, io: AdapterIO) => Promise<T | null>
}

/** ms after the first failure; it doubles. */
const PAUSE = 1_000
const LONGEST_PAUSE = 60_000
/** The same where nobody answered: the network may be back any moment. */
const LONGEST_OUTAGE = 5_000
/** However long the backend asks to be left alone for. */
const LONGEST_WAIT = 600_000

/**
 * Nothing is kept in a variable that another tab can change: what is held is read anew each time,
 * and read again before anything is made of an answer. A refresh answers to nobody's abort signal:
 * once it has left, the old token is spent, and only the answer brings the new one.
 */
export function createVault<T extends Tokens>(options: VaultOptions<T>): Vault<T> {
  const { env, fetch, key, refresh } = options
  const storage = openStorage(env, options.storage)
  let flight: Promise<T | null> | undefined
  let failure: { error: AuthError; at: number; pause: number } | undefined
  let holds = false

  const now = (): number => env.Date.now()
  const read = async (): Promise<T | null> => {
    const held = parse(await storage.getItem(key)) as T | null | undefined
    holds = typeof held?.accessToken === 'string'
    return holds ? held! : null
  }
  /** Changes one after the other: a storage may be slower to write than to remove, or never be done. */
  let last: Promise<unknown> = Promise.resolve()
  const change = async <R>(work: () => Promise<R>): Promise<R> => {
    const done = last.then(async () => operate(env, fetch, work, undefined, TURN))
    last = done.catch(() => null)
    return done
  }
  const forgive = (): void => {
    failure = undefined
    env.removeEventListener('online', forgive)
  }
  const put = async (tokens: T | null): Promise<void> =>
    tokens ? storage.setItem(key, JSON.stringify(tokens)) : storage.removeItem(key)
  const replace = async (tokens: T | null): Promise<void> => {
    forgive()
    return change(async () => put(tokens))
  }
  const clear = async (): Promise<void> => replace(null)
  const revise: Vault<T>['revise'] = async (how) =>
    change(async () => {
      const found = await read()
      const next = how(found)
      if (next !== found) await put(next)
      return next
    })
  const serves = (tokens: T, refused: string | undefined): boolean =>
    tokens.accessToken !== refused && isUsable(tokens, now())
  const isMoot = (tokens: T | null, refused: string | undefined): boolean =>
    !tokens || (serves(tokens, refused) && (!tokens.refreshToken || isFresh(tokens, now())))

  /** In this tab's turn: looks again, asks, looks again, writes. No code of the app runs in here. */
  const spend = async (sentAt: number, refused: string | undefined): Promise<T | null> => {
    const held = await read()
    if (!held || isMoot(held, refused)) return held
    if (held.sentAt !== sentAt) return renew(held, refused)
    let next: T | null = null
    let error: AuthError | undefined
    try {
      if (held.refreshToken) {
        next = await operate(env, fetch, (io) => refresh(held, io), undefined, TURN)
      }
    } catch (cause) {
      error = toAuthError(cause)
    }
    // Signed out, signed in anew, or refreshed by a tab that did not wait: that is what counts.
    const later = await revise((found) =>
      found?.accessToken !== held.accessToken || error ? found : next,
    )
    if (!error || later?.accessToken !== held.accessToken) {
      forgive()
      return later
    }
    const { status, retryAfter = 0 } = error
    const longest = status === undefined ? LONGEST_OUTAGE : LONGEST_PAUSE
    const pause = Math.min((failure?.pause ?? PAUSE / 2) * 2, longest)
    env.addEventListener('online', forgive)
    failure = { error, at: now(), pause: Math.max(pause, Math.min(retryAfter, LONGEST_WAIT)) }
    return settleFor(held, refused, error)
  }
  /** Each turn is for one refresh token: where it is spent, nobody else's turn comes. */
  const renew = async (
    { sentAt, refreshToken }: T,
    refused: string | undefined,
  ): Promise<T | null> => {
    const work = async (): Promise<T | null> => spend(sentAt, refused)
    if (options.storage === 'memory' || !refreshToken) return work()
    const moot = async (): Promise<boolean> => {
      const now = await read()
      return now?.sentAt !== sentAt || isMoot(now, refused)
    }
    return takeTurn({ env, name: key, turn: sentAt, storage, moot, work })
  }
  /** Without an answer, a token that is still good will do. */
  const settleFor = (held: T, refused: string | undefined, error: AuthError): T => {
    if (serves(held, refused)) return held
    throw error
  }

  return {
    read,
    holds: () => holds,
    write: replace,
    revise,
    clear,
    forget: async () => {
      if (options.storage === 'memory' || options.storage === 'session') await clear()
      else storage.drop(key)
    },
    fresh: async (refused) => {
      const held = await read()
      if (!held || isMoot(held, refused)) return held
      if (env.navigator.onLine === false && serves(held, refused)) return held
      const since = now() - (failure?.at ?? 0)
      if (failure && since >= 0 && since < failure.pause) {
        return settleFor(held, refused, failure.error)
      }
      flight ??= renew(held, refused).finally(() => {
        flight = undefined
      })
      return flight
    },
  }
}
