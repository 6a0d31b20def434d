import { isTrusted } from './origins.js'

/** A longer one would crowd out everything else in the cookie it is kept in. */
const MAX_LENGTH = 2048

// Browsers drop tabs and newlines from URLs and read `\` as `/`: "/\t/evil", "/\evil" leave a site.
// oxlint-disable-next-line no-control-regex
const forbidden = /[\u0000-\u0020\u007f<>"`\\]/

/**
 * The value to put into `Location`, or `null` when `value` might lead anywhere else than to `own`
 * or one of `trusted`. A URL of `own` becomes a path; another origin's stays absolute.
 *
 * `error` and `error_description` are taken out of the query: there they mean that this sign-in
 * failed, and a page that shows the last failure would otherwise pass it on to the next attempt.
 */
export function checkRedirectTo(
  value: string,
  own: string,
  trusted: readonly string[],
): string | null {
  if (value.length > MAX_LENGTH || forbidden.test(value)) return null
  if (!/^(\/(?!\/)|https?:\/\/[^/])/i.test(value)) return null
  if (!URL.canParse(value, own)) return null
  const url = new URL(value, own)
  if (url.username !== '' || url.password !== '') return null
  const isOwn = url.origin === own
  if (!isOwn && (value.startsWith('/') || !isTrusted(url.origin, trusted))) return null
  // "/..//evil.com" is a path here, "//evil.com", and another site to whoever follows it.
  if (url.pathname.startsWith('//')) return null
  url.search = withoutError(url.search)
  const location = isOwn ? url.pathname + url.search + url.hash : url.href
  return location.length > MAX_LENGTH ? null : location
}

/** The landing of a failed sign-in: `location` with the error in its query, before any fragment. */
export function withError(location: string, error: string, description: string): string {
  const hash = location.indexOf('#')
  const before = hash < 0 ? location : location.slice(0, hash)
  const query = before.indexOf('?')
  const path = query < 0 ? before : before.slice(0, query)
  const kept = query < 0 ? '' : before.slice(query + 1)
  const added = new URLSearchParams({ error, error_description: description }).toString()
  return `${path}?${kept === '' ? '' : `${kept}&`}${added}${hash < 0 ? '' : location.slice(hash)}`
}

// By hand: URLSearchParams would rewrite the app's own parameters.
function withoutError(search: string): string {
  const kept = search
    .slice(1)
    .split('&')
    .filter((pair) => {
      const [key] = new URLSearchParams(pair).keys()
      return key !== 'error' && key !== 'error_description'
    })
    .join('&')
  return kept === '' ? '' : `?${kept}`
}
