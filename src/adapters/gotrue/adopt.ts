import { parse } from '../../http.js'
import type { Storage } from '../../tokens/storage.js'
import { legacyKeysOf, readClaims } from './keys.js'
import { toTokens, type GoTrueTokens, type TokenAnswer } from './tokens.js'

/** ms. Times in seconds may be a little late, and a token from the future is none. */
const ROUNDING = 5_000

type Left = TokenAnswer & { readonly expires_at?: unknown }

/**
 * Takes over the session that `@supabase/auth-js` left, and its place with it: two clients would spend
 * the same refresh token.
 */
export async function adopt(
  storage: Storage,
  realm: string,
  keep: (tokens: GoTrueTokens) => unknown,
): Promise<unknown> {
  for (const key of legacyKeysOf(realm)) {
    const left = parse(await storage.getItem(key)) as (Left & { currentSession?: Left }) | null
    const tokens = left && toOwn(left.currentSession ?? left) // its first version wraps it
    if (!tokens) continue // or half a session, which is for whoever knows the rest
    await storage.removeItem(key) // first, since there may be no room for both
    return keep(tokens)
  }
  return undefined
}

/**
 * Its end is by the server's clock, all that there is; where this one differs, the first thing is a
 * refresh. `null`: it is not a whole session.
 */
function toOwn(left: Left): GoTrueTokens | null {
  try {
    const tokens = toTokens(left, 0)
    const { exp } = Object(parse(readClaims(tokens.accessToken))) as { exp?: number }
    const expiresAt = (Number(left.expires_at ?? exp) || 0) * 1000
    const sentAt = expiresAt - (Number(left.expires_in) || 3600) * 1000 - ROUNDING
    return { ...tokens, sentAt, expiresAt, session: { ...tokens.session, expiresAt } }
  } catch {
    return null
  }
}
