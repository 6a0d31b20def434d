import type { GoTrueState } from './state.js'

const FORK = 'accept authorization content-type x-jwt-aud x-use-cookie origin'
const CURRENT = `${FORK} x-client-ip x-client-info x-supabase-api-version`

/**
 * The answer to a preflight, `null` for any other request. One header that is not on the list, and
 * nothing is allowed at all. (`rs/cors` 1.6.0 for the fork, 1.11.0 for the current server)
 */
export function answerPreflight(request: Request, { flavor, knobs }: GoTrueState): Response | null {
  const method = request.headers.get('access-control-request-method')
  if (request.method !== 'OPTIONS' || !method) return null
  const isFork = flavor === 'fork2022'
  const response = new Response(null, { status: isFork ? 200 : 204 })
  const { headers } = response
  headers.set('vary', 'Origin, Access-Control-Request-Method, Access-Control-Request-Headers')
  const origin = request.headers.get('origin')
  const asked = request.headers.get('access-control-request-headers') ?? ''
  const names = asked.split(',').filter(Boolean)
  const methods = isFork ? 'GET POST PUT DELETE' : 'GET POST PUT PATCH DELETE'
  const allowed = (isFork ? FORK : CURRENT).split(' ')
  const isAllowed =
    knobs.gateway ||
    (methods.split(' ').includes(method.toUpperCase()) &&
      names.every((name) => allowed.includes(name.trim().toLowerCase())))
  if (!origin || !isAllowed) return response
  headers.set('access-control-allow-origin', '*')
  headers.set('access-control-allow-credentials', 'true')
  headers.set('access-control-allow-methods', method.toUpperCase())
  // The older library says each name as Go does: `Content-Type`.
  const canonical = names.map((name) =>
    name.trim().replace(/(^|-)[a-z]/g, (it) => it.toUpperCase()),
  )
  if (asked) headers.set('access-control-allow-headers', isFork ? canonical.join(', ') : asked)
  return response
}

/** Lets every page read an answer, without cookies: `*` and credentials do not go together. */
export function allowReading(response: Response, request: Request, { flavor }: GoTrueState): void {
  const { headers } = response
  headers.append('vary', 'Origin')
  if (!request.headers.get('origin')) return
  headers.set('access-control-allow-origin', '*')
  headers.set('access-control-allow-credentials', 'true')
  if (flavor === 'fork2022') return
  headers.set('access-control-expose-headers', 'X-Total-Count, Link, X-Supabase-Api-Version')
}

/** What Kong says where the project's key is missing. `null`: let it through. */
export function answerGateway(request: Request, { knobs }: GoTrueState): Response | null {
  const { pathname, searchParams } = new URL(request.url)
  const isOpen = ['/authorize', '/callback', '/verify', '/.well-known/jwks.json'].includes(pathname)
  if (!knobs.gateway || isOpen) return null
  if (request.headers.has('apikey') || searchParams.has('apikey')) return null
  const body = { message: 'No API key found in request' }
  return Response.json(body, { status: 401 })
}
