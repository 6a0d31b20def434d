import { AuthError } from '../../errors.js'
import { refusal, type Answer } from '../../http.js'

/**
 * The error that an answer stands for. Only `unauthorized`, or a 401 without any code, says that
 * nobody is signed in: `token.dead` and its like are about one account's access at its provider.
 */
export function problem(answer: Answer): AuthError {
  const { status, body } = answer
  const code = codeOf(body)
  const refused = status === 401 ? (code ?? 'unauthorized') : ''
  const error =
    refused === 'unauthorized'
      ? new AuthError('no_session', undefined, { status })
      : refused.startsWith('token.')
        ? new AuthError('needs_reauth', `Reauthorize: ${code}.`, { status, cause: body })
        : refusal(answer)
  // Not in Aurinko's words: the app's own page, or nothing that is there.
  if (!code && error.code === 'invalid_response') {
    error.message += ': forward /v1/* of this origin to https://api.aurinko.io, or mend bridgeURL.'
  }
  const { requestId } = (body ?? {}) as { requestId?: unknown }
  return typeof requestId === 'string' ? Object.assign(error, { requestId }) : error
}

/**
 * The code of an error: its own, else the innermost of the first branch that has one. Aurinko passes
 * on the providers' own errors.
 */
export function codeOf(body: unknown, depth = 0): string | undefined {
  if (typeof body !== 'object' || !body || depth > 4) return undefined
  const { code, originalError, error, innerError } = body as Record<string, unknown>
  const own = typeof code === 'string' ? code : undefined
  if (own && !depth) return own
  const inner = [originalError, error, innerError].map((one) => codeOf(one, depth + 1))
  return inner.find(Boolean) ?? own
}
