// What is loaded on demand is here already, so that loading it takes no real time.
import '../../src/tokens/lease.js'

import { AuthError } from '../../src/errors.js'
import { refusal, send } from '../../src/http.js'
import { lastsUntil } from '../../src/tokens/clock.js'
import { createVault, type Tokens, type Vault } from '../../src/tokens/vault.js'
import type { StorageOption } from '../../src/options.js'
import type { AdapterIO } from '../../src/types.js'
import { json } from '../aura-server.js'
import { createWorld, type Page, type World } from '../rig.js'

/** A backend that rotates refresh tokens, and revokes them all when a spent one comes back. */
export interface Backend {
  /** What it answers instead, once it has seen the request. */
  answer: ((spend: () => Response) => Response | Promise<Response>) | null
  /** The refresh token that is good. `null`: all of them are revoked. */
  refreshToken: string | null
  readonly posts: () => number
}

export interface TabVault {
  readonly page: Page
  readonly vault: Vault<Tokens>
  /** The tab crashes: nothing it was about to do happens any more. */
  readonly kill: () => void
}

export interface Scene {
  readonly world: World
  readonly backend: Backend
  readonly open: (storage?: StorageOption) => TabVault
  /** The tab whose request was the last to leave. */
  readonly asking: () => TabVault
  /** Tokens as a sign-in brings them now. */
  readonly issue: () => Tokens
}

const LIFETIME = 300

/** `locks: false`: a browser without Web Locks. */
export function setUp({ locks = true }: { locks?: boolean } = {}): Scene {
  const world = createWorld()
  let asking: TabVault
  let issued = 0
  const backend: Backend = {
    answer: null,
    refreshToken: null,
    posts: () => world.network.count('POST /token'),
  }
  const next = (): { access_token: string; refresh_token: string; expires_in: number } => {
    issued += 1
    backend.refreshToken = `refresh-${issued}`
    return {
      access_token: `access-${issued}`,
      refresh_token: `refresh-${issued}`,
      expires_in: LIFETIME,
    }
  }
  world.network.respond((_, { body }) => {
    const spend = (): Response => {
      if (body === backend.refreshToken) return json(next())
      backend.refreshToken = null
      return json({ error: 'invalid_grant' }, 400)
    }
    return backend.answer?.(spend) ?? spend()
  })

  const refresh = async (tokens: Tokens, io: AdapterIO): Promise<Tokens | null> => {
    const sentAt = io.now()
    const answer = await send(io, 'https://auth.test/token', {
      method: 'POST',
      body: tokens.refreshToken ?? '',
    })
    if (answer.status === 400) return null
    if (answer.status !== 200) throw refusal(answer)
    return toTokens(answer.body as ReturnType<typeof next>, sentAt)
  }
  return {
    world,
    backend,
    asking: () => asking,
    issue: () => toTokens(next(), world.clock.now()),
    open: (storage = 'local') => {
      const { page } = world.tab('http://app.test/')
      const { origin } = page.location
      const holder = {}
      const env = Object.defineProperties({} as Page, {
        ...Object.getOwnPropertyDescriptors(page),
        // Held beside the page, so that a page whose timers stand still goes on holding them.
        navigator: {
          value: {
            ...(locks && { locks: world.locks.of(() => origin, holder) }),
            get onLine() {
              return page.navigator.onLine
            },
          },
        },
      })
      let dead = false
      const never = new Promise<never>(() => {})
      const fetcher: typeof fetch = async (...args) => {
        if (dead) return never
        asking = tab
        const response = await world.network.fetch(...args)
        return dead ? never : response
      }
      const tab: TabVault = {
        page: env,
        vault: createVault({ env, fetch: fetcher, key: 'acme', storage, refresh }),
        kill: () => {
          dead = true
          page.discard()
          world.locks.release(holder)
        },
      }
      return tab
    },
  }
}

function toTokens(
  body: { access_token: string; refresh_token: string; expires_in: number },
  sentAt: number,
): Tokens {
  return {
    accessToken: body.access_token,
    refreshToken: body.refresh_token,
    sentAt,
    expiresAt: lastsUntil(sentAt, body.expires_in),
  }
}

/** Long enough that every token of this backend has ended. */
export const LONG = LIFETIME * 1000 + 1

/** The access token, `null`, or the code of the error. */
export async function told(promise: Promise<Tokens | null>): Promise<string | null> {
  return promise.then(
    (tokens) => tokens?.accessToken ?? null,
    (error: unknown) => (error instanceof AuthError ? error.code : 'not an AuthError'),
  )
}

/** From now on nothing more fits into this page's storage. */
export function fill(page: Page): void {
  const { localStorage } = page
  const setItem = (): never => {
    throw new DOMException('Full.', 'QuotaExceededError')
  }
  Object.defineProperty(page, 'localStorage', {
    value: {
      getItem: (key: string) => localStorage.getItem(key),
      removeItem: (key: string) => localStorage.removeItem(key),
      setItem,
    },
  })
}
