import { processRevocationResponse, revocationRequest } from 'oauth4webapi'

import { operate } from '../../http.js'
import type { AdapterIO, ClientConfig } from '../../types.js'
import { isSafe, type OidcOptions } from './options.js'
import type { Provider } from './provider.js'
import type { OidcTokens } from './tokens.js'

/** ms that a provider has to confirm. The user is signed out here, whatever it says. */
const PATIENCE = 5_000

/** Whether the provider has said that these tokens are no longer good. Never rejects. */
export async function revoke(
  { env, fetch: fetcher = fetch }: ClientConfig,
  { client, auth, request }: Provider,
  { refreshToken, accessToken }: OidcTokens,
): Promise<boolean> {
  const ask = async (io: AdapterIO): Promise<boolean> =>
    request(io, async (as, options) => {
      if (!as.revocation_endpoint) return false
      // RFC 7009 §2.1: with the refresh token goes all that came of it.
      const token = refreshToken ?? accessToken
      await processRevocationResponse(await revocationRequest(as, client, auth, token, options))
      return true
    })
  return operate(env!, fetcher, ask, undefined, PATIENCE).catch(() => false)
}

/** What is left of a sign-out once these tokens are gone here. Never rejects. */
export async function signOut(
  { signOut: how = 'revoke', clientId }: OidcOptions,
  config: ClientConfig,
  provider: Provider,
  tokens: OidcTokens | null,
  redirectTo: string,
): Promise<{ revoked: boolean | Promise<boolean>; url?: string }> {
  const revoked = how !== 'local' && tokens !== null && revoke(config, provider, tokens)
  if (how !== 'provider') return { revoked }
  const { env, fetch: fetcher = fetch } = config
  const known = operate(env!, fetcher, provider.metadata, undefined, PATIENCE)
  const { end_session_endpoint: page = '' } = (await known.catch(() => null)) ?? {}
  if (!isSafe(page)) return { revoked }
  const url = new URL(page)
  url.searchParams.set('client_id', clientId)
  if (tokens?.idToken) url.searchParams.set('id_token_hint', tokens.idToken)
  if (redirectTo) url.searchParams.set('post_logout_redirect_uri', redirectTo)
  return { revoked, url: url.href }
}
