import { AuthError, isAuthError, readProviderError, toAuthError } from '../../errors.js'
import { refusal } from '../../http.js'

/** What oauth4webapi throws, as far as it is told apart: by `code`, for names are minified. */
interface OAuthError {
  readonly code?: string
  readonly message: string
  /** RFC 6749 §5.2. */
  readonly error?: string
  readonly error_description?: string
  readonly response?: unknown
  readonly cause?: unknown
}

/** By their `code` and `message`: the first that fits. */
const OURS: readonly (readonly [RegExp, string])[] = [
  [/^OAUTH_(HTTP|MISSING|INVALID_SERVER)/, 'invalid_config'],
  [/JWT|ID T/, 'invalid_id_token'],
  [/_JSON_ATTRIBUTE|"iss"/, 'issuer_mismatch'],
  [/"state"/, 'state_mismatch'],
  [/^OAUTH/, 'exchange_failed'],
]

/** The error in our words. Theirs is not kept as its `cause`: a token, or a code, may be in it. */
export function explain(thrown: unknown): AuthError {
  if (isAuthError(thrown)) return thrown
  const { code, message, error, error_description: description, cause } = thrown as OAuthError
  if (cause instanceof URLSearchParams) return readProviderError(cause)!
  // The answer of the token endpoint, if there was one.
  const { response = cause } = thrown as OAuthError
  const { status, headers } = response instanceof Response ? response : {}
  if (headers && (status === 429 || status! >= 500)) {
    return refusal({ status: status!, headers, body: undefined })
  }
  const told = `${code ?? String(thrown)} ${message}`
  const ours = OURS.find(([sign]) => sign.test(told))?.[1]
  if (!ours) return toAuthError(thrown)
  const said = error ? `${error}: ${description}` : message
  return new AuthError(ours, said.slice(0, 500), { status })
}

/**
 * Whether the token endpoint has *said* that the refresh token is no longer good (RFC 6749 §5.2, OIDC
 * Core §3.1.2.6). A page of a proxy says no such thing, whatever it looks like; and an app that is
 * registered wrong is put right one day.
 */
export function isFinal(thrown: unknown): boolean {
  const { error = '' } = thrown as OAuthError
  return /^(invalid_(grant|token)|(interaction|login|consent)_required)$/.test(error)
}
