import { isAuthError } from '../../errors.js'
import type { Config } from '../config.js'
import { openVisit, type Server, type Visit } from '../context.js'
import { allowOrigin, isPreflight, preflight, sourceOf } from '../cors.js'
import { json, refuse } from '../respond.js'
import { bridgeToken, refuseForeign } from './bridge-token.js'
import { getCsrfToken } from './csrf-token.js'
import { callback } from './oauth-callback.js'
import { getSession } from './session.js'
import { signIn } from './sign-in.js'
import { signOut } from './sign-out.js'

/** Answers one request. Never rejects. */
export type Handler = (request: Request) => Promise<Response>

/** Mount these on `basePath`. */
export interface Handlers {
  readonly GET: Handler
  readonly POST: Handler
  readonly PATCH: Handler
  readonly DELETE: Handler
  /** Any method: the four above, CORS preflights, and 405 for the rest. */
  readonly ALL: Handler
}

interface Route {
  readonly name: string
  readonly run: (visit: Visit) => Promise<Response>
  /** What pages of unknown origins are told. Default: Aura Auth's refusal. */
  readonly refuseForeign?: () => Response
}

const METHODS = 'GET, POST, PATCH, DELETE'

/** The Web-standard handlers over one server. */
export function createHandlers(server: Server): Handlers {
  const answer: Handler = async (request) => {
    const url = new URL(request.url)
    const route = findRoute(request.method, url.pathname, server.config)
    const [, , provider] = url.pathname.slice(server.config.basePath.length).split('/')
    const context = {
      route: route?.name ?? `${request.method} (unknown)`,
      provider: provider !== undefined && server.config.providers.has(provider) ? provider : null,
    }
    try {
      const visit = await openVisit(server, request)
      if (isPreflight(request)) return allowOrigin(visit, preflight(visit) ?? notAllowed())
      return allowOrigin(visit, await respond(visit, route))
    } catch (error) {
      server.report(error, context)
      return internalError(error)
    }
  }
  const only =
    (method: string): Handler =>
    async (request) =>
      request.method === method ? answer(request) : notAllowed()
  return {
    GET: only('GET'),
    POST: only('POST'),
    PATCH: only('PATCH'),
    DELETE: only('DELETE'),
    ALL: async (request) =>
      METHODS.split(', ').includes(request.method) || isPreflight(request)
        ? answer(request)
        : notAllowed(),
  }
}

async function respond(visit: Visit, route: Route | null): Promise<Response> {
  // Beside the CSRF token: browsers set `Origin`, and no page can forge it.
  if (visit.request.method !== 'GET' && sourceOf(visit) === 'foreign')
    return (
      route?.refuseForeign?.() ?? json({ success: false, redirect: false, redirectURL: null }, 403)
    )
  if (route) return route.run(visit)
  return refuse({
    status: 404,
    type: 'ROUTER_FLOW',
    code: 'NOT_FOUND',
    error: 'not_found',
    message: 'There is no such route.',
  })
}

function findRoute(method: string, pathname: string, { basePath, bridges }: Config): Route | null {
  if (!pathname.startsWith(`${basePath}/`)) return null
  const [path, id, leaf, ...rest] = pathname.slice(basePath.length + 1).split('/')
  if (rest.length > 0) return null
  if (leaf !== undefined) {
    const bridge = `${method} ${path} ${leaf}` === 'POST bridge token' && bridges.get(id ?? '')
    if (!bridge) return null
    const run: Route['run'] = (visit) => bridgeToken(visit, bridge)
    return { name: 'POST /bridge/:oauth/token', run, refuseForeign }
  }
  if (id === undefined)
    switch (`${method} ${path}`) {
      case 'GET session':
        return { name: 'GET /session', run: getSession }
      case 'GET csrfToken':
        return { name: 'GET /csrfToken', run: getCsrfToken }
      case 'POST signOut':
        return { name: 'POST /signOut', run: signOut }
      default:
        return null
    }
  switch (id === '' ? '' : `${method} ${path}`) {
    case 'GET signIn':
      return { name: 'GET /signIn/:oauth', run: (visit) => signIn(visit, id) }
    case 'GET callback':
      return { name: 'GET /callback/:oauth', run: (visit) => callback(visit, id) }
    default:
      return null
  }
}

const notAllowed = (): Response =>
  new Response('Method Not Allowed', {
    status: 405,
    headers: { allow: METHODS, 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' },
  })

function internalError(error: unknown): Response {
  if (isAuthError(error, 'untrusted_origin'))
    return refuse({
      status: 400,
      type: 'AUTH_FLOW',
      code: 'INVALID_TRUSTED_ORIGIN',
      error: 'untrusted_origin',
      message: 'This server is not known by this address.',
    })
  return refuse({
    status: 500,
    type: 'SERVER_ERROR',
    code: 'SERVER_ERROR',
    error: 'server_error',
    message: 'The request could not be answered.',
  })
}
