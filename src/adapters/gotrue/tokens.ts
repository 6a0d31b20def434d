import { AuthError } from '../../errors.js'
import { lastsUntil } from '../../tokens/clock.js'
import type { Tokens } from '../../tokens/vault.js'
import type { GoTrueSession, Kind, ProviderTokens, RawUser } from './options.js'

/** What the vault holds: the tokens, and the session that a page is shown. */
export interface GoTrueTokens extends Tokens {
  readonly session: GoTrueSession
  /** The code that they were given for: a page that is loaded with it again has missed nothing. */
  readonly code?: string | undefined
  readonly provider?: ProviderTokens | undefined
}

/** Of a token endpoint, or of a fragment. The fork says no `expires_at`, and nobody needs it. */
export interface TokenAnswer {
  readonly access_token?: unknown
  readonly refresh_token?: unknown
  /** Seconds. */
  readonly expires_in?: unknown
  readonly provider_token?: unknown
  readonly provider_refresh_token?: unknown
  readonly user?: unknown
}

/**
 * The answer to a request that was sent at `sentAt`. Rejects what is no token answer. `known`: of a
 * refresh, for where its answer says badly whose tokens they are. They are good, and the old ones spent.
 */
export function toTokens(
  body: unknown,
  sentAt: number,
  kind?: Kind,
  known?: RawUser,
): GoTrueTokens {
  const answer = (body ?? {}) as TokenAnswer
  const { access_token: accessToken, refresh_token: refreshToken } = answer
  if (typeof accessToken !== 'string' || typeof refreshToken !== 'string') {
    throw new AuthError('invalid_response', 'No tokens.')
  }
  const expiresAt = lastsUntil(sentAt, answer.expires_in)
  const { user } = answer
  const session = toSession((user as Partial<RawUser> | null)?.id ? user : known, expiresAt, kind)
  return { accessToken, refreshToken, sentAt, expiresAt, session }
}

export function toSession(
  user: unknown,
  expiresAt: number | null,
  kind: Kind = 'signIn',
): GoTrueSession {
  const raw = (user ?? {}) as RawUser
  if (typeof raw.id !== 'string') throw new AuthError('invalid_response', 'No user.')
  const { id, email, phone, identities } = raw
  const data = raw.user_metadata ?? {} // `null` where nobody ever wrote there
  const read = (...names: string[]): string | null =>
    names.map((name) => data[name]).find((it): it is string => typeof it === 'string') || null
  return {
    user: {
      id,
      name: read('full_name', 'name', 'user_name'),
      email: email || null,
      image: read('avatar_url', 'picture'),
      phone: phone || null,
      data,
    },
    identities: (identities ?? []).map((it) => ({
      id: String(it['identity_id'] ?? it['id']),
      provider: String(it['provider']),
    })),
    expiresAt,
    kind,
    raw,
  }
}

/** What a link or a code from a mail was for. `undefined`: `type` is no kind of mail. */
export const kindOf = (type: string | null): Kind | undefined =>
  /^(signup|invite|recovery|magiclink|email_change)$/.test(type!) ? (type as Kind) : undefined

/** What came of the provider's own. `null`: nothing did. */
export function readProvider(body: unknown): ProviderTokens | null {
  const { provider_token: accessToken, provider_refresh_token: refreshToken } = (body ??
    {}) as TokenAnswer
  if (typeof accessToken !== 'string' || !accessToken) return null
  return { accessToken, refreshToken: typeof refreshToken === 'string' ? refreshToken : null }
}
