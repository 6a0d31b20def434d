import { AuthError } from '../../errors.js'
import { refusal, type Answer } from '../../http.js'

/** What the bodies of the four JSON dialects, and of gateways, may have. */
interface Body {
  readonly code?: unknown
  readonly error_code?: unknown
  readonly error?: unknown
  readonly msg?: unknown
  readonly message?: unknown
  readonly error_description?: unknown
  readonly weak_password?: { readonly reasons?: readonly string[] }
}

/** The fork has words where the current server has codes: `api/*.go`, the first that fits. */
const WORDS: readonly (readonly [RegExp, string])[] = [
  [/^Invalid login/, 'invalid_credentials'],
  [/^Email not conf/, 'email_not_confirmed'],
  [/^Phone not conf/, 'phone_not_confirmed'],
  [/already (been )?reg/, 'user_already_exists'],
  [/^Password should/, 'weak_password'],
  [/^Invalid token:/, 'bad_jwt'],
  [/xpired or is inv|Token not found/, 'otp_expired'],
  [/allowed for otp/, 'otp_disabled'],
  [/^Signups not/, 'signup_disabled'],
  [/^User not found/, 'user_not_found'],
  [/ requires reauth/, 'reauthentication_needed'],
  [/^Email (log|sign)/, 'email_provider_disabled'],
  [/^Phone (log|sign)|phone provider$/, 'phone_provider_disabled'],
  [/^(Unsupported )?provider/i, 'provider_disabled'],
  [/^Unverified email/, 'provider_email_needs_verification'],
]

const codeOf = (message: string | undefined): string | undefined =>
  WORDS.find(([sign]) => sign.test(message ?? ''))?.[1]

/** The first that is text. A number is the HTTP status, and never a code. */
const text = (...values: readonly unknown[]): string | undefined =>
  values.find((value): value is string => typeof value === 'string' && value !== '')

/** The error that an answer stands for, in whichever dialect. */
export function explain(answer: Answer): AuthError {
  const { status } = answer
  const body = Object(answer.body) as Body
  const plain = refusal(answer)
  const message = text(body.msg, body.message, body.error_description, body.error)
  // What the fork says twice, in OAuth's words and in English, is clearer in English. What stands in
  // front of it says `message`, and means something else.
  const code =
    text(body.code, body.error_code) ??
    codeOf(text(body.msg, body.error_description)) ??
    text(body.error)
  // Its only word on how long to wait.
  const seconds = /after (\d+) sec/.exec(message ?? '')?.[1]
  return new AuthError(code ?? plain.code, message ?? plain.message, {
    status,
    retryAfter: plain.retryAfter ?? (seconds === undefined ? undefined : Number(seconds) * 1000),
    reasons: body.weak_password?.reasons,
    cause: answer.body,
  })
}

/**
 * Whether the server has *said* that a refresh token is no longer good. An overload, a lock that was
 * held too long (409) or a proxy's page says no such thing.
 */
export function isFinal({ status = 0, code }: AuthError): boolean {
  const final =
    /^(invalid_grant|refresh_token_\w+|session_(not_found|expired)|user_(banned|not_found)|validation_failed)$/
  return status >= 400 && status < 500 && status !== 429 && final.test(code)
}

/** The error that a landing brings, or `null`. */
export function readFailure(params: URLSearchParams): AuthError | null {
  const description = params.get('error_description')?.slice(0, 500) || undefined
  const error = params.get('error') ?? undefined
  const named = params.get('error_code') ?? undefined
  if (params.get('code') === '') {
    return new AuthError('exchange_failed', 'The server failed, and does not say at what.')
  }
  if (error === undefined && named === undefined && description === undefined) return null
  // The fork's is an HTTP status here, and nobody is found by a link that was used.
  const isFork = named !== undefined && /^\d+$/.test(named)
  const code =
    named && !isFork ? named : codeOf(isFork ? description?.replace('User', 'Token') : description)
  const source = named === undefined ? ('provider' as const) : undefined
  return new AuthError(code ?? error ?? 'server_error', description, { description, source })
}
