import type { GoTrueState } from './state.js'

/** What the server says instead of an answer. Thrown anywhere, written once, in its own dialect. */
export class Refusal extends Error {
  readonly status: number
  /** The current server's `error_code`, or the `error` of an OAuth error. */
  readonly code: string
  /** `{ error, error_description }` with status 400, whatever version was asked for. */
  readonly oauth: boolean
  /** Why a password is weak. */
  readonly reasons: readonly string[] | undefined

  constructor(status: number, message: string, code: string, oauth: boolean, reasons?: string[]) {
    super(message)
    this.status = status
    this.code = code
    this.oauth = oauth
    this.reasons = reasons
  }
}

/** An error of the server's own. The fork has no codes, so that there the code stays unsaid. */
export const http = (status: number, message: string, code = ''): Refusal =>
  new Refusal(status, message, code, false)

/** RFC 6749, section 5.2. GoTrue leaves out an empty description. */
export const oauth = (error: string, description = ''): Refusal =>
  new Refusal(400, description, error, true)

/** The current server's answer to a password that is too easy. */
export const weak = (message: string, reasons: string[]): Refusal =>
  new Refusal(422, message, 'weak_password', false, reasons)

/** One refusal in two dialects: the fork's, then the current server's. */
export const either = ({ flavor }: GoTrueState, fork: Refusal, current: Refusal): Refusal =>
  flavor === 'fork2022' ? fork : current

/** `error` of a redirect, by HTTP status. What is not here has none. */
export const REDIRECT_ERRORS: Readonly<Record<number, string>> = {
  400: 'invalid_request',
  401: 'unauthorized_client',
  403: 'access_denied',
  500: 'server_error',
  503: 'temporarily_unavailable',
}

/** The JSON of a refusal, as this flavor and this request's version want it. */
export function writeRefusal(
  { status, message, code, oauth: isOAuth, reasons }: Refusal,
  request: Request,
  { flavor }: GoTrueState,
): Response {
  if (isOAuth) {
    const body = { error: code, ...(message && { error_description: message }) }
    return Response.json(body, { status })
  }
  const id = status >= 500 ? { error_id: crypto.randomUUID() } : {}
  if (flavor === 'fork2022') return Response.json({ code: status, msg: message, ...id }, { status })

  const errorCode = code || (status === 500 ? 'unexpected_failure' : 'unknown')
  const headers = { 'x-sb-error-code': errorCode }
  const payload = reasons && { weak_password: { reasons } }
  if (isVersioned(request)) {
    const body = { code: errorCode, message, ...payload }
    const version = { 'x-supabase-api-version': '2024-01-01' }
    return Response.json(body, { status, headers: { ...headers, ...version } })
  }
  const body = { code: status, error_code: errorCode, msg: message, ...id, ...payload }
  return Response.json(body, { status, headers })
}

/** Dates compare as text. Anything else counts as no version at all. */
function isVersioned(request: Request): boolean {
  const version = request.headers.get('x-supabase-api-version') ?? ''
  return /^\d{4}-\d\d-\d\d$/.test(version) && version >= '2024-01-01'
}
