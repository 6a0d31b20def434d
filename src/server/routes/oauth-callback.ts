import { AuthError, isAuthError } from '../../errors.js'
import { digest, type Attempt } from '../attempts.js'
import type { Visit } from '../context.js'
import { exchangeCode, readAuthorization } from '../exchange.js'
import type { ResolvedProvider } from '../providers/resolve.js'
import { checkRedirectTo, withError } from '../redirect-to.js'
import { redirect, refusePage, type Refusal } from '../respond.js'
import type { User } from '../types.js'
import { fetchUser } from '../userinfo.js'
import { invalidRedirect } from './sign-in.js'

const noState: Refusal = {
  status: 422,
  type: 'VALIDATION',
  code: 'UNPROCESSABLE_ENTITY',
  error: 'state_mismatch',
  message: 'This sign-in cannot be matched to one that was started here.',
  details: { state: { code: 'invalid', message: 'Missing state parameter.' } },
}

/** No attempt of this browser has this state: over, expired, replayed, forged, or elsewhere's. */
const unknownState = (status: number, code: string): Refusal => ({
  status,
  type: 'AUTH_FLOW',
  code,
  error: 'state_mismatch',
  message: 'This sign-in is over, has expired, or was started in another browser.',
})

/** `GET /callback/:oauth`: the provider's answer. Ends at `redirectTo`, with or without an error. */
export async function callback(visit: Visit, id: string): Promise<Response> {
  const { request, url, jar, cookies, attempts, sessions, csrf } = visit
  const state = url.searchParams.get('state')
  if (!state) return refusePage(request, noState)
  const attempt = await attempts.find(jar, cookies, state)
  if (attempt === 'absent') return refusePage(request, absent(visit))
  const done = await attempts.clear(jar, state)
  if (attempt === 'broken')
    return refusePage(request, unknownState(401, 'COOKIE_INVALID_VALUE'), [done])
  // It was fine when the attempt began; the list of trusted origins may have changed since.
  const target = checkRedirectTo(attempt.redirectTo, visit.origin, visit.trusted)
  if (target === null) return refusePage(request, invalidRedirect, [done])

  const cookiesOf = async (user: User): Promise<readonly string[]> => [
    done,
    await sessions.issue(jar, user),
    csrf.write(jar, await csrf.create()),
  ]
  try {
    const user = await finish(visit, id, attempt)
    return redirect(target, { oauth: id }, await cookiesOf(user))
  } catch (error) {
    const failure = isAuthError(error)
      ? error
      : new AuthError('server_error', 'An unexpected error.', { cause: error })
    // A user who says no is no failure of anything.
    if (failure.code !== 'access_denied')
      visit.report(failure, {
        route: 'GET /callback/:oauth',
        provider: visit.config.providers.has(id) ? id : null,
      })
    const { code, description } = landingError(failure)
    return redirect(withError(target, code, description), {}, [done])
  }
}

async function finish(visit: Visit, id: string, attempt: Attempt): Promise<User> {
  const { config, url, attempts, exchanges } = visit
  const provider = config.providers.get(id)
  // Another provider's answer to this attempt is the mix-up attack (RFC 9700 §4.4).
  if (!provider || attempt.provider !== id)
    throw new AuthError('state_mismatch', 'This answer belongs to another sign-in.')
  if (attempts.isExpired(attempt))
    throw new AuthError('state_mismatch', 'This sign-in took too long. Please sign in again.')
  const answer = readAuthorization(provider, attempt, url.searchParams)
  // With the code: a second, different one for this state must not be given the first one's user.
  const user = await exchanges.run(await digest(`${attempt.state} ${answer.get('code')}`), () =>
    identify(visit, provider, attempt, answer),
  )
  if (user) return user
  throw new AuthError('state_mismatch', 'This sign-in is over. Please sign in again.')
}

async function identify(
  { config }: Visit,
  provider: ResolvedProvider,
  attempt: Attempt,
  answer: URLSearchParams,
): Promise<User> {
  return fetchUser(config, provider, await exchangeCode(config, provider, attempt, answer))
}

/** Aura Auth's three answers to a callback that belongs to nothing. */
function absent({ request, cookies, jar }: Visit): Refusal {
  if (!request.headers.has('cookie')) return unknownState(401, 'COOKIE_NOT_FOUND')
  // Not to the landing of one of them: it would report a failure that its own sign-in never had.
  const others = [...cookies.keys()].some((name) => name.startsWith(jar.attemptPrefix))
  return others
    ? unknownState(400, 'AUTH_MISMATCHING_STATE')
    : unknownState(401, 'COOKIE_INVALID_VALUE')
}

/** What the app is told. Our own bugs, and what the configuration did wrong, stay here. */
function landingError(failure: AuthError): { code: string; description: string } {
  if (failure.source === 'provider')
    return { code: failure.code, description: failure.description ?? '' }
  const known = [
    'state_mismatch',
    'invalid_response',
    'exchange_failed',
    'userinfo_failed',
    'temporarily_unavailable',
  ]
  if (known.includes(failure.code)) return { code: failure.code, description: failure.message }
  return { code: 'server_error', description: 'The sign-in could not be completed.' }
}
