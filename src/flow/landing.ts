import type { Env } from '../env.js'
import { parse } from '../http.js'
import type { Adapter, Transaction } from '../types.js'

/** What a sign-in of this tab is kept under, with its id behind. */
export const PREFIX = 'latchkey:tx:'

/** What a popup of a sign-in knows itself by, and no other window: the id, in its own storage. */
export const MARKER = 'latchkey:popup'

/** Set while popups are open, for this tab to look for them after a reload. */
export const OPEN = 'latchkey:open'

/**
 * What a landing adds to the page's own parameters, in the query or in the hash, where some backends
 * put a second `?`. The first carries the transaction's id.
 */
const PARAMETERS = /([?&#])(?:(?:latchkey=[\w-]*|error(?:_(?:code|description|uri))?=[^&#]*)(&?))+/g

/** The last group of parameters, whole: `#access_token=…` behind a route. */
const RESPONSE = /[?#][^?#/]*=[^#]*$/

/** Every group of parameters: a code may be in any, also before a route or Facebook's `#_=_`. */
const STATED = /[?#][^?#/]*=[^#]*/g

/**
 * The id of the transaction that `href` may be the landing of: 22 characters in its `latchkey` or
 * `state` parameter or, where the backend returns neither, the page itself.
 */
export function idOf(href: string): string {
  const named = /(?:^.*?[?&]latchkey|[?&#]state)=([\w-]{22})(?![\w-])/.exec(href)
  return named?.[1] ?? href.split(/[?#]/, 1)[0]!
}

/** Whether an id came with the landing, rather than being the page it came to: a URL. */
export const isNamed = (id: string): boolean => !id.includes(':')

/** The same, for the page at `href` itself: a popup that came back without an id knows its own. */
export function ownId(env: Env, href: string): string {
  const id = idOf(href)
  return (!isNamed(id) && read(env, MARKER)) || id
}

/** What this tab keeps, or all tabs do. `null` also where cookies are blocked, and reading throws. */
export function read(env: Env, key: string): string | null {
  try {
    return env.sessionStorage.getItem(key) ?? env.localStorage.getItem(key)
  } catch {
    return null
  }
}

/** The sign-in kept under `key`, in this tab or for all. */
export const stored = (env: Env, key: string): Transaction | undefined =>
  parse(read(env, PREFIX + key)) as Transaction | undefined

/**
 * Whether `href` is a landing of this client: its own transaction's, or with a `latchkey` id that is
 * nobody's in this tab. A foreign `?error=` or `?code=` is none, nor what the page's other client
 * awaits.
 */
export function isLanding(
  env: Env,
  href: string,
  { realm, claims }: Pick<Adapter, 'realm' | 'claims'>,
): boolean {
  const id = ownId(env, href)
  const transaction = stored(env, id)
  if (transaction && transaction.realm !== realm) return false
  const named = transaction
    ? isNamed(id) || /[?&]error=/.test(href)
    : href.includes(`latchkey=${id}`) || id === read(env, MARKER)
  return named || !!claims?.(new URL(href))
}

/** `href` without a landing's parameters. The page's own stay as they are, to the byte. */
export function withoutLanding(href: string): string {
  return href.replace(PARAMETERS, (_, before: string, more: string) => more && before)
}

/**
 * The URL this page was landed on by, and cleans the address bar of it, so that neither a reload nor
 * the history repeats the landing. A code or tokens go with all that came beside them, but for what
 * the page had when the user left it.
 */
export function cleanLanding(
  env: Env,
  adapter: Pick<Adapter, 'realm' | 'claims'>,
): string | undefined {
  const { location, history } = env
  const { href } = location
  if (!isLanding(env, href, adapter)) return undefined
  const stated = href.includes(`state=${idOf(href)}`)
  const response = stated ? STATED : adapter.claims?.(new URL(href)) ? RESPONSE : ''
  const clean = href.replace(response, '')
  // A response takes along what stood beside it: the page as the user left it did not have the one.
  const own = stored(env, idOf(href))?.landing ?? ''
  history.replaceState(history.state, '', withoutLanding(idOf(own) === idOf(clean) ? own : clean))
  return href
}
