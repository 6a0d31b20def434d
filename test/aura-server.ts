import type { Network, Seen } from './rig.js'

/** What Aura's `GET /session` says of a signed-in user. */
export interface AuraPayload {
  user: { sub: string; [field: string]: unknown }
  expires: string
}

/** Just enough of an Aura server for the rig: it keeps one session and says what the test tells it. */
export interface AuraServer {
  session: AuraPayload | null
  /** When set, answers `GET /session` instead; may throw (no answer) or hang. */
  onSession: (() => Response | Promise<Response>) | null
  /** When set, answers `POST /signOut` instead. */
  onSignOut: ((seen: Seen) => Response | Promise<Response>) | null
  /** Tokens handed out, newest last. */
  readonly tokens: string[]
}

export const ada: AuraPayload = {
  user: { sub: '1', name: 'Ada Winter', email: 'ada@example.com', image: 'https://cdn.test/a.png' },
  expires: '2026-12-06T09:00:00.000Z',
}

export const json = (body: unknown, status = 200, headers: Record<string, string> = {}): Response =>
  new Response(JSON.stringify(body), {
    status,
    headers: { 'content-type': 'application/json', ...headers },
  })

export function auraServer(network: Network, base = '/auth'): AuraServer {
  const server: AuraServer = { session: null, onSession: null, onSignOut: null, tokens: [] }
  network.respond((request, seen) => {
    const path = new URL(request.url).pathname
    switch (`${request.method} ${path}`) {
      case `GET ${base}/session`:
        if (server.onSession) return server.onSession()
        return server.session
          ? json({ success: true, session: server.session })
          : json({ success: false, session: null }, 401)
      case `GET ${base}/csrfToken`:
        server.tokens.push(`token-${server.tokens.length + 1}`)
        return json({ csrfToken: server.tokens.at(-1) })
      case `POST ${base}/signOut`: {
        if (server.onSignOut) return server.onSignOut(seen)
        if (!server.session)
          return json({ success: false, redirect: false, redirectURL: null }, 401)
        server.session = null
        return json({ success: true, redirect: false, redirectURL: '/' }, 202)
      }
      default:
        return new Response('<!doctype html><title>Not found</title>', { status: 404 })
    }
  })
  return server
}
