import type { Env } from '../env.js'
import type { Landing } from '../types.js'
import type { Transactions } from './transaction.js'

/** Carries a transaction's id through a backend whose protocol has no `state` for the app. */
export const ID_PARAMETER = 'latchkey'

/** What a landing adds to the page's own query. */
const LANDING_PARAMETERS = [ID_PARAMETER, 'error', 'error_description', 'error_uri']

/** Whose landing to look for. */
export interface LandingFilter {
  readonly realm: string
  readonly claims?: (url: URL) => boolean
}

/**
 * The landing that `href` is, or `null` when it is none of this client's: a foreign `?error=` or
 * `?code=` is never touched. Its transaction is removed here, before anything is sent anywhere, so
 * that a replayed landing finds none.
 */
export function takeLanding(
  href: string,
  transactions: Transactions,
  { realm, claims }: LandingFilter,
): Landing | null {
  if (!URL.canParse(href)) return null
  const url = new URL(href)
  const id = url.searchParams.get(ID_PARAMETER)
  const live = transactions.list()
  if (id !== null && /^[\w-]{22}$/.test(id)) {
    const transaction = live.find((one) => one.id === id) ?? null
    if (transaction && transaction.realm !== realm) return null // the page's other client takes it
    transactions.remove(id)
    return { url, transaction }
  }
  // The backend's redirect rules had no room for the id. Only where a single sign-in of this tab
  // could have led to this very page is there no doubt which one did.
  const mine = live.filter((one) => one.realm === realm)
  const [transaction] = mine
  if (!transaction || mine.length > 1 || !claims?.(url)) return null
  if (new URL(transaction.redirectTo).pathname !== url.pathname) return null
  transactions.remove(transaction.id)
  return { url, transaction }
}

/**
 * Takes a landing's parameters out of the address bar, before anything is awaited, so that neither
 * a reload nor the history repeats them. The page's own parameters stay as they are, to the byte.
 */
export function stripLanding(env: Env): void {
  const { href } = env.location
  const [, before = '', query = '', hash = ''] = /^([^?#]*)(?:\?([^#]*))?(.*)$/s.exec(href) ?? []
  const kept = query
    .split('&')
    .filter((pair) => pair && !LANDING_PARAMETERS.includes(pair.split('=', 1)[0] ?? ''))
    .join('&')
  env.history.replaceState(env.history.state, '', before + (kept && `?${kept}`) + hash)
}
