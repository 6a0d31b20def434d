import { AuthError } from '../../errors.js'
import { refusal, type Answer } from '../../http.js'

/**
 * The error that an answer stands for. Only `unauthorized`, or a 401 without any code, says that
 * nobody is signed in: `token.dead` and its like are about one account's access at its provider.
 */
export function problem(answer: Answer): AuthError {
  const { status, body } = answer
  const code = status === 401 ? codeOf(body) : 'none'
  if (code === 'unauthorized') return new AuthError('no_session', undefined, { status })
  return code.startsWith('token.')
    ? new AuthError('needs_reauth', `Reauthorize: ${code}.`, { status, cause: body })
    : refusal(answer)
}

/** The code of an error: its own, else the innermost. Aurinko passes on the providers' own errors. */
function codeOf(body: unknown): string {
  let found = 'unauthorized'
  let node = body as Record<string, unknown> | null | undefined
  for (let depth = 0; depth < 5 && typeof node === 'object' && node; depth += 1) {
    if (typeof node['code'] === 'string') {
      found = node['code']
      if (!depth) break
    }
    const inner = [node['originalError'], node['error'], node['innerError']]
    node = inner.find((value) => value && typeof value === 'object') as typeof node
  }
  return found
}
