import { parseObject, readText } from '../body.js'
import { withDeadline } from '../deadline.js'
import type { RelayedCode } from '../relay.js'

/** An error of the token endpoint (RFC 6749 §5.2). */
export interface TokenError {
  readonly status: number
  readonly error:
    | 'invalid_client'
    | 'invalid_grant'
    | 'invalid_request'
    | 'unauthorized_client'
    | 'unsupported_grant_type'
  readonly description: string
}

// Codes can be JWTs of some kB.
const MAX_BYTES = 16_384

const invalid = (description: string): TokenError => ({
  status: 400,
  error: 'invalid_request',
  description,
})

/**
 * The request to exchange a code, of a client that is public towards this server.
 *
 * @param timeout ms that its body may take
 */
export async function readTokenRequest(
  request: Request,
  clientId: string,
  timeout: number,
): Promise<RelayedCode | TokenError> {
  const text = await withDeadline(timeout, () => readText(request, MAX_BYTES)).catch(() => null)
  if (text === null) return invalid(`The body is longer than ${MAX_BYTES} bytes, or broke off.`)
  const pairs = readPairs(request.headers.get('content-type'), text)
  if (pairs === null) return invalid('The body must be a form, or a JSON object of texts.')
  const params = new Map<string, string>()
  for (const [name, value] of pairs) {
    if (params.has(name)) return invalid('A parameter is there twice.')
    params.set(name, value)
  }
  // From here on an empty value is none: it "MUST be treated as if [it] were omitted" (§3.2).
  const grantType = params.get('grant_type') || 'authorization_code'
  if (grantType !== 'authorization_code') {
    const description = 'Only authorization_code is exchanged here.'
    return { status: 400, error: 'unsupported_grant_type', description }
  }
  if (params.get('client_secret'))
    return invalid('A page must not hold a client secret: this server does.')
  const named = params.get('client_id')
  if (named && named !== clientId) {
    const description = 'This is not the client_id that the server exchanges codes for.'
    return { status: 401, error: 'invalid_client', description }
  }
  const code = params.get('code')
  const redirectURI = params.get('redirect_uri')
  if (!code || !redirectURI) return invalid('code and redirect_uri are required.')
  return { code, redirectURI, verifier: params.get('code_verifier') || null }
}

/** A form's fields, or a JSON object's by the same names: `redirectUri` is `redirect_uri`. */
function readPairs(contentType: string | null, text: string): Iterable<[string, string]> | null {
  switch (contentType?.split(';')[0]?.trim().toLowerCase() ?? '') {
    case 'application/x-www-form-urlencoded':
      return new URLSearchParams(text)
    case 'application/json': {
      const object = parseObject(text)
      if (object === null) return null
      const pairs: [string, string][] = []
      for (const [key, value] of Object.entries(object)) {
        if (value === null) continue
        if (typeof value !== 'string') return null
        pairs.push([key.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`), value])
      }
      return pairs
    }
    default:
      return null
  }
}
