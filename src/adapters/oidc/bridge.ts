import { AuthError } from '../../errors.js'
import type { AdapterIO, Transaction } from '../../types.js'
import type { Secret } from './authorize.js'
import { isSafe } from './options.js'

/**
 * Has `latchkey/server` exchange the code, for it has the client secret. It answers as the token
 * endpoint does. Once: a code is good for one attempt.
 */
export async function exchangeByBridge(
  { fetch: send, signal }: AdapterIO,
  bridge: string,
  { provider, secret }: Transaction,
  response: URLSearchParams,
): Promise<Response> {
  const { verifier, redirectURI } = secret as Secret
  // Relative to the page that the code came to, which is one of this app.
  const { href, origin } = new URL(bridge, redirectURI)
  if (!isSafe(href) && origin !== new URL(redirectURI).origin)
    throw new AuthError('invalid_config', 'The bridge has to be https.')
  return send(`${href.replace(/\/+$/, '')}/bridge/${provider}/token`, {
    method: 'POST',
    credentials: 'include',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      code: response.get('code'),
      redirectUri: redirectURI,
      codeVerifier: verifier,
    }),
    signal,
  })
}
