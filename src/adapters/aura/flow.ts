import { AuthError, readProviderError } from '../../errors.js'
import { parse, refusal, send, type Answer } from '../../http.js'
import type { AdapterIO, Landing, Start, StartRequest } from '../../types.js'

/** What only a sign-in or sign-out needs of Aura: this module, loaded apart from the session. */
export interface AuraFlow {
  readonly start: typeof start
  readonly finish: typeof finish
  readonly stuck: typeof stuck
  readonly signOut: typeof signOut
}

export function start(request: StartRequest, base: string): Start {
  const redirectTo = encodeURIComponent(landingFor(request, base))
  return { url: `${base}/signIn/${request.provider}?redirectTo=${redirectTo}` }
}

/** Aura adds nothing to the landing: arriving is the success. `latchkey/server` adds its errors. */
export function finish({ url }: Landing): null {
  const error = readProviderError(url.searchParams)
  if (error) throw error
  return null
}

/**
 * On failure Aura shows JSON on its own origin and never comes back; where that is the app's origin
 * too, the page can be read. Elsewhere on this origin the user has arrived at a page that does not
 * know what to do about it: Aura's `/`, say.
 */
export function stuck(
  { url, text }: { readonly url: URL; readonly text: string },
  base: string,
): AuthError | 'arrived' | null {
  if (!url.href.startsWith(`${base}/`)) return 'arrived'
  const body = parse(text) as {
    code?: string
    details?: { oauth?: object }
    error?: unknown
  } | null
  if (typeof body !== 'object' || !body) return null // still loading
  const refused = readProviderError(url.searchParams)
  if (refused) return refused
  const codes: [RegExp, string][] = [
    [/"Too Many/, 'rate_limited'],
    [/"oauth"/, 'unknown_provider'],
    [/_STATE|COOKIE_/, 'state_mismatch'],
  ]
  const [, code = 'exchange_failed'] = codes.find(([sign]) => sign.test(text)) ?? []
  return new AuthError(code, `Aura failed: ${text.slice(0, 200)}`, { cause: body })
}

/** Answers `false` when there was no session left to end. */
export async function signOut(io: AdapterIO, base: string): Promise<boolean> {
  let answer = await postSignOut(io, base)
  // The token dies with every sign-in and sign-out, also one in another tab.
  if (answer.status === 403) answer = await postSignOut(io, base)
  if (answer.status === 401) return false
  if (answer.status > 299) throw refusal(answer)
  return true
}

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
  throw new AuthError(
    'invalid_redirect',
    `Aura refuses this page: ${relative ? 'at most 100 of A-Z a-z 0-9 - _ / . ? & = #' : 'no %'}, no // and no ..`,
  )
}
