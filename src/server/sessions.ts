import { AuthError } from '../errors.js'
import type { Config } from './config.js'
import { MAX_COOKIE_BYTES, writeCookie, type CookieJar } from './cookies.js'
import type { Keys } from './keys.js'
import type { ProfileUser } from './providers/types.js'
import { seal, unseal } from './seal.js'
import type { Session, User } from './types.js'

/** What a session cookie holds. Times are in whole seconds since 1970, as in a JWT. */
interface SessionClaims {
  readonly user: User
  readonly exp: number
  /** Hard end whatever is renewed; `null`: none. */
  readonly mexp: number | null
}

export interface Sessions {
  /**
   * The `Set-Cookie` of a new session.
   *
   * @throws `session_too_large` when no browser would keep the cookie
   */
  readonly issue: (jar: CookieJar, user: User) => Promise<string>
  /** The session in this cookie value, or `null` if it is not one, or is over. */
  readonly read: (value: string | undefined) => Promise<Session | null>
  /** Like `read`, and the `Set-Cookie` that prolongs it when it is time for that. */
  readonly renew: (
    jar: CookieJar,
    value: string | undefined,
  ) => Promise<{ readonly session: Session; readonly cookie: string | null } | null>
  /** The `Set-Cookie` that ends a session in this browser. */
  readonly clear: (jar: CookieJar) => string
}

/** Sessions that live in their own sealed cookie; the server remembers none. */
export function createSessions(config: Config, keys: Keys): Sessions {
  const { maxAge, maxDuration, expirationStrategy, slidingThreshold } = config.session
  const seconds = (): number => Math.floor(config.now() / 1000)

  const open = async (value: string | undefined): Promise<SessionClaims | null> => {
    if (!value) return null
    const claims = (await unseal(keys, 'session', value)) as SessionClaims | null
    return claims && claims.exp > seconds() ? claims : null
  }

  const write = async (jar: CookieJar, claims: SessionClaims): Promise<string> => {
    const value = await seal(keys, 'session', claims)
    if (jar.session.length + value.length > MAX_COOKIE_BYTES)
      throw new AuthError(
        'session_too_large',
        `The session does not fit into a cookie of ${MAX_COOKIE_BYTES} bytes: let profile() return less.`,
      )
    return writeCookie(jar, jar.session, value, claims.exp - seconds())
  }

  const extended = (claims: SessionClaims): number | null => {
    const now = seconds()
    const due =
      expirationStrategy === 'rolling' ||
      (expirationStrategy === 'sliding' && claims.exp - now < maxAge * slidingThreshold)
    const exp = Math.min(now + Math.floor(maxAge), claims.mexp ?? Infinity)
    return due && exp > claims.exp ? exp : null
  }

  return {
    issue: (jar, user) => {
      const now = seconds()
      const mexp = Number.isFinite(maxDuration) ? now + Math.floor(maxDuration) : null
      return write(jar, { user, exp: Math.min(now + Math.floor(maxAge), mexp ?? Infinity), mexp })
    },
    read: async (value) => {
      const claims = await open(value)
      return claims && toSession(claims)
    },
    renew: async (jar, value) => {
      const claims = await open(value)
      if (!claims) return null
      const exp = extended(claims)
      if (exp === null) return { session: toSession(claims), cookie: null }
      const renewed = { ...claims, exp }
      return { session: toSession(renewed), cookie: await write(jar, renewed) }
    },
    clear: (jar) => writeCookie(jar, jar.session, '', 0),
  }
}

const toSession = ({ user, exp }: SessionClaims): Session => ({
  user,
  expires: new Date(exp * 1000).toISOString(),
})

/**
 * The user to keep, of what `profile` returned; `null` when that names nobody.
 */
export function toUser(profile: ProfileUser): User | null {
  const { sub, name, email, image, ...fields } = profile
  if (typeof sub !== 'string' || sub === '') return null
  return { ...fields, sub, name: name ?? null, email: email ?? null, image: image ?? null }
}
