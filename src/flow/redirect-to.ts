import { AuthError } from '../errors.js'

/**
 * Where `to` leads inside `origin`, as a full `href`. Anywhere else: `otherwise`, or without that it
 * throws `invalid_redirect` (RFC 9700 §4.11.1: a client must not be an open redirector). Relative
 * values are relative to the origin's root, never to `document.baseURI`.
 *
 * Always go to the `href`: `/..//evil.com` passes every origin check and has the *path* `//evil.com`.
 */
export function resolveRedirectTo(to: string, origin: string, otherwise?: string): string {
  const url = URL.canParse(to, origin) && new URL(to, origin)
  // By its start, and so by protocol and userinfo too: `blob:https://app.example/…` has this origin.
  if (url && url.href.startsWith(`${origin}/`) && !url.pathname.startsWith('//')) return url.href
  if (otherwise) return otherwise
  throw new AuthError('invalid_redirect', `Not a page of ${origin}`)
}
