import { REDIRECT_ERRORS, type Refusal } from './errors.js'
import type { GoTrueState } from './state.js'
import type { TokenAnswer } from './tokens.js'

/**
 * Where people are sent: what was asked for if that is allowed, else where they came from, else
 * `SITE_URL`. A refused address is no error anywhere. (`api/helpers.go`, `utilities/request.go`)
 */
export function resolveRedirect(request: Request, world: GoTrueState): string {
  const { searchParams } = new URL(request.url)
  const query = searchParams.get('redirect_to')
  const header = request.headers.get('redirect_to')
  const referer = request.headers.get('referer')
  // At /authorize and in links the fork looks at the query first, and then starts over.
  const asked = world.flavor === 'fork2022' ? [query, header, referer] : [header ?? query, referer]
  return asked.find((to) => to && isAllowed(to, world)) || world.siteURL
}

function isAllowed(to: string, { flavor, siteURL, knobs }: GoTrueState): boolean {
  const site = new URL(siteURL)
  const url = URL.canParse(to) ? new URL(to) : null
  if (flavor === 'fork2022') {
    // Scheme and port do not matter to it.
    if (url?.hostname === site.hostname) return true
    return knobs.allowList.some((glob) =>
      glob.startsWith('http') ? compileGlob(glob).test(to) : glob === to,
    )
  }
  if (!url) return false
  const isLoopback = /^(localhost|127(\.\d+){3}|\[::1\])$/.test(url.hostname)
  if (url.hostname === site.hostname && url.protocol === site.protocol) {
    if (url.port === site.port || isLoopback) return true
  }
  // An address of digits is either this machine or nothing.
  if (/^(\d+(\.\d+){3}|\[.*\])$/.test(url.hostname)) return isLoopback
  const [withoutFragment = ''] = to.split('#')
  return knobs.allowList.some((glob) => compileGlob(glob).test(withoutFragment))
}

/** As `gobwas/glob` with `.` and `/` as separators: `*` stays between them, `**` does not. */
function compileGlob(glob: string): RegExp {
  const pattern = glob.replace(/\*\*|\*|\?|\{|\}|,|[.+^$()|[\]\\/]/g, (part) => {
    switch (part) {
      case '**':
        return '.*'
      case '*':
        return '[^./]*'
      case '?':
        return '[^./]'
      case '{':
        return '(?:'
      case '}':
        return ')'
      case ',':
        return '|'
      default:
        return `\\${part}`
    }
  })
  return new RegExp(`^${pattern}$`)
}

type Params = Readonly<Record<string, string>>

/** Go's `url.Values.Encode`: sorted, and spaces are plus signs. */
export const encodeParams = (params: Params): string =>
  Object.keys(params)
    .sort()
    .map((name) => `${escape(name)}=${escape(params[name]!)}`)
    .join('&')

const escape = (text: string): string =>
  encodeURIComponent(text)
    .replace(/[!'()*]/g, (it) => `%${it.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%20', '+')

/** Appended as text. A hash router's address then has two fragments; a browser sees one. */
export const withFragment = (to: string, params: Params): string => `${to}#${encodeParams(params)}`

/** Appended as text, by the fork: a second `?` where there was one, or inside of the fragment. */
export const withQuery = (to: string, params: Params): string => `${to}?${encodeParams(params)}`

/** Merged into the query, which gets sorted; the fragment stays. What the current server does. */
export function mergeQuery(to: string, params: Params): string {
  const { before, query, fragment } = split(to)
  const merged = encodeParams({ ...Object.fromEntries(new URLSearchParams(query)), ...params })
  return `${before}${merged && `?${merged}`}${fragment === null ? '' : `#${fragment}`}`
}

/**
 * The current server's fragment for everything but tokens: it takes the place of the app's own, and
 * is escaped once more on its way out, so that `%20` arrives as `%2520`.
 */
export const replaceFragment = (to: string, params: Params): string =>
  `${to.split('#')[0]}#${encodeParams(params).replaceAll('%', '%25')}`

function split(to: string) {
  const hash = to.indexOf('#')
  const fragment = hash < 0 ? null : to.slice(hash + 1)
  const [before = '', ...query] = (hash < 0 ? to : to.slice(0, hash)).split('?')
  return { before, query: query.join('?'), fragment }
}

/** A redirect that a browser follows. GoTrue's own body is a line of HTML that nobody sees. */
export const redirect = (location: string, status: 302 | 303 = 302): Response =>
  new Response(null, { status, headers: { location } })

/** The tokens as a fragment, after whatever the address has. */
export function withTokens(
  to: string,
  answer: TokenAnswer,
  extra: Readonly<Record<string, string>>,
): string {
  const { access_token, token_type, expires_in, expires_at, refresh_token } = answer
  return withFragment(to, {
    ...extra,
    access_token,
    token_type,
    expires_in: String(expires_in),
    refresh_token,
    ...(expires_at !== undefined && { expires_at: String(expires_at), sb: '' }),
  })
}

/** The fork has a number for a code here, and no `error` for most of its statuses. */
export function describeFailure(
  { status, message, code }: Refusal,
  to: string,
  isFork: boolean,
  inQuery: boolean,
): string {
  const error = REDIRECT_ERRORS[status]
  const params = {
    ...(error && { error }),
    error_code: isFork ? String(status) : code,
    error_description: message,
  }
  if (isFork) return withFragment(to, params)
  return replaceFragment(inQuery ? mergeQuery(to, params) : to, { ...params, sb: '' })
}
