import { SignJWT, jwtVerify } from 'jose'

import type { Config } from './config.js'
import { writeCookie, type CookieJar } from './cookies.js'
import type { Keys } from './keys.js'
import { equalInConstantTime } from './seal.js'

export interface Csrf {
  /** A new token. */
  readonly create: () => Promise<string>
  /** Whether this server made the token and it has not expired. */
  readonly verify: (token: string | undefined) => Promise<boolean>
  /** The double submit: the cookie is ours, and the page could read the token and send it back. */
  readonly check: (cookie: string | undefined, header: string | null) => Promise<boolean>
  readonly write: (jar: CookieJar, token: string) => string
  readonly clear: (jar: CookieJar) => string
}

/**
 * CSRF tokens: signed, so that one planted in the cookie by another site's script is worth nothing,
 * and equal in cookie and header, because only a page that may read our answers knows the value.
 */
export function createCsrf(config: Config, keys: Keys): Csrf {
  const maxAge = Math.floor(config.session.maxAge)
  const verify = async (token: string | undefined): Promise<boolean> => {
    if (!token) return false
    const key = await keys('csrf')
    return jwtVerify(token, key, {
      algorithms: ['HS256'],
      currentDate: new Date(config.now()),
      requiredClaims: ['exp'],
    }).then(
      () => true,
      () => false,
    )
  }
  return {
    create: async () => {
      const now = Math.floor(config.now() / 1000)
      return new SignJWT({ jti: crypto.randomUUID() })
        .setProtectedHeader({ alg: 'HS256' })
        .setIssuedAt(now)
        .setExpirationTime(now + maxAge)
        .sign(await keys('csrf'))
    },
    verify,
    check: async (cookie, header) => {
      if (!cookie || !header || !equalInConstantTime(cookie, header)) return false
      return verify(cookie)
    },
    // Strict: nothing ever needs it on the way in from another site.
    write: (jar, token) => writeCookie(jar, jar.csrf, token, maxAge, 'Strict'),
    clear: (jar) => writeCookie(jar, jar.csrf, '', 0, 'Strict'),
  }
}
