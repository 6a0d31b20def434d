import { getValidatedIdTokenClaims, type TokenEndpointResponse } from 'oauth4webapi'

import { AuthError } from '../../errors.js'
import { lastsUntil } from '../../tokens/clock.js'
import type { Tokens } from '../../tokens/vault.js'
import type { User } from '../../types.js'
import type { Claims, OidcOptions, OidcSession } from './options.js'

/** What the vault holds: the tokens, and the session that a page is shown. */
export interface OidcTokens extends Tokens {
  /** For the provider's sign-out page alone (`id_token_hint`), and only if it is to have it. */
  readonly idToken: string | undefined
  readonly session: OidcSession
}

/**
 * The answer of a token endpoint to a request sent at `sentAt`. `before`: what was spent for it; what
 * the answer leaves out stays as it was (RFC 6749 §6, OIDC Core §12.2).
 */
export function toTokens(
  answer: TokenEndpointResponse,
  sentAt: number,
  asked: string,
  options: OidcOptions,
  before?: OidcTokens,
): OidcTokens {
  const expiresAt = lastsUntil(sentAt, answer.expires_in)
  const claims = getValidatedIdTokenClaims(answer)
  const known = before?.session.raw
  if (claims && known?.['sub'] !== undefined && known['sub'] !== claims.sub) {
    throw new AuthError('invalid_id_token') // about somebody else
  }
  const scope = answer.scope ?? before?.session.scopes.join(' ') ?? asked
  return {
    accessToken: answer.access_token,
    refreshToken: answer.refresh_token ?? before?.refreshToken,
    idToken: options.idTokenHint ? (answer.id_token ?? before?.idToken) : undefined,
    sentAt,
    expiresAt,
    session: {
      ...toSession({ ...known, ...claims }, options),
      scopes: scope.split(' ').filter(Boolean),
      expiresAt,
    },
  }
}

export function toSession(
  raw: Claims,
  { toUser = readUser }: OidcOptions,
): {
  user: User
  raw: Claims
} {
  return { user: toUser(raw), raw }
}

/** OIDC Core §5.1. */
function readUser(claims: Claims): User {
  const text = (...names: string[]): string | null =>
    names.map((name) => claims[name]).find((value) => typeof value === 'string') ?? null
  return {
    id: String(claims['sub']),
    name: text('name', 'preferred_username', 'nickname'),
    email: text('email'),
    image: text('picture'),
  }
}
