import * as oauth from 'oauth4webapi'

import { AuthError } from '../errors.js'
import type { Attempt } from './attempts.js'
import type { Config } from './config.js'
import { isLoopback } from './origins.js'
import type { ResolvedProvider } from './providers/resolve.js'
import { withDeadline } from './deadline.js'

export interface Tokens {
  /** Never leaves the server, and is forgotten once the profile has been read. */
  readonly accessToken: string
  /** `null`: the answer did not say. */
  readonly scopes: readonly string[] | null
}

/** The URL of the provider's consent page. */
export async function authorizationURL(
  provider: ResolvedProvider,
  attempt: Attempt,
): Promise<string> {
  const url = new URL(provider.authorize.url)
  for (const [name, value] of Object.entries(provider.authorize.params ?? {}))
    if (value) url.searchParams.set(name, value)
  // Last, so that no option can replace what makes the flow safe.
  const own = {
    response_type: 'code',
    client_id: provider.clientId,
    redirect_uri: attempt.redirectURI,
    state: attempt.state,
    code_challenge: await oauth.calculatePKCECodeChallenge(attempt.verifier),
    code_challenge_method: 'S256',
  }
  for (const [name, value] of Object.entries(own)) url.searchParams.set(name, value)
  return url.href
}

/**
 * Reads the provider's answer in the callback URL.
 *
 * @returns the parameters that hold the code, checked
 * @throws the provider's own `error` with `source: 'provider'`, `state_mismatch` or
 *   `invalid_response`
 */
export function readAuthorization(
  provider: ResolvedProvider,
  attempt: Attempt,
  search: URLSearchParams,
): URLSearchParams {
  // Without an issuer to compare it with, `iss` says nothing.
  const params = new URLSearchParams(search)
  if (!provider.issuer) params.delete('iss')
  let answer: URLSearchParams
  try {
    answer = oauth.validateAuthResponse(server(provider), client(provider), params, attempt.state)
  } catch (error) {
    if (error instanceof oauth.AuthorizationResponseError) {
      // Verbatim: Dribbble has codes that no specification lists.
      const description = printable(error.error_description ?? '', 500)
      throw new AuthError(printable(error.error, 100), description, {
        source: 'provider',
        description,
      })
    }
    throw new AuthError('invalid_response', "The provider's answer could not be understood.")
  }
  if (answer.get('code')) return answer
  throw new AuthError('invalid_response', 'The provider sent neither a code nor an error.')
}

/**
 * Spends the code: exactly one request, which is never repeated, because codes are single use.
 *
 * @throws `exchange_failed` or `temporarily_unavailable`
 */
export async function exchangeCode(
  config: Config,
  provider: ResolvedProvider,
  attempt: Attempt,
  answer: URLSearchParams,
): Promise<Tokens> {
  const as = server(provider)
  let status: number | undefined
  try {
    const tokens = await withDeadline(config.timeout, async (signal) => {
      const { redirectURI, verifier } = attempt
      const grant = { answer, redirectURI, verifier }
      const response = await requestTokens(config, provider, grant, signal)
      status = response.status
      // The body says more than a challenge would, which oauth4webapi prefers if there is one.
      const headers = new Headers(response.headers)
      headers.delete('www-authenticate')
      return oauth.processAuthorizationCodeResponse(
        as,
        client(provider),
        new Response(response.body, { status, headers }),
      )
    })
    if (tokens.token_type !== 'bearer')
      throw new AuthError('exchange_failed', 'The provider sent a token of an unknown type.')
    return {
      accessToken: tokens.access_token,
      scopes: tokens.scope?.split(/[\s,]+/).filter(Boolean) ?? null,
    }
  } catch (error) {
    if (error instanceof AuthError) throw error
    const timedOut = error instanceof DOMException && error.name === 'TimeoutError'
    throw tokenFailure(provider, refusedWith(error), timedOut ? undefined : status)
  }
}

/** An authorization code, and what a token request has to repeat of how it was asked for. */
export interface CodeGrant {
  /** The parameters that hold the code, as {@link readAuthorization} or {@link answerOf} made them. */
  readonly answer: URLSearchParams
  readonly redirectURI: string
  /** PKCE code verifier. `null`: none was used. */
  readonly verifier: string | null
}

/** The parameters for a code whose answer somebody else has read and checked. */
export function answerOf(provider: ResolvedProvider, code: string): URLSearchParams {
  return oauth.validateAuthResponse(
    server(provider),
    client(provider),
    new URLSearchParams({ code }),
  )
}

/**
 * The token request (RFC 6749 §4.1.3), with the secret. It goes to the configured address and, as
 * redirects are not followed, to no other. Rejects with what `fetch` does, which may hold all of it.
 */
export function requestTokens(
  config: Config,
  provider: ResolvedProvider,
  { answer, redirectURI, verifier }: CodeGrant,
  signal: AbortSignal,
): Promise<Response> {
  const { hostname, protocol } = new URL(provider.token.url)
  const insecure = protocol === 'http:' && (config.allowInsecureRequests || isLoopback(hostname))
  return oauth.authorizationCodeGrantRequest(
    server(provider),
    client(provider),
    provider.token.authMethod === 'client_secret_basic'
      ? oauth.ClientSecretBasic(provider.clientSecret)
      : oauth.ClientSecretPost(provider.clientSecret),
    answer,
    redirectURI,
    verifier ?? oauth.nopkce,
    {
      signal,
      // Its types are narrower than `fetch`, what it passes is not.
      [oauth.customFetch]: (url, init) => config.fetch(url, init as RequestInit),
      [oauth.allowInsecureRequests]: insecure,
    },
  )
}

/**
 * Why no token came. `status` is `undefined` if no answer did; `error` is the answer's, if it had
 * one. No `cause`: such errors hold requests and bodies, with the secret and the tokens in them.
 */
export function tokenFailure(
  provider: ResolvedProvider,
  error: string | null,
  status: number | undefined,
): AuthError {
  const { name } = provider
  if (status === undefined || status >= 500 || status === 429)
    return new AuthError(
      'temporarily_unavailable',
      status === undefined
        ? `${name} did not answer.`
        : `${name} answered with the status ${status}.`,
      { status },
    )
  const code = printable(error ?? '', 64)
  return new AuthError(
    'exchange_failed',
    /^[a-z][a-z0-9_.-]*$/i.test(code)
      ? `${name} refused the code: ${code}.`
      : `${name} gave no usable answer to the code (status ${status}).`,
    { status },
  )
}

/** The `error` of a token answer, wherever oauth4webapi found it; servers send it in two places. */
function refusedWith(error: unknown): string | null {
  if (error instanceof oauth.ResponseBodyError) return error.error
  // GitHub answers 200 with an error in it.
  const { body } = ((error as Error).cause ?? {}) as { body?: { error?: unknown } }
  return typeof body?.error === 'string' ? body.error : null
}

function server(provider: ResolvedProvider): oauth.AuthorizationServer {
  return {
    issuer: provider.issuer ?? new URL(provider.authorize.url).origin,
    token_endpoint: provider.token.url,
  }
}

const client = (provider: ResolvedProvider): oauth.Client => ({ client_id: provider.clientId })

/** Somebody else's text, fit for a URL and a log line: no control characters, and no more of it. */
export function printable(value: string, length: number): string {
  // oxlint-disable-next-line no-control-regex
  return value.replaceAll(/[\u0000-\u001f\u007f-\u009f]+/g, ' ').slice(0, length)
}
