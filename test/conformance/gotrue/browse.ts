import type { Seen } from '../../rig.js'

/** Headers that need nobody's leave, with the values that clients here send. */
const SAFE = ['accept', 'accept-language', 'content-language']

/**
 * A request of a page at `origin`, as its browser sends it across origins: asked for first where its
 * headers need that, and unanswered where the server does not allow it.
 */
export async function browse(seen: Seen, origin: string): Promise<Response> {
  const { method, url, headers, body, credentials } = seen
  const unsafe = [...headers.keys()].filter((name) => !SAFE.includes(name)).sort()
  if (unsafe.length > 0 || !['GET', 'POST', 'HEAD'].includes(method)) {
    const preflight = await fetch(url, {
      method: 'OPTIONS',
      headers: {
        origin,
        'access-control-request-method': method,
        ...(unsafe.length > 0 && { 'access-control-request-headers': unsafe.join(',') }),
      },
    })
    const allowed = preflight.headers.get('access-control-allow-headers')?.toLowerCase() ?? ''
    const names = allowed.split(/,\s*/)
    const methods = preflight.headers.get('access-control-allow-methods')?.split(/,\s*/) ?? []
    const isAllowed =
      preflight.ok &&
      methods.includes(method) &&
      unsafe.every((name) => names.includes(name) || names.includes('*'))
    if (!isAllowed) throw new TypeError(`CORS: ${method} with ${unsafe.join(', ')}`)
  }
  const response = await fetch(url, {
    method,
    headers: { ...Object.fromEntries(headers), origin },
    ...(body && { body }),
  })
  const readers = response.headers.get('access-control-allow-origin')
  if (readers !== new URL(origin).origin && (readers !== '*' || credentials === 'include')) {
    throw new TypeError(`CORS: ${readers} with credentials ${credentials}`)
  }
  // Read whole, so that it is there when it is asked for.
  const text = await response.text()
  return new Response(response.status === 204 ? null : text, {
    status: response.status,
    headers: response.headers,
  })
}
