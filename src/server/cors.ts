import type { Visit } from './context.js'
import { isTrusted } from './origins.js'

/**
 * Where a request says it comes from. `'own'`: this origin, or it does not say, as in a navigation.
 */
export function sourceOf({ request, origin, trusted }: Visit): 'own' | 'trusted' | 'foreign' {
  const source = request.headers.get('origin')
  if (source === null || source === origin) return 'own'
  return isTrusted(source, trusted) ? 'trusted' : 'foreign'
}

/** Lets a trusted origin's scripts read this answer. */
export function allowOrigin(visit: Visit, response: Response): Response {
  // For everyone: what one origin may read, a cache must not hand to another.
  response.headers.append('vary', 'Origin')
  if (sourceOf(visit) !== 'trusted') return response
  // The pattern it matched allows only characters of an origin, so this cannot smuggle anything in.
  response.headers.set('access-control-allow-origin', visit.request.headers.get('origin') ?? '')
  response.headers.set('access-control-allow-credentials', 'true')
  // The client reads the server's clock from `Date`.
  response.headers.set('access-control-expose-headers', 'Date, Retry-After')
  return response
}

/** Whether a browser asks here what it may send. */
export function isPreflight(request: Request): boolean {
  return (
    request.method === 'OPTIONS' &&
    request.headers.has('origin') &&
    request.headers.has('access-control-request-method')
  )
}

/** The answer to a preflight, or `null` when the origin may not call. */
export function preflight(visit: Visit): Response | null {
  if (sourceOf(visit) !== 'trusted') return null
  return new Response(null, {
    status: 204,
    headers: {
      'access-control-allow-methods': 'GET, POST, PATCH, DELETE',
      'access-control-allow-headers': 'X-CSRF-Token, Content-Type',
      'access-control-max-age': '600',
      'cache-control': 'no-store',
      vary: 'Access-Control-Request-Method, Access-Control-Request-Headers',
    },
  })
}
