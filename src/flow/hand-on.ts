import type { Env } from '../env.js'
import type { Landing } from '../types.js'
import { resolveRedirectTo } from './redirect-to.js'
import { remember } from './transaction.js'

/**
 * Leaves a landing for the page that the user is going to, and goes there: as `latchkey/callback`
 * does. `false`: this is that page, or nobody's.
 */
export function handOn(env: Env, { url, transaction }: Landing): boolean {
  if (!transaction || transaction.landed !== undefined) return false
  const { origin } = env.location
  const page = new URL(resolveRedirectTo(transaction.redirectTo, origin, `${origin}/`))
  remember(env, { ...transaction, landed: url.href })
  page.search += `${page.search ? '&' : '?'}latchkey=${transaction.id}`
  env.location.replace(page.href)
  return true
}
