import { AuthError, readProviderError } from '../../errors.js'
import { refusal, send, type Answer } from '../../http.js'
import { readParams } from '../../params.js'
import type { Adapter, AdapterIO, StartRequest } from '../../types.js'
import type { AuraSession } from './session.js'

/** What only a sign-in or sign-out needs of Aura. */
export type AuraFlow = Required<
  Pick<Adapter<AuraSession>, 'ttl' | 'start' | 'finish' | 'stuck' | 'signOut'>
>

export function createAuraFlow(base: string, load: Adapter<AuraSession>['load']): AuraFlow {
  return {
    ttl: 300_000, // the lifetime of Aura's own sign-in cookies
    start: (request) => ({
      url: `${base}/signIn/${request.provider}?redirectTo=${encodeURIComponent(landingFor(request, base))}`,
    }),
    finish: async ({ url }) => {
      // Only `latchkey/server` comes back with errors, and Aura adds nothing: arriving is success.
      const error = readProviderError(readParams(url.href))
      if (error) throw error
      return null
    },
    stuck: ({ url, text }) => {
      // Elsewhere on this origin: a page that knows nothing of sign-ins, such as Aura's own `/`.
      if (!url.href.startsWith(`${base}/`)) return 'arrived'
      // Aura shows a failure as JSON, `latchkey/server` as a page. Until then there is no text.
      const code = SIGNS.find(([sign]) => sign.test(text))?.[1]
      return code
        ? (readProviderError(readParams(url.href)) ?? new AuthError(code, text.slice(0, 300)))
        : null
    },
    signOut: async (_, io) => {
      let answer = await postSignOut(io, base)
      // The token dies with every sign-in and sign-out, also one in another tab.
      if (answer.status === 403) answer = await postSignOut(io, base)
      // Already out. Aura clears the dead cookie on this request and not on that one: a courtesy.
      if (answer.status === 401) await load(io).catch(() => null)
      else if (answer.status > 299) throw refusal(answer)
      return { revoked: true }
    },
  }
}

/** What Aura's failures can be told by. */
const SIGNS: readonly [RegExp, string][] = [
  [/"Too Many/, 'rate_limited'],
  [/"oauth"/, 'unknown_provider'],
  [/state|cookie/i, 'state_mismatch'],
  [/./, 'exchange_failed'],
]

/** The token is only good for the next write: fetched just before it, never kept. */
async function postSignOut(io: AdapterIO, base: string): Promise<Answer> {
  const answer = await send(io, `${base}/csrfToken`)
  const { csrfToken } = (answer.body ?? {}) as { csrfToken?: unknown }
  if (typeof csrfToken !== 'string') throw refusal(answer)
  // `redirect` is true unless said otherwise, and fetch would follow it into a page of HTML.
  return send(io, `${base}/signOut?token_type_hint=session_token&redirect=false`, {
    method: 'POST',
    headers: { 'x-csrf-token': csrfToken },
  })
}

/**
 * Aura silently sends the user to `/` when it dislikes `redirectTo`, so its rules (Aura 0.9,
 * `shared/assert.ts` and `shared/utils/authorization.ts`) are checked before the page is left.
 */
function landingFor({ id, landing, exact }: StartRequest, base: string): string {
  const { origin, pathname } = landing
  const relative = base.startsWith(`${origin}/`)
  const rule = relative ? /^\/[\w\-/.?&=#]{0,99}$/ : /^[\w.~!$&'()?#*+,;=:@/[\]-]+$/
  const pages = exact ? [landing] : [landing, new URL(pathname, origin), new URL(origin)]
  for (const page of pages) {
    const tagged = new URL(page)
    // By hand: `searchParams` would rewrite the app's own parameters.
    tagged.search += `${page.search ? '&' : '?'}latchkey=${id}`
    for (const { pathname: path, search, hash } of [tagged, page]) {
      const value = path + search + hash
      if (rule.test(value) && !/\/\/|\.\./.test(value)) return relative ? value : origin + value
    }
  }
  throw new AuthError('invalid_redirect', 'Aura allows 100 of A-Za-z0-9-_/.?&=#')
}
