import { AuthError } from '../../errors.js'
import { jarsFor, readHeader, type WithHeaders } from '../api.js'
import { processEnv, resolveConfig } from '../config.js'
import { createServer } from '../context.js'
import { readCookies } from '../cookies.js'
import { createKeys } from '../keys.js'
import type { Handlers } from '../routes/index.js'
import type { AuthOptions } from '../types.js'
import { createRoutes } from './routes.js'
import { createAurinkoSessions, type AurinkoUserSession } from './sessions.js'
import { createUpstream } from './upstream.js'

export interface AurinkoOptions extends Omit<AuthOptions, 'oauth' | 'session'> {
  /** Default: `AURA_AUTH_AURINKO_CLIENT_ID`. */
  readonly clientId?: string
  /** Default: `AURA_AUTH_AURINKO_CLIENT_SECRET`. */
  readonly clientSecret?: string
  /** Where `/v1` is. Default `'https://api.aurinko.io'`. */
  readonly apiURL?: string
  /** Path that the handlers are mounted on. Default `'/aurinko'`. */
  readonly basePath?: string
  /** Seconds that the cookie lasts. Default 1 296 000: 15 days. Aurinko itself names no end. */
  readonly maxAge?: number
}

/** The server's own calls. */
export interface AurinkoApi {
  /**
   * What to call Aurinko with for whoever sent this request, as `X-Aurinko-Session`. `null`: nobody
   * who is signed in. Never pass it on to a browser: it opens every mailbox of the user.
   */
  readonly getSession: (from: WithHeaders) => Promise<AurinkoUserSession | null>
}

export interface Aurinko {
  /** The HTTP side, for the framework's router. */
  readonly handlers: Handlers
  readonly api: AurinkoApi
}

/**
 * The half of a sign-in with Aurinko that a browser cannot do: exchanges the code, keeps the
 * `userSession` in a sealed cookie, and signs for accounts that are linked.
 *
 * @throws `invalid_config`, saying what is missing and how to make it
 * @example
 * export const { handlers, api } = aurinko() // mount handlers.ALL at /aurinko
 */
export function aurinko(options: AurinkoOptions = {}): Aurinko {
  const { maxAge, apiURL = 'https://api.aurinko.io', ...shared } = options
  const config = resolveConfig({
    basePath: '/aurinko',
    ...shared,
    oauth: [],
    ...(maxAge !== undefined && { session: { maxAge } }),
  })
  const env = options.env ?? processEnv()
  const clientId = options.clientId || env['AURA_AUTH_AURINKO_CLIENT_ID']
  const clientSecret = options.clientSecret || env['AURA_AUTH_AURINKO_CLIENT_SECRET']
  if (!clientId || !clientSecret) {
    const missing = clientId ? 'CLIENT_SECRET' : 'CLIENT_ID'
    throw new AuthError('invalid_config', `Set AURA_AUTH_AURINKO_${missing}.`)
  }
  const keys = createKeys(config.secret, config.salt)
  const sessions = createAurinkoSessions(config, keys)
  const upstream = createUpstream(config, { apiURL, clientId, clientSecret })
  return {
    handlers: createRoutes(createServer(config, keys), sessions, upstream),
    api: {
      getSession: async (from) => {
        const cookies = readCookies(readHeader(from, 'cookie'))
        for (const jar of jarsFor(config.baseOrigin)) {
          const session = await sessions.read(jar, cookies)
          if (session) return session
        }
        return null
      },
    },
  }
}
