import type { DPoPHandle } from 'oauth4webapi'

import type { Env } from '../../env.js'
import { AuthError } from '../../errors.js'
import type { Access } from '../../tokens/access.js'
import type { ClientConfig, Session, User } from '../../types.js'

/** What a provider says of a user: ID token claims (OIDC Core §5.1), userinfo, or a profile. */
export type Claims = Readonly<Record<string, unknown>>

export interface OidcSession extends Session {
  /** The scopes that were granted, which may be fewer than were asked for. */
  readonly scopes: readonly string[]
  /** Claims of the ID token, and the userinfo answer where that is asked for. */
  readonly raw: Claims
}

export type OidcMethods = Access

/** Names of RFC 8414, OIDC Discovery §3 and RP-Initiated Logout §2.1. */
export interface ProviderMetadata {
  /** Required where the provider sends `iss` (RFC 9207) or ID tokens. */
  readonly issuer?: string
  readonly authorization_endpoint: string
  readonly token_endpoint: string
  readonly userinfo_endpoint?: string
  readonly revocation_endpoint?: string
  readonly end_session_endpoint?: string
  readonly response_modes_supported?: string[]
}

/** DPoP (RFC 9449), from `latchkey/oidc/dpop`. */
export interface Dpop {
  readonly open: (name: string, env: Env) => Promise<DpopKey>
}

export interface DpopKey {
  readonly handle: DPoPHandle
  /** Whether the server wants the same request once more, with the nonce it has just given (§8). */
  readonly wantsNonce: (error: unknown) => boolean
  /** Sends this request with the token and a proof for it. */
  readonly send: (request: Request, accessToken: string, send: typeof fetch) => Promise<Response>
}

export interface OidcOptions {
  /** Exactly as the provider writes it in its metadata, which is found by discovery. */
  readonly issuer?: string
  /** Instead of `issuer`: the endpoints of a provider without discovery. */
  readonly metadata?: ProviderMetadata
  /** Of a public client (`token_endpoint_auth_method` is `none`), with PKCE. */
  readonly clientId: string
  /** Separated by spaces. `'openid profile email'` if left out. */
  readonly scope?: string
  /** Sent with every authorization request: `audience`, `resource`, `ui_locales` … */
  readonly params?: Readonly<Record<string, string>>
  /**
   * What a provider's name stands for behind a broker, as parameters of the authorization request:
   * `{ google: { kc_idp_hint: 'google' } }`. Any other name is the provider itself.
   */
  readonly providers?: Readonly<Record<string, Readonly<Record<string, string>>>>
  /** Asks the userinfo endpoint too, at sign-in and at every lookup. */
  readonly userinfo?: boolean
  /** Where the claims are not those of OIDC. */
  readonly toUser?: (claims: Claims) => User
  /** Origins that `fetch` adds the access token for: `['https://api.example']`. */
  readonly origins?: readonly string[]
  /**
   * What `signOut` ends besides the session here. `'revoke'`, the default: the tokens, where the
   * provider can (RFC 7009). `'provider'`: also the user's session there, by going there and coming
   * back to `redirectTo`, which has to be registered. `'local'`: nothing.
   */
  readonly signOut?: 'local' | 'revoke' | 'provider'
  /**
   * Sends the ID token along in the URL of the provider's sign-out, and keeps it until then. Some
   * providers insist on it (Okta); others ask the user once more where it is missing.
   */
  readonly idTokenHint?: boolean
  readonly dpop?: Dpop
  /** The provider wants a secret, so only a bridge can exchange a code. Presets say so. */
  readonly confidential?: boolean
  /** Where `latchkey/server` is mounted, if it exchanges the codes: `'/auth'`. */
  readonly bridge?: string | undefined
}

/** Throws `invalid_config` for what cannot work, before anything is asked of anybody. */
export function checkOptions(options: OidcOptions, { callbackURL }: ClientConfig): void {
  const refuse = (message: string): never => {
    throw new AuthError('invalid_config', message)
  }
  if ('clientSecret' in options) refuse('A clientSecret is for latchkey/server.')
  if (!options.clientId) refuse('clientId is missing.')
  if (callbackURL === undefined) refuse('callbackURL is missing.')
  const { issuer, metadata, origins = [] } = options
  if (![issuer ?? metadata?.token_endpoint ?? '', ...origins].every(isSafe)) {
    refuse('issuer (or metadata) and origins have to be https.')
  }
}

/** RFC 9700 §2.6: TLS everywhere, but for what does not leave this machine. */
export function isSafe(url: string): boolean {
  const href = URL.canParse(url) ? new URL(url).href : ''
  return /^(https:|http:\/\/(localhost|127(\.\d+){3}|\[::1\])(:\d+)?\/)/.test(href)
}
