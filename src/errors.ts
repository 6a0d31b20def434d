/**
 * The codes Latchkey itself gives. A sign-in that the provider refused carries the provider's own
 * `error` instead (RFC 6749 §4.1.2.1 `access_denied`, or whatever that provider invented), with
 * `source: 'provider'`, so this union is open.
 */
export type AuthErrorCode =
  /** An option of `createAuthClient` or of the server cannot work. Fix the configuration. */
  | 'invalid_config'
  /** The provider name could not be one. Nothing was opened. */
  | 'invalid_provider'
  /** `redirectTo` leaves this origin, or the backend would refuse it. Nothing was opened. */
  | 'invalid_redirect'
  /** The backend does not know this provider. */
  | 'unknown_provider'
  /** No answer: offline, DNS, CORS, server down. Try again later; nothing is lost. */
  | 'network'
  /** No answer in time. Try again later; nothing is lost. */
  | 'timeout'
  /** The caller's `AbortSignal` fired, or the client was disposed of. */
  | 'aborted'
  /** HTTP 429. `retryAfter` says for how many ms to wait. */
  | 'rate_limited'
  /** HTTP 5xx. Try again later; nothing is lost. */
  | 'server_error'
  /** HTTP 403: the backend refused the request itself, for example its CSRF token. */
  | 'forbidden'
  /** The answer is not this backend's protocol. Is `baseURL` the path the backend is mounted on? */
  | 'invalid_response'
  /** Nobody is signed in, which linking or removing an account needs. Nothing was opened. */
  | 'no_session'
  /** Signed in, but the backend's access at the provider has ended. Offer to reauthorize. */
  | 'needs_reauth'
  /** The backend ended a session that was known here. Offer to sign in again. */
  | 'session_expired'
  /** Sign-in succeeded but the session cookie is not sent back: a cross-site deployment. */
  | 'cookie_blocked'
  /** The browser blocked the popup, and `fallback: 'none'` or a frame forbade a redirect. */
  | 'popup_blocked'
  /** The popup was closed, as far as can be told. Re-enable the button; a late result still counts. */
  | 'popup_closed'
  /** The sign-in took longer than the backend waits for it. Offer to try again. */
  | 'popup_timeout'
  /** Another sign-in of this client, or a sign-out, took its place. */
  | 'superseded'
  /** The user came Back from the provider before finishing. Offer to sign in again. */
  | 'redirect_cancelled'
  /** A landing that belongs to no sign-in of this tab: replayed, expired, or started elsewhere. */
  | 'state_unknown'
  /** A redirect needs `sessionStorage`, which is blocked; or the app's own token storage failed. */
  | 'storage_unavailable'
  /** Called on a server, where there is no page to sign in from. */
  | 'unsupported_environment'
  /** The sign-in that came back is not the one that was started: forged, replayed or too late. */
  | 'state_mismatch'
  /** The answer came from another issuer than the one that was asked, or does not say from which. */
  | 'issuer_mismatch'
  /** The ID token is not one for this sign-in. */
  | 'invalid_id_token'
  /** The provider, or the backend that asked it, did not give tokens for the code. Try again. */
  | 'exchange_failed'
  /** The code came too late to be exchanged. Offer to sign in again. */
  | 'code_expired'
  /** The provider gave tokens, and did not say whose they are. Try again. */
  | 'userinfo_failed'
  /** The provider wants a secret, which a browser cannot keep. Name a bridge, or use `latchkey/server`. */
  | 'backend_required'
  /** No `crypto.subtle`: the page came without TLS, and not from this machine. */
  | 'insecure_context'
  /** The provider is turned off at the backend. Nothing was opened, or the blank popup closes. */
  | 'provider_disabled'
  /** This backend has no such thing. Nothing was asked. */
  | 'unsupported'
  /** A link would have signed somebody else in than who is signed in. Sign out first. */
  | 'session_conflict'
  /** Tokens in the address of a page that only takes codes: forged, or a link of another client. */
  | 'flow_mismatch'
  /** A code that this browser has not asked for: the link was opened in another one. */
  | 'pkce_verifier_missing'
  /** A bug in an adapter or in Latchkey: `cause` holds what was thrown. */
  | 'unexpected'

export interface AuthErrorDetails {
  /** HTTP status of the answer that caused this, if there was one. */
  readonly status?: number | undefined
  /** How many ms the backend asks to be left alone (`Retry-After`). `undefined`: it did not say. */
  readonly retryAfter?: number | undefined
  /** `'provider'`: `code` and `description` are the identity provider's own words. */
  readonly source?: 'provider' | undefined
  /**
   * The provider's `error_description`, at most 500 characters. Whoever made the link wrote this
   * text: show it as text, never as HTML.
   */
  readonly description?: string | undefined
  /** What the backend's support finds this failure by. `undefined`: it gave none. */
  readonly requestId?: string | undefined
  /**
   * `'embedded_coop'`: in a frame of another site nothing can be heard of a popup whose provider
   * sends `Cross-Origin-Opener-Policy`. Offer a link that opens the app in a tab of its own.
   */
  readonly hint?: 'embedded_coop' | undefined
  /** Of `weak_password`: `'length'`, `'characters'`, `'pwned'`. */
  readonly reasons?: readonly string[] | undefined
  readonly cause?: unknown
}

// `Symbol.for`, so that two copies of the package on one page recognise each other's errors.
const brand: unique symbol = Symbol.for('latchkey.AuthError')

/**
 * The one class that everything in Latchkey rejects with.
 *
 * @example
 * try {
 *   await auth.signIn('dribbble', { redirectTo: '/dashboard' })
 * } catch (error) {
 *   if (isAuthError(error, 'invalid_redirect')) …
 * }
 */
export class AuthError extends Error {
  override readonly name = 'AuthError'
  readonly code: AuthErrorCode | (string & {})
  declare readonly status?: AuthErrorDetails['status']
  declare readonly retryAfter?: AuthErrorDetails['retryAfter']
  declare readonly source?: AuthErrorDetails['source']
  declare readonly description?: AuthErrorDetails['description']
  declare readonly requestId?: AuthErrorDetails['requestId']
  declare readonly hint?: AuthErrorDetails['hint']
  declare readonly reasons?: AuthErrorDetails['reasons']
  /** @internal */
  readonly [brand] = true

  /** Without a `message` the code says it all. */
  constructor(code: AuthErrorCode | (string & {}), message?: string, details?: AuthErrorDetails) {
    super(message ?? code.replaceAll('_', ' '))
    this.code = code
    Object.assign(this, details)
  }
}

/** Whether `error` is an {@link AuthError} (of any copy of Latchkey), optionally with this code. */
export function isAuthError(
  error: unknown,
  code?: AuthErrorCode | (string & {}),
): error is AuthError {
  const candidate = error as Partial<AuthError> | null | undefined
  return candidate?.[brand] === true && (code === undefined || candidate.code === code)
}

/** The error an authorization response carries (RFC 6749 §4.1.2.1), or `null` when it has none. */
export function readProviderError(params: URLSearchParams): AuthError | null {
  const code = params.get('error')
  const description = params.get('error_description')?.slice(0, 500) || undefined
  return code ? new AuthError(code, description, { source: 'provider', description }) : null
}

/** What is thrown that is no `AuthError` is a bug, and said to be one, or what `code` says. */
export function toAuthError(cause: unknown, code: AuthErrorCode = 'unexpected'): AuthError {
  return isAuthError(cause) ? cause : new AuthError(code, undefined, { cause })
}

/**
 * Runs code of the app (a listener, `debug`). What it throws is the app's bug: the browser reports
 * it as unhandled, and nothing of ours fails because of it.
 */
export function isolate(run: () => void): void {
  void new Promise(() => run())
}
