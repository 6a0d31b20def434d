import { generateRandomNonce, type AuthorizationServer } from 'oauth4webapi'

import { AuthError } from '../../errors.js'
import type { Start, StartRequest } from '../../types.js'
import { isSafe, type OidcOptions } from './options.js'

/** RFC 7636 §4.1, §4.2, S256. */
export interface Pair {
  readonly verifier: string
  readonly challenge: string
}

/** What this tab keeps until the landing. */
export interface Secret {
  readonly verifier: string
  /** `undefined`: no OpenID, so there will be no ID token. */
  readonly nonce?: string
  readonly redirectURI: string
  /** What was asked for: a provider that grants just that need not say so (RFC 6749 §5.1). */
  readonly scope: string
}

/** The authorization request (RFC 6749 §4.1.1, OIDC Core §3.1.2.1). */
export function authorizationURL(
  as: AuthorizationServer,
  { id, provider, landing, scopes, params }: StartRequest,
  { verifier, challenge }: Pair,
  options: OidcOptions,
  thumbprint?: string,
): Start & { readonly secret: Secret } {
  const { authorization_endpoint: endpoint = '', response_modes_supported: modes } = as
  if (!isSafe(endpoint)) throw new AuthError('invalid_config', 'No authorization_endpoint')
  const redirectURI = landing.href
  const scope = scopes?.join(' ') ?? options.scope ?? 'openid profile email'
  const nonce = /\bopenid\b/.test(scope) ? generateRandomNonce() : undefined
  const url = new URL(endpoint)
  const request: Record<string, string | undefined> = {
    ...options.params,
    ...options.providers?.[provider],
    // A code in the fragment is in no server's log.
    response_mode: modes?.includes('fragment') ? 'fragment' : undefined,
    ...params,
    // Last, so that nothing above can change what the rest depends on.
    client_id: options.clientId,
    redirect_uri: redirectURI,
    response_type: 'code',
    scope,
    state: id,
    nonce,
    code_challenge: challenge,
    code_challenge_method: 'S256',
    dpop_jkt: thumbprint,
  }
  // RFC 6749 §3.1: one without a value is as one that was not sent.
  for (const [name, value] of Object.entries(request)) {
    if (value) url.searchParams.set(name, value)
  }
  return { url: url.href, secret: { verifier, redirectURI, scope, ...(nonce && { nonce }) } }
}
