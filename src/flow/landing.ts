import type { Env } from '../env.js'
import type { Adapter } from '../types.js'

/** What a sign-in of this tab is kept under in `sessionStorage`, with its id behind. */
export const PREFIX = 'latchkey:tx:'

/** What a landing adds to the page's own query. The first carries the transaction's id. */
const PARAMETERS = /^(latchkey|error|error_description|error_uri)(=|$)/

/**
 * The id of the transaction that `href` may be the landing of: 22 characters in its `latchkey` or
 * `state` parameter or, where the backend returns neither, the page itself.
 */
export function idOf(href: string): string {
  return /[?&](?:latchkey|state)=([\w-]{22})(?![^&#])/.exec(href)?.[1] ?? href.split(/[?#]/, 1)[0]!
}

/** Whether an id came with the landing, rather than being the page it came to: a URL. */
export const isNamed = (id: string): boolean => !id.includes(':')

/** The stored transaction as JSON. `null` also where cookies are blocked, and reading throws. */
export function readEntry(env: Env, id: string): string | null {
  try {
    return env.sessionStorage.getItem(PREFIX + id)
  } catch {
    return null
  }
}

/**
 * Whether `href` is a landing of this client: its own transaction's, or with a `latchkey` id that is
 * nobody's in this tab. A foreign `?error=` or `?code=` is none, nor what the page's other client
 * awaits; what else may be one only the adapter knows.
 */
export function isLanding(
  env: Env,
  href: string,
  { realm, claims }: Pick<Adapter, 'realm' | 'claims'>,
): boolean {
  const id = idOf(href)
  const entry = readEntry(env, id)
  return entry
    ? entry.includes(`"realm":${JSON.stringify(realm)}`) &&
        (isNamed(id) || !!claims?.(new URL(href), true))
    : href.includes(`latchkey=${id}`) || !!claims?.(new URL(href), false)
}

type Parts = readonly [href: string, page: string, query: string, hash: string]

/**
 * `href` without a landing's parameters, which are those that `adds` matches. The page's own stay as
 * they are, to the byte.
 */
export function withoutLanding(href: string, adds: RegExp = PARAMETERS): string {
  // All of it is optional, so it always matches.
  const [, page, query, hash] = /^([^?#]*)\??([^#]*)(.*)/.exec(href) as unknown as Parts
  const kept = query.split('&').filter((pair) => pair && !adds.test(pair))
  return page + (kept[0] ? `?${kept.join('&')}` : '') + hash
}

/** Cleans the address bar, so that neither a reload nor the history repeats the landing. */
export function stripLanding({ location, history }: Env, { adds }: Pick<Adapter, 'adds'>): void {
  history.replaceState(history.state, '', withoutLanding(location.href, adds))
}
