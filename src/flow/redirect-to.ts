import { AuthError } from '../errors.js'

/**
 * Where `to` leads inside `origin`, as a full `href`, or `null` when it leads anywhere else
 * (RFC 9700 §4.11.1: a client must not be an open redirector). Relative values are relative to the
 * origin's root, never to `document.baseURI`.
 *
 * Always go to the `href`: `/..//evil.com` passes every origin check and has the *path* `//evil.com`.
 */
export function resolveRedirectTo(to: string, origin: string): string | null {
  if (!URL.canParse(to, origin)) return null
  const { href, protocol, username, password, origin: target, pathname } = new URL(to, origin)
  // By protocol too: `blob:https://app.example/…` has the app's own origin.
  return target === origin &&
    /^https?:$/.test(protocol) &&
    !username &&
    !password &&
    !pathname.startsWith('//')
    ? href
    : null
}

/** {@link resolveRedirectTo}, throwing `invalid_redirect` instead of answering `null`. */
export function requireRedirectTo(to: string, origin: string): string {
  const href = resolveRedirectTo(to, origin)
  if (href) return href
  throw new AuthError('invalid_redirect', `Not a page of ${origin}`)
}
