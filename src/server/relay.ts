import type { AuthError } from '../errors.js'
import { parseObject, readText } from './body.js'
import type { Config } from './config.js'
import { withDeadline } from './deadline.js'
import { answerOf, printable, requestTokens, tokenFailure } from './exchange.js'
import type { ResolvedProvider } from './providers/resolve.js'

/** What a page brings to have its code exchanged. */
export interface RelayedCode {
  readonly code: string
  readonly redirectURI: string
  /** PKCE code verifier. `null`: the page used none. */
  readonly verifier: string | null
}

/** What the page is told. */
export interface Relayed {
  readonly status: number
  /** A token answer (RFC 6749 §5.1) or an error (§5.2). */
  readonly body: object
  /** For the operator. `null`: all went well. */
  readonly failure: AuthError | null
}

type Json = Readonly<Record<string, unknown>>

/** Token answers have some hundred bytes, rarely some thousand. */
const MAX_BYTES = 65_536

/**
 * Spends a page's code with this server's secret: exactly one request, which is never repeated.
 * Never rejects.
 */
export async function relayCode(
  config: Config,
  provider: ResolvedProvider,
  { code, redirectURI, verifier }: RelayedCode,
): Promise<Relayed> {
  const grant = { answer: answerOf(provider, code), redirectURI, verifier }
  let status: number | undefined
  let answer: Json | null = null
  try {
    ;[status, answer] = await withDeadline(config.timeout, async (signal) => {
      const response = await requestTokens(config, provider, grant, signal)
      const text = await readText(response, MAX_BYTES)
      return [response.status, text === null ? null : parseObject(text)]
    })
  } catch {
    // No answer is all there is to say: what was thrown may hold the request, secret and all.
  }
  const tokens = status === 200 && answer && readTokens(answer)
  if (tokens) return { status: 200, body: tokens, failure: null }
  const refused = status !== undefined && status < 500 ? readRefusal(provider, answer) : null
  const failure = tokenFailure(provider, refused?.error ?? null, status)
  // GitHub refuses with 200. A redirect is nothing that the page could use.
  if (refused && status !== undefined && (status < 300 || status >= 400))
    return { status: Math.max(status, 400), body: refused, failure }
  const body = { error: 'upstream_error', error_description: failure.message }
  return { status: 502, body, failure }
}

/**
 * What a page may have of a token answer, or `null` if it is none. A refresh token stays out: it is
 * worth something only together with the secret, and the longer for it.
 */
function readTokens(answer: Json): object | null {
  const { access_token: token, token_type: type, scope } = answer
  if (answer['error'] || typeof token !== 'string' || token === '') return null
  if (typeof type !== 'string' || type.toLowerCase() !== 'bearer') return null
  return {
    access_token: token,
    token_type: type,
    scope: typeof scope === 'string' ? scope : undefined,
    expires_in: seconds(answer['expires_in']),
    created_at: seconds(answer['created_at']),
  }
}

/** Also from text: not every provider tells a number from one. */
function seconds(value: unknown): number | undefined {
  if (typeof value !== 'number' && typeof value !== 'string') return undefined
  return value !== '' && Number.isFinite(Number(value)) ? Number(value) : undefined
}

/** The provider's `error` and its description (RFC 6749 §5.2), or `null` if it gave none. */
function readRefusal(
  { clientSecret }: ResolvedProvider,
  answer: Json | null,
): { readonly error: string; readonly error_description: string | undefined } | null {
  const error = answer?.['error']
  // The characters that the RFC allows, and never the secret, whatever a provider repeats.
  if (typeof error !== 'string' || !/^[ !#-[\]-~]{1,100}$/.test(error)) return null
  if (error.includes(clientSecret)) return null
  const description = answer?.['error_description']
  const isFit = typeof description === 'string' && !description.includes(clientSecret)
  return { error, error_description: isFit ? printable(description, 500) : undefined }
}
