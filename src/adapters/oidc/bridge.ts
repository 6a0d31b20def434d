import type { AdapterIO } from '../../types.js'
import type { Secret } from './authorize.js'

/**
 * Has `latchkey/server` exchange the code, for it has the client secret. It answers as the token
 * endpoint does. Once: a code is good for one attempt.
 */
export async function exchangeByBridge(
  { fetch: send, signal }: AdapterIO,
  base: URL,
  provider: string,
  response: URLSearchParams,
  { verifier, redirectURI }: Secret,
): Promise<Response> {
  return send(`${base.href.replace(/\/+$/, '')}/bridge/${provider}/token`, {
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
