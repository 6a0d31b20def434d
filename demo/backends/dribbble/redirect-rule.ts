/** An app as its owner registered it. */
export interface DribbbleApp {
  readonly clientId: string
  readonly clientSecret: string
  readonly callbackURL: string
  /** Shown on the consent page. Default: the client id. */
  readonly name?: string
  /** Custom schemes registered for native apps, without the colon: `['myapplication']`. */
  readonly schemes?: readonly string[]
}

/**
 * Where this authorization may send the browser, or `null` when `requested` breaks the rule: same
 * scheme, host and port as the registered callback, at its path or below. Absent: the callback.
 *
 * A query is let through, as Doorkeeper does; a fragment and a user name are not.
 */
export function resolveRedirect(app: DribbbleApp, requested: string | null): URL | null {
  const callback = new URL(app.callbackURL)
  if (!requested) return callback
  const url = URL.canParse(requested) ? new URL(requested) : null
  if (!url || url.hash || url.username || url.password) return null
  if (app.schemes?.some((scheme) => `${scheme}:` === url.protocol)) return url
  if (url.protocol !== callback.protocol || url.host !== callback.host) return null
  // Without the slash, `/pathological` would count as below `/path`.
  const below = callback.pathname.replace(/\/?$/, '/')
  return url.pathname === callback.pathname || url.pathname.startsWith(below) ? url : null
}
