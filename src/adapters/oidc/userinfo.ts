import { AuthError } from '../../errors.js'
import { parse, refusal } from '../../http.js'
import { asBearer } from '../../tokens/access.js'
import type { AdapterIO } from '../../types.js'
import { isSafe, type Claims, type OidcOptions, type OidcSession } from './options.js'
import type { Provider } from './provider.js'
import { toSession, type OidcTokens } from './tokens.js'

/** s. */
const LONGEST = 900

/**
 * Asks who the access token is of (OIDC Core §5.3, or a plain provider's profile). `null`: the
 * provider no longer takes the token.
 */
export async function askUser(
  provider: Provider,
  options: OidcOptions,
  { accessToken, session }: OidcTokens,
  io: AdapterIO,
): Promise<OidcSession | null> {
  const { userinfo_endpoint: url = '' } = await provider.metadata()
  if (!isSafe(url)) throw new AuthError('invalid_config', 'There is no safe userinfo_endpoint.')
  const response = await authorize(
    new Request(url, { credentials: 'omit', cache: 'no-store', signal: io.signal }),
    accessToken,
    provider,
    io.fetch,
  ).catch((cause: unknown) => {
    throw new AuthError('network', 'Offline, server down or CORS.', { cause })
  })
  const { status } = response
  if (status === 401) return null
  const body = parse(await response.text())
  if (status === 429 || status >= 500) {
    throw refusal({ status, headers: withRetryAfter(response.headers, io.now()), body })
  }
  const claims = body as Claims | null | undefined
  const { sub } = session.raw
  // OIDC Core §5.3.2: it has to be about the same user, or it must not be used.
  if (status !== 200 || typeof claims !== 'object' || !claims || (sub && claims['sub'] !== sub)) {
    throw new AuthError('userinfo_failed', `HTTP ${status}`, { status })
  }
  return { ...session, ...toSession({ ...session.raw, ...claims }, options) }
}

/**
 * Dribbble and GitHub do not say for how long to wait, but until when: in s since the epoch, by their
 * clock. So never for longer than {@link LONGEST}, whatever this machine's clock says.
 */
function withRetryAfter(headers: Headers, now: number): Headers {
  const wait = Math.ceil(Number(headers.get('x-ratelimit-reset')) - now / 1000)
  if (headers.has('retry-after') || !(wait > 0)) return headers
  const told = new Headers(headers)
  told.set('retry-after', String(Math.min(wait, LONGEST)))
  return told
}

/** Sends a request with the access token: as a bearer (RFC 6750 §2.1), or with a proof (RFC 9449). */
export async function authorize(
  request: Request,
  accessToken: string,
  provider: Provider,
  send: typeof fetch,
): Promise<Response> {
  const key = await provider.key()
  if (key) return key.send(request, accessToken, send)
  return asBearer(request, accessToken, send)
}
