import type { AuraFlow } from './flow.js'
import { refusal, send, type Answer } from '../../http.js'
import type { Adapter, AdapterFactory, AdapterIO, Session, User } from '../../types.js'

/** Aura's user: `sub` became `id`; identity fields of the app's own schema are kept beside it. */
export interface AuraUser extends User {
  readonly [field: string]: unknown
}

export interface AuraSession extends Session {
  readonly user: AuraUser
  /** Aura's `session`: `{ user: { sub, … }, expires }`. */
  readonly raw: { readonly user: Readonly<Record<string, unknown>>; readonly expires?: unknown }
}

/**
 * Aura Auth (`@aura-stack/auth` 0.9) and `latchkey/server`, which speaks the same contract. All
 * state is in HttpOnly cookies, so the app must be on the backend's site: another port or a
 * subdomain will do, with CORS and the app among its trusted origins.
 */
export function aura(): AdapterFactory<AuraSession> {
  return ({ baseURL }): Adapter<AuraSession> => {
    // Aura's own default mount point (createAuth's `basePath`).
    const base = new URL(baseURL).pathname === '/' ? new URL('/auth', baseURL).href : baseURL
    const load = async (io: AdapterIO): Promise<AuraSession | null> =>
      readSession(await send(io, `${base}/session`), io.now())
    const eager = {
      id: 'aura',
      realm: base,
      credential: 'cookie',
      load,
      // Aura itself never comes back with an error; `latchkey/server` does.
      claims: (url: URL) => url.searchParams.has('error'),
      // A page whose user is signed in loads none of the rest.
      prepare: async () =>
        Object.assign(eager, (await import('./flow.js')).createAuraFlow(base, load)),
    } as const
    return eager as typeof eager & AuraFlow
  }
}

/**
 * Aura's own session as the client's: what a server passes on as `initialSession`, from
 * `api.getSession(request)` or from the body of `GET /session`. `skew`: ms this clock is ahead.
 */
export function toAuraSession(raw: AuraSession['raw'], skew: number = 0): AuraSession {
  const { sub, ...fields } = raw.user
  const expiresAt = Date.parse(String(raw.expires)) + skew
  return {
    user: { name: null, email: null, image: null, ...fields, id: String(sub) },
    expiresAt: Number.isNaN(expiresAt) ? null : expiresAt,
    raw,
  }
}

function readSession(answer: Answer, now: number): AuraSession | null {
  const { status, headers, body } = answer
  const { session } = (body ?? {}) as { session?: AuraSession['raw'] | null }
  if (status === 401 || (status === 200 && session === null)) return null
  if (status !== 200 || typeof session?.user?.['sub'] !== 'string') throw refusal(answer)
  // The server's time, moved onto this machine's clock by what the server thinks the time is now.
  // Across origins it does not say: there its clock has to be trusted.
  return toAuraSession(session, now - (Date.parse(headers.get('date') ?? '') || now))
}
