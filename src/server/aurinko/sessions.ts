import { AuthError } from '../../errors.js'
import type { Config } from '../config.js'
import { MAX_COOKIE_BYTES, writeCookie, type CookieJar } from '../cookies.js'
import type { Keys } from '../keys.js'
import { seal, unseal } from '../seal.js'

/** What Aurinko gave for a code: who it is, and the word that opens their accounts. */
export interface AurinkoUserSession {
  readonly userId: string
  readonly userSession: string
}

export interface AurinkoSessions {
  /**
   * The `Set-Cookie` of a new session.
   *
   * @throws `session_too_large` when no browser would keep the cookie
   */
  readonly issue: (jar: CookieJar, session: AurinkoUserSession) => Promise<string>
  /** `null`: none, not ours, or over. */
  readonly read: (
    jar: CookieJar,
    cookies: ReadonlyMap<string, string>,
  ) => Promise<AurinkoUserSession | null>
  /** The `Set-Cookie` that ends a session in this browser. */
  readonly clear: (jar: CookieJar) => string
}

const nameIn = ({ secure }: CookieJar): string => `${secure ? '__Host-' : ''}latchkey.aurinko`

/** Sessions that live in their own sealed cookie; the server remembers none. */
export function createAurinkoSessions(config: Config, keys: Keys): AurinkoSessions {
  const { maxAge } = config.session
  const seconds = (): number => Math.floor(config.now() / 1000)
  return {
    issue: async (jar, { userId, userSession }) => {
      const exp = seconds() + Math.floor(maxAge)
      const value = await seal(keys, 'aurinko session', { userId, userSession, exp })
      const name = nameIn(jar)
      if (name.length + value.length > MAX_COOKIE_BYTES)
        throw new AuthError('session_too_large', 'The userSession does not fit into a cookie.')
      return writeCookie(jar, name, value, Math.floor(maxAge))
    },
    read: async (jar, cookies) => {
      const value = cookies.get(nameIn(jar))
      const claims = value ? await unseal(keys, 'aurinko session', value) : null
      if (!claims || Number(claims['exp']) <= seconds()) return null
      return { userId: String(claims['userId']), userSession: String(claims['userSession']) }
    },
    clear: (jar) => writeCookie(jar, nameIn(jar), '', 0),
  }
}
