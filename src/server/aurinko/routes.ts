import { AuthError } from '../../errors.js'
import { digest } from '../attempts.js'
import { parseObject, readText } from '../body.js'
import { openVisit, type Server, type Visit } from '../context.js'
import { allowOrigin, isPreflight, preflight, sourceOf } from '../cors.js'
import { withDeadline } from '../deadline.js'
import { json } from '../respond.js'
import type { Handler, Handlers } from '../routes/index.js'
import type { AurinkoUserSession, AurinkoSessions } from './sessions.js'
import type { Upstream, UpstreamAnswer } from './upstream.js'

/** Bytes of a body. Aurinko's codes are JWTs of about 2000. */
const MAX_BYTES = 16_384
/** RFC 6749 appendix A.11, at most 8192 of them. Dots alone would be a path, and not a code in one. */
const CODE = /^(?!\.+$)[ -~]{1,8192}$/

/** The status that each failure is answered with; the rest are somebody's mistake: 400. */
const STATUS: Readonly<Record<string, number>> = {
  invalid_config: 500,
  server_error: 500,
  session_too_large: 500,
  temporarily_unavailable: 503,
  no_session: 401,
  forbidden: 403,
  not_found: 404,
  not_allowed: 405,
}

/** With these a `Response` may have no body, and ours always has one. */
const BODILESS = [204, 205, 304]

/** The Web-standard handlers of the bridge. What Aurinko says of a user is passed on as it is. */
export function createRoutes(
  server: Server,
  sessions: AurinkoSessions,
  upstream: Upstream,
): Handlers {
  const { basePath, timeout } = server.config

  const exchange = async (visit: Visit): Promise<Response> => {
    const reading = withDeadline(timeout, async () => readText(visit.request, MAX_BYTES))
    const text = await reading.catch(() => null)
    const { code } = parseObject(text ?? '') ?? {}
    if (typeof code !== 'string' || !CODE.test(code))
      throw new AuthError('invalid_response', 'There is no code.')
    // Its answer is for nobody else: whoever has the code, too, may not be the one it was for.
    if (!server.codes.spend(await digest(`aurinko ${code}`)))
      throw new AuthError('code_expired', 'The code has been spent.')
    const session = await upstream.exchange(code)
    const cookie = await sessions.issue(visit.jar, session)
    // Signed in from here on, also where it cannot be said as whom.
    const answer = await upstream.asUser(session, '').catch(() => null)
    return answer ? forward(answer, [cookie]) : json(unavailable, 503, [cookie])
  }

  const asUser = async (visit: Visit, path: string): Promise<Response> => {
    const { jar, cookies, request } = visit
    const session = await sessions.read(jar, cookies)
    if (!session) return json({ code: 'unauthorized', message: 'unauthorized' }, 401)
    if (path === '/logout') return signOut(visit, session)
    const answer = await upstream.asUser(session, path, request.method)
    return forward(answer, isOver(answer) ? [sessions.clear(jar)] : [])
  }

  /** Ends here whatever Aurinko says. */
  const signOut = async ({ jar }: Visit, session: AurinkoUserSession): Promise<Response> => {
    const ended = [sessions.clear(jar)]
    const answer = await upstream.asUser(session, '/logout', 'POST').catch(() => null)
    return answer ? forward(answer, ended) : json(unavailable, 503, ended)
  }

  const sign = async ({ jar, cookies }: Visit): Promise<Response> => {
    const session = await sessions.read(jar, cookies)
    if (!session) throw new AuthError('no_session', 'Sign in first.')
    // A cookie that was copied before a sign-out still opens. Only Aurinko knows that it is over.
    const answer = await upstream.asUser(session, '')
    if (isOver(answer)) throw new AuthError('no_session', 'Sign in again.')
    const isAlive = answer.status === 200 || isDead(answer)
    return isAlive ? json(await upstream.sign(session.userId)) : forward(answer, [])
  }

  const route = async (visit: Visit): Promise<Response> => {
    const { request, url } = visit
    // Browsers set `Origin`, and no page can forge it.
    if (request.method !== 'GET' && sourceOf(visit) === 'foreign') throw foreign(visit)
    const path = url.pathname.startsWith(`${basePath}/`) ? url.pathname.slice(basePath.length) : ''
    switch (`${request.method} ${path.replace(/\/\d+$/, '/:id')}`) {
      case 'POST /exchange':
        return exchange(visit)
      case 'POST /signature':
        return sign(visit)
      case 'GET /user':
      case 'POST /user/logout':
      case 'DELETE /user/accounts/:id':
        return asUser(visit, path.slice('/user'.length))
      case 'GET /user/accounts': {
        const token = url.searchParams.get('pageToken')
        return asUser(
          visit,
          `/accounts${token ? `?${new URLSearchParams({ pageToken: token })}` : ''}`,
        )
      }
      default:
        throw new AuthError('not_found', 'There is no such route.')
    }
  }

  const answer: Handler = async (request) => {
    try {
      const visit = await openVisit(server, request)
      if (isPreflight(request)) {
        return allowOrigin(visit, preflight(visit) ?? refuse(foreign(visit)))
      }
      const response = await route(visit).catch((error: unknown) => {
        return refuse(report(error, request))
      })
      return allowOrigin(visit, response)
    } catch (error) {
      return refuse(report(error, request))
    }
  }
  const report = (error: unknown, { method, url }: Request): AuthError => {
    const known = error instanceof AuthError ? error : new AuthError('server_error')
    const route = `${method} ${new URL(url).pathname}`
    if ((STATUS[known.code] ?? 400) >= 500) server.report(error, { route, provider: 'aurinko' })
    return known
  }
  const only =
    (...methods: readonly string[]): Handler =>
    async (request) =>
      methods.includes(request.method) || isPreflight(request)
        ? answer(request)
        : refuse(new AuthError('not_allowed', 'Method Not Allowed'))
  return {
    GET: only('GET'),
    POST: only('POST'),
    PATCH: only('PATCH'),
    DELETE: only('DELETE'),
    ALL: only('GET', 'POST', 'DELETE'),
  }
}

function foreign({ origin }: Visit): AuthError {
  return new AuthError(
    'forbidden',
    `The page is not of ${origin}, this server’s origin: set baseURL, or name the page’s in trustedOrigins.`,
  )
}

const unavailable = { error: 'temporarily_unavailable', message: 'Aurinko did not answer.' }

function refuse({ code, message, requestId }: AuthError): Response {
  return json({ error: code, message, requestId }, STATUS[code] ?? 400)
}

/** Nobody is signed in any more: a 401 that gives no other reason, at whatever depth. */
function isOver({ status, body }: UpstreamAnswer): boolean {
  return status === 401 && !/"code":"(?!unauthorized")/.test(JSON.stringify(body ?? {}))
}

/** Somebody is, whose account has lost its access at the provider. */
function isDead({ status, body }: UpstreamAnswer): boolean {
  return status === 401 && JSON.stringify(body ?? {}).includes('"code":"token.')
}

/** Aurinko's answer, without anything that is only for this server. */
function forward(
  { status, body, retryAfter }: UpstreamAnswer,
  cookies: readonly string[],
): Response {
  const isBare = BODILESS.includes(status)
  const response = json((body ?? {}) as object, isBare ? 200 : status, cookies)
  if (retryAfter !== null) response.headers.set('retry-after', retryAfter)
  return response
}
