import { digest } from '../attempts.js'
import type { Bridge } from '../bridge.js'
import type { Visit } from '../context.js'
import { relayCode } from '../relay.js'
import { json } from '../respond.js'
import { readTokenRequest, type TokenError } from './token-request.js'

const untrusted: TokenError = {
  status: 403,
  error: 'unauthorized_client',
  description: 'Pages of this origin may not exchange such codes here.',
}

const foreignRedirect: TokenError = {
  status: 400,
  error: 'invalid_request',
  description: 'Codes of this redirect_uri are not exchanged here.',
}

const spent: TokenError = {
  status: 400,
  error: 'invalid_grant',
  description: 'This code was tried before. Please sign in again.',
}

/**
 * `POST /bridge/:oauth/token`: a page's code for an access token, by a provider that wants a secret
 * for it. Reads no cookie and sets none: what counts is the code, and who asks.
 */
export async function bridgeToken(
  visit: Visit,
  { provider, redirectURIs }: Bridge,
): Promise<Response> {
  const { request, config, codes } = visit
  const asked = await readTokenRequest(request, provider.clientId, config.timeout)
  if ('error' in asked) return refuseToken(asked)
  const { redirectURI } = asked
  if (!redirectURIs.has(redirectURI)) return refuseToken(foreignRedirect)
  // Browsers always send `Origin` here, and the page that asks is the one the code came back to.
  // Also where `Host` says what is own: a name that was rebound to this server is in no list.
  if (request.headers.get('origin') !== new URL(redirectURI).origin) return refuseForeign()

  // Before anything is awaited that could fail: a code is tried once, whatever comes of it.
  if (!codes.spend(await digest(`${provider.id} ${asked.code}`))) return refuseToken(spent)
  const { status, body, failure } = await relayCode(config, provider, asked)
  if (failure) visit.report(failure, { route: 'POST /bridge/:oauth/token', provider: provider.id })
  return answer(body, status)
}

/** For pages of origins that this server does not know. */
export const refuseForeign = (): Response => refuseToken(untrusted)

const refuseToken = ({ status, error, description }: TokenError): Response =>
  answer({ error, error_description: description }, status)

function answer(body: object, status: number): Response {
  const response = json(body, status)
  response.headers.set('pragma', 'no-cache') // RFC 6749 §5.1
  return response
}
