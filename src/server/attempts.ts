import type { Config } from './config.js'
import { writeCookie, type CookieJar } from './cookies.js'
import type { Keys } from './keys.js'
import { equalInConstantTime, seal, unseal } from './seal.js'

/** One sign-in under way, as its cookie holds it. */
export interface Attempt {
  readonly provider: string
  readonly redirectTo: string
  /** Sent to the provider; the token request has to repeat it. */
  readonly redirectURI: string
  readonly state: string
  /** PKCE code verifier. */
  readonly verifier: string
  /** ms since 1970. */
  readonly createdAt: number
}

/** How many seconds a user may take at the provider. */
export const ATTEMPT_SECONDS = 300

// The cookie outlives the attempt, so that who took too long is told so on the page they left.
const COOKIE_SECONDS = 3600

// Servers refuse a request whose headers exceed some 8 to 16 kB, and would then do so for ever.
const MAX_ATTEMPTS = 5
const MAX_BYTES = 8192

export interface Attempts {
  /** The `Set-Cookie`s that begin an attempt and drop the ones that are in its way. */
  readonly begin: (
    jar: CookieJar,
    cookies: ReadonlyMap<string, string>,
    attempt: Attempt,
  ) => Promise<readonly string[]>
  /**
   * The attempt that a `state` belongs to. `'absent'`: this browser holds none for it.
   * `'broken'`: it holds a cookie of that name, which this server did not write.
   */
  readonly find: (
    jar: CookieJar,
    cookies: ReadonlyMap<string, string>,
    state: string,
  ) => Promise<Attempt | 'absent' | 'broken'>
  readonly isExpired: (attempt: Attempt) => boolean
  /** The `Set-Cookie` that ends the attempt of this `state`. */
  readonly clear: (jar: CookieJar, state: string) => Promise<string>
}

/** One cookie per sign-in, so that two windows of a browser can sign in at the same time. */
export function createAttempts(config: Config, keys: Keys): Attempts {
  const open = async (value: string): Promise<Attempt | null> =>
    (await unseal(keys, 'attempt', value)) as Attempt | null
  const isExpired = (attempt: Attempt): boolean =>
    config.now() - attempt.createdAt >= ATTEMPT_SECONDS * 1000
  const nameOf = async (jar: CookieJar, state: string): Promise<string> =>
    jar.attemptPrefix + (await digest(state))

  return {
    isExpired,
    begin: async (jar, cookies, attempt) => {
      const name = await nameOf(jar, attempt.state)
      const value = await seal(keys, 'attempt', attempt)
      const live: { name: string; size: number; createdAt: number }[] = []
      const dropped: string[] = []
      for (const [other, sealed] of cookies) {
        // Names are echoed when dropped: only ones that this server could have made itself.
        if (!other.startsWith(jar.attemptPrefix)) continue
        if (!/^[0-9a-f]{32}$/.test(other.slice(jar.attemptPrefix.length))) continue
        const earlier = await open(sealed)
        if (!earlier || isExpired(earlier)) dropped.push(other)
        else
          live.push({
            name: other,
            size: other.length + sealed.length,
            createdAt: earlier.createdAt,
          })
      }
      live.sort((a, b) => b.createdAt - a.createdAt)
      let room = MAX_BYTES - name.length - value.length
      for (const [index, earlier] of live.entries()) {
        room -= earlier.size
        if (index >= MAX_ATTEMPTS - 1 || room < 0) dropped.push(earlier.name)
      }
      return [
        ...dropped.map((old) => writeCookie(jar, old, '', 0)),
        writeCookie(jar, name, value, COOKIE_SECONDS),
      ]
    },
    find: async (jar, cookies, state) => {
      const value = cookies.get(await nameOf(jar, state))
      if (value === undefined) return 'absent'
      const attempt = await open(value)
      return attempt && equalInConstantTime(attempt.state, state) ? attempt : 'broken'
    },
    clear: async (jar, state) => writeCookie(jar, await nameOf(jar, state), '', 0),
  }
}

/** 128 bits of SHA-256 in hex: enough to tell texts apart, and gives none of them away. */
export async function digest(text: string): Promise<string> {
  const hash = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))
  return Array.from(new Uint8Array(hash, 0, 16), (byte) => byte.toString(16).padStart(2, '0')).join(
    '',
  )
}
