import { AuthError } from '../errors.js'
import type { Server } from './context.js'
import { plainCookies, readCookies, secureCookies, type CookieJar } from './cookies.js'
import { ownOrigin } from './origins.js'
import type { Session } from './types.js'

/** Anything with request headers: a `Request`, `Headers`, Next's `headers()`, Node's `req`. */
export type WithHeaders = HeaderSource | { readonly headers: HeaderSource }

/** Header names in any case. */
export type HeaderSource =
  | { readonly get: (name: string) => string | null }
  | Readonly<Record<string, string | readonly string[] | undefined>>

export interface ApiSignInOptions {
  /** Where to end up. Passed through: the sign-in route checks it. */
  readonly redirectTo?: string
  /** Says this server's own origin where `baseURL` does not. */
  readonly request?: Request
  /** Instead of `request`: with `trustedProxyHeaders`, its `X-Forwarded-*` say the origin. */
  readonly headers?: HeaderSource
}

export interface ApiSignIn {
  readonly success: true
  readonly redirect: true
  /** This server's own sign-in route: cookies have to be set on the way to the provider. */
  readonly signInURL: string
  /** With `Location`. */
  readonly headers: Headers
  /** A 302 there. */
  readonly toResponse: () => Response
}

/** The server's own calls, for code that renders pages or guards routes. */
export interface Api {
  /**
   * Where to send a browser that should sign in: a path if this server's origin is known neither
   * from the configuration nor from `request`.
   *
   * @throws `unknown_provider`
   * @example
   * const response = await api.signIn('dribbble', { redirectTo: '/dashboard' })
   * return response.headers.get('Location')
   */
  readonly signIn: (provider: string, options?: ApiSignInOptions) => Promise<ApiSignIn>
  /**
   * Who sent this request; `null`: nobody who is signed in. Renews nothing: only `GET /session` can.
   *
   * @example const session = await api.getSession(request); session?.user
   */
  readonly getSession: (from: WithHeaders) => Promise<Session | null>
  /**
   * The headers that end the session in the browser they are sent to. Guard the route that calls
   * this against CSRF; `POST /signOut` does so by itself.
   */
  readonly signOut: (
    options?: Omit<ApiSignInOptions, 'redirectTo'>,
  ) => Promise<{ readonly headers: Headers }>
}

export function createApi(server: Server): Api {
  const { config, sessions, csrf } = server
  const originOf = async ({ request, headers }: ApiSignInOptions): Promise<string | null> => {
    if (request) return ownOrigin(config, request)
    if (!headers || !config.trustedProxyHeaders) return config.baseOrigin
    const forwarded = new Headers()
    for (const name of ['x-forwarded-host', 'x-forwarded-proto'])
      forwarded.set(name, readHeader(headers, name) ?? '')
    return ownOrigin(config, new Request('http://unknown.invalid', { headers: forwarded }))
  }

  return {
    signIn: async (provider, options = {}) => {
      const { redirectTo } = options
      if (!config.providers.has(provider))
        throw new AuthError('unknown_provider', `There is no provider "${provider}".`)
      const query = redirectTo === undefined ? '' : `?${new URLSearchParams({ redirectTo })}`
      const origin = (await originOf(options)) ?? ''
      const signInURL = `${origin}${config.basePath}/signIn/${provider}${query}`
      const headers = new Headers({ location: signInURL, 'cache-control': 'no-store' })
      return {
        success: true,
        redirect: true,
        signInURL,
        headers,
        toResponse: () => new Response(null, { status: 302, headers }),
      }
    },
    getSession: async (from) => {
      const cookies = readCookies(readHeader(from, 'cookie'))
      for (const jar of jarsFor(config.baseOrigin)) {
        const session = await sessions.read(cookies.get(jar.session))
        if (session) return session
      }
      return null
    },
    signOut: async (options = {}) => {
      const headers = new Headers({ 'cache-control': 'no-store' })
      for (const jar of jarsFor(await originOf(options))) {
        headers.append('set-cookie', sessions.clear(jar))
        headers.append('set-cookie', csrf.clear(jar))
      }
      return { headers }
    },
  }
}

/**
 * The cookies to look for. Behind a proxy, a page's own request may look like http while the browser speaks https.
 */
export function jarsFor(origin: string | null): readonly CookieJar[] {
  if (origin === null) return [secureCookies, plainCookies]
  // Known to be https: an unprefixed cookie is one that a neighbour could have planted.
  return origin.startsWith('https:') ? [secureCookies] : [secureCookies, plainCookies]
}

/** `null`: it was not sent. */
export function readHeader(from: WithHeaders, name: string): string | null {
  const source = hasHeaders(from) ? from.headers : from
  if (typeof source.get === 'function') return source.get(name)
  const entry = Object.entries(source).find(([key]) => key.toLowerCase() === name)
  const value: unknown = entry?.[1]
  return typeof value === 'string' ? value : null
}

const hasHeaders = (from: WithHeaders): from is { readonly headers: HeaderSource } =>
  'headers' in from && typeof from.headers === 'object'
