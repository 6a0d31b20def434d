import { AuthError, readProviderError } from '../errors.js'
import { refusal, send, type Answer } from '../http.js'
import type { Adapter, AdapterFactory, AdapterIO, Session, StartRequest, User } from '../types.js'

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

    return {
      id: 'aura',
      realm: base,
      credential: 'cookie',
      ttl: 300_000, // the lifetime of Aura's own sign-in cookies
      start: (request) => ({
        url: `${base}/signIn/${request.provider}?redirectTo=${encodeURIComponent(landingFor(request, base))}`,
      }),
      // Aura itself never comes back with an error; `latchkey/server` does.
      claims: (url) => url.searchParams.has('error'),
      finish: ({ url }) => {
        const error = readProviderError(url.searchParams)
        // Aura adds nothing to the landing, so arriving is the success.
        return error ? Promise.reject(error) : Promise.resolve(null)
      },
      load,
      signOut: async (_, io) => {
        let answer = await postSignOut(io, base)
        // The token dies with every sign-in and sign-out, also one in another tab.
        if (answer.status === 403) answer = await postSignOut(io, base)
        if (answer.status === 401) {
          // Already out. Aura clears the dead cookie on this request, not on that one.
          await load(io).catch(() => null) // a courtesy: the user is out either way
          return { revoked: true }
        }
        if (answer.status < 200 || answer.status > 299) throw refusal(answer)
        return { revoked: true }
      },
    }
  }
}

/** The token is only good for the next write: fetched just before it, never kept. */
async function postSignOut(io: AdapterIO, base: string): Promise<Answer> {
  const answer = await send(io, `${base}/csrfToken`)
  const { csrfToken } = (answer.body ?? {}) as { csrfToken?: unknown }
  if (answer.status !== 200 || typeof csrfToken !== 'string') throw refusal(answer)
  // `redirect` is true unless said otherwise, and fetch would follow it into a page of HTML.
  return send(io, `${base}/signOut?token_type_hint=session_token&redirect=false`, {
    method: 'POST',
    headers: { 'x-csrf-token': csrfToken },
  })
}

function readSession(answer: Answer, now: number): AuraSession | null {
  if (answer.status === 401) return null
  const { session } = (answer.body ?? {}) as { session?: AuraSession['raw'] | null }
  if (answer.status === 200 && session === null) return null
  const sub = session?.user?.['sub']
  if (answer.status !== 200 || !session || typeof sub !== 'string') throw refusal(answer)
  const { sub: _, ...fields } = session.user
  const user = { name: null, email: null, image: null, ...fields, id: sub }
  return { user, expiresAt: readExpiry(session.expires, answer.headers, now), raw: session }
}

/** The server's time, moved onto this machine's clock by what the server thinks the time is now. */
function readExpiry(expires: unknown, headers: Headers, now: number): number | null {
  const at = Date.parse(String(expires))
  if (Number.isNaN(at)) return null
  // Not exposed across origins: there the server's clock has to be trusted.
  const serverNow = Date.parse(headers.get('date') ?? '')
  return Number.isNaN(serverNow) ? at : at + now - serverNow
}

/**
 * Aura silently sends the user to `/` when it dislikes `redirectTo`, so its rules (Aura 0.9,
 * `shared/assert.ts` and `shared/utils/authorization.ts`) are checked before the page is left.
 */
function landingFor({ id, landing }: StartRequest, base: string): string {
  const sameOrigin = landing.origin === new URL(base).origin
  const write = (url: URL): string => (sameOrigin ? url.pathname + url.search + url.hash : url.href)
  const accepted = (value: string): boolean =>
    sameOrigin
      ? value.length <= 100 && /^\/(?!\/)[\w\-/.?&=#]*$/.test(value) && !/\/\/|\.\./.test(value)
      : /^https?:\/\/[^/]+\/[\w.~!$&'()?#*+,;=:@/-]*$/.test(value) && !/\/\/.*\/\/|\.\./.test(value)

  const tagged = new URL(landing)
  // By hand: `searchParams.append` would rewrite the app's own parameters.
  tagged.search += `${tagged.search ? '&' : '?'}latchkey=${id}`
  const value = [write(tagged), write(landing)].find(accepted)
  if (value !== undefined) return value
  throw new AuthError(
    'invalid_redirect',
    sameOrigin
      ? `Aura refuses the redirectTo "${write(landing)}": at most 100 of the characters A-Z a-z 0-9 - _ / . ? & = #, without // and ..`
      : `Aura refuses the redirectTo "${write(landing)}": no percent-encoding, no // and no .. in it.`,
  )
}
