import { AuthError } from '../../errors.js'
import { send, type Answer } from '../../http.js'
import type { AdapterIO, Landing, StartRequest } from '../../types.js'
import type { AurinkoKit } from './kit.js'
import { problem } from './problem.js'
import { readUser, type AurinkoAccount, type AurinkoSession } from './session.js'

/**
 * Reads what Aurinko added to the return URL. Only `status=success` is one, and it signs nobody in:
 * anybody can make that URL. `null`: ask who is signed in.
 */
export async function finishLanding(
  { mode, bridgeURL }: AurinkoKit,
  { url: { searchParams: params }, transaction }: Landing,
  io: AdapterIO,
): Promise<AurinkoSession | null> {
  // A refusal of nobody's: whoever made that link may have made it up.
  if (!transaction) throw new AuthError('state_unknown')
  const status = params.get('status')
  const state = params.get('state')
  const requestId = params.get('requestId') ?? undefined
  if (status === null && ['authuser', 'scope', 'prompt'].some((name) => params.has(name))) {
    throw new AuthError(
      'invalid_config',
      'The provider came straight back to the app. Its redirect URI has to be /v1/auth/callback, ' +
        'or a page that forwards the whole query there.',
    )
  }
  const isSuccess = status === 'success'
  // A failure may have lost it. What has another one is about something else.
  if (state !== transaction.id && (isSuccess || state !== null)) {
    throw new AuthError('state_mismatch', undefined, { requestId })
  }
  if (!isSuccess) throw readFailure(params, requestId)
  const code = params.get('code')
  if (mode !== 'code' || isAboutSecondary(transaction)) return null
  if (!code) throw new AuthError('invalid_response', 'Success, but no code.', { requestId })
  const answer = await send(io, `${bridgeURL}/exchange`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ code }),
  })
  if (answer.status !== 200) throw readRefusal(answer, requestId)
  return readUser(answer)
}

type Asked = Pick<StartRequest, 'intent' | 'own'>

/** The account to reauthorize. `undefined`: it is not about one that is there. */
export function accountOf({ intent, own }: Asked): Partial<AurinkoAccount> | undefined {
  return intent === 'reauthorize' ? (own['account'] as Partial<AurinkoAccount>) : undefined
}

/** Whether it is about an account other than the one that the user signs in with. */
export function isAboutSecondary(asked: Asked): boolean {
  return asked.intent === 'link' || accountOf(asked)?.role === 'secondary'
}

/** The first of these that is there, since none is documented. */
const CODES = ['error', 'errorCode']
const MESSAGES = ['message', 'errorDescription', 'error_description', 'details', ...CODES]

function readFailure(params: URLSearchParams, requestId: string | undefined): AuthError {
  const first = (names: readonly string[]): string | undefined =>
    names
      .map((name) => params.get(name))
      .find(Boolean)
      ?.slice(0, 500)
  const description = first(MESSAGES)
  const denied = /denied|cancell?ed/i.test(description ?? '') ? 'access_denied' : 'exchange_failed'
  return new AuthError(first(CODES) ?? denied, description, {
    source: 'provider',
    description,
    requestId,
  })
}

/** What the bridge says went wrong, in its own words. */
export function readRefusal(answer: Answer, landed?: string): AuthError {
  const { status, body } = answer
  const { error, message, requestId = landed } = (body ?? {}) as Record<string, string | undefined>
  return typeof error === 'string'
    ? new AuthError(error, message, { status, requestId })
    : problem(answer)
}
