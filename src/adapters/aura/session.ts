import { refusal, type Answer } from '../../http.js'
import type { Session, User } from '../../types.js'

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
 * Aura's own session as the client's: what a server passes on as `initialSession`, from
 * `api.getSession(request)` or from the body of `GET /session`. `skew`: ms this clock is ahead.
 */
export function toAuraSession(raw: AuraSession['raw'], skew: number = 0): AuraSession {
  const { sub, ...fields } = raw.user
  const expiresAt = Date.parse(String(raw.expires)) + skew
  return {
    user: { name: null, email: null, image: null, ...fields, id: String(sub) },
    expiresAt: expiresAt || null,
    raw,
  }
}

/** `GET /session`. Throws for what is neither a session nor the word that there is none. */
export function readSession(answer: Answer, now: number): AuraSession | null {
  const { status, headers, body } = answer
  const { session } = (body ?? {}) as { session?: AuraSession['raw'] | null }
  if (status === 401 || (status === 200 && session === null)) return null
  if (status !== 200 || typeof session?.user?.['sub'] !== 'string') throw refusal(answer)
  // The server's time, moved onto this machine's clock by what the server thinks the time is now.
  // Across origins it does not say: there its clock has to be trusted.
  return toAuraSession(session, now - (Date.parse(headers.get('date') ?? '') || now))
}
