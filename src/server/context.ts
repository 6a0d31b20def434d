import { AuthError } from '../errors.js'
import { createAttempts, type Attempts } from './attempts.js'
import type { Config } from './config.js'
import { plainCookies, readCookies, secureCookies, type CookieJar } from './cookies.js'
import { createCsrf, type Csrf } from './csrf.js'
import type { Keys } from './keys.js'
import { createOnce, type Once } from './once.js'
import { ownOrigin, trustedOrigins } from './origins.js'
import { createSessions, type Sessions } from './sessions.js'
import { createSpent, type Spent } from './spent.js'
import type { ErrorContext, User } from './types.js'

/** What outlives a request. */
export interface Server {
  readonly config: Config
  readonly sessions: Sessions
  readonly attempts: Attempts
  readonly csrf: Csrf
  /** Exchanges by `state`; the result is the user who signed in. */
  readonly exchanges: Once<User>
  /** Codes that came over a bridge, as digests. */
  readonly codes: Spent
  /** Tells the operator. Whatever the hook throws is not the visitor's problem. */
  readonly report: (error: unknown, context: ErrorContext) => void
}

/** What the routes know of one request. */
export interface Visit extends Server {
  readonly request: Request
  readonly url: URL
  /** The origin that browsers know this server by. */
  readonly origin: string
  /** Other origins that may be returned to and may call. */
  readonly trusted: readonly string[]
  readonly jar: CookieJar
  readonly cookies: ReadonlyMap<string, string>
}

export function createServer(config: Config, keys: Keys): Server {
  return {
    config,
    sessions: createSessions(config, keys),
    attempts: createAttempts(config, keys),
    csrf: createCsrf(config, keys),
    exchanges: createOnce<User>(config.now, 300_000),
    // Longer than a code lives: RFC 6749 §4.1.2 recommends ten minutes at most.
    codes: createSpent(config.now, 3_600_000, 10_000),
    report: (error, context) => {
      const known =
        error instanceof AuthError
          ? error
          : new AuthError('server_error', 'An unexpected error.', { cause: error })
      try {
        config.onError(known, context)
      } catch {
        // The hook's own failure has nowhere left to go, and must not cost the visitor the answer.
      }
    },
  }
}

/** @throws `untrusted_origin`, and whatever the `trustedOrigins` function throws */
export async function openVisit(server: Server, request: Request): Promise<Visit> {
  const origin = await ownOrigin(server.config, request)
  return {
    ...server,
    request,
    url: new URL(request.url),
    origin,
    trusted: await trustedOrigins(server.config, request),
    jar: origin.startsWith('https:') ? secureCookies : plainCookies,
    cookies: readCookies(request.headers.get('cookie')),
  }
}
