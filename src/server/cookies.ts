/** How a cookie is named and protected on one kind of connection. */
export interface CookieJar {
  /** Whether browsers reach this server by https, which earns prefixes and `Secure`. */
  readonly secure: boolean
  readonly session: string
  readonly csrf: string
  /** Followed by the id of an attempt. */
  readonly attemptPrefix: string
}

/**
 * `__Host-` keeps a sibling subdomain from planting a cookie here. The session has the weaker
 * `__Secure-` because Aura Auth names it so, and both must be able to read one another's setup.
 */
export const secureCookies: CookieJar = {
  secure: true,
  session: '__Secure-aura-auth.session_token',
  csrf: '__Host-aura-auth.csrf_token',
  attemptPrefix: '__Host-aura-auth.attempt.',
}

/** On plain http the prefixes are forbidden: browsers drop such cookies. */
export const plainCookies: CookieJar = {
  secure: false,
  session: 'aura-auth.session_token',
  csrf: 'aura-auth.csrf_token',
  attemptPrefix: 'aura-auth.attempt.',
}

/** The cookies of a request, by name. Of two with one name the first counts, as it does in Aura. */
export function readCookies(header: string | null): ReadonlyMap<string, string> {
  const cookies = new Map<string, string>()
  for (const part of header?.split(';') ?? []) {
    const equals = part.indexOf('=')
    if (equals < 1) continue
    const name = part.slice(0, equals).trim()
    if (name !== '' && !cookies.has(name)) cookies.set(name, part.slice(equals + 1).trim())
  }
  return cookies
}

/** What browsers keep of one cookie, name and value, in bytes. Beyond it they drop it, silently. */
export const MAX_COOKIE_BYTES = 4096

/**
 * One `Set-Cookie` value, for this host alone and out of reach of page scripts.
 *
 * @param maxAge seconds; 0 deletes the cookie
 */
export function writeCookie(
  jar: CookieJar,
  name: string,
  value: string,
  maxAge: number,
  sameSite: 'Lax' | 'Strict' = 'Lax',
): string {
  const attributes = ['Path=/', `Max-Age=${maxAge}`, 'HttpOnly', `SameSite=${sameSite}`]
  if (jar.secure) attributes.push('Secure')
  return [`${name}=${value}`, ...attributes].join('; ')
}
