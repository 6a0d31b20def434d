import { AuthError } from '../errors.js'

/**
 * Where `to` leads inside `origin`, as a full `href`, or `null` when it leads anywhere else
 * (RFC 9700 §4.11.1: a client must not be an open redirector). Relative values are relative to the
 * origin's root, never to `document.baseURI`.
 *
 * Always go to the `href`: `/..//evil.com` passes every origin check and has the *path* `//evil.com`.
 */
export function resolveRedirectTo(to: string, origin: string): string | null {
  let url: URL
  try {
    url = new URL(to, origin)
  } catch {
    return null
  }
  // `blob:https://app.example/…` has the app's own origin.
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return null
  if (url.username || url.password || url.origin !== origin) return null
  return url.pathname.startsWith('//') ? null : url.href
}

/** {@link resolveRedirectTo}, rejecting instead of answering `null`. */
export function requireRedirectTo(to: string, origin: string): string {
  const href = typeof to === 'string' ? resolveRedirectTo(to, origin) : null
  if (href !== null) return href
  throw new AuthError(
    'invalid_redirect',
    `redirectTo must be a page of ${origin}, such as '/dashboard'.`,
  )
}
