import type { AuthError } from '../errors.js'
import type { BuiltInProvider, OAuthProvider } from './providers/types.js'

/** Who is signed in: OpenID's standard claims, plus whatever the provider's `profile` added. */
export interface User {
  /** The provider's id for this person, as text. Unique per provider only. */
  readonly sub: string
  /** `null`: the provider has none. */
  readonly name: string | null
  /** `null`: none, or not shared. Nothing says that it was ever verified. */
  readonly email: string | null
  /** URL of a picture, or `null`. */
  readonly image: string | null
  readonly [field: string]: unknown
}

/** What `GET /session` and `api.getSession` answer. */
export interface Session {
  readonly user: User
  /** ISO 8601. From then on the session is over, unless it was renewed. */
  readonly expires: string
}

/** How long a session lasts. Every duration is in seconds, as in the `Max-Age` of a cookie. */
export interface SessionOptions {
  /** Life of a new session, in seconds. Default 1 296 000: 15 days. */
  readonly maxAge?: number
  /**
   * `'absolute'` (default) ends when it said it would. `'rolling'` starts afresh with every
   * `GET /session`. `'sliding'` does so once less than `slidingThreshold` of its life is left.
   */
  readonly expirationStrategy?: 'absolute' | 'rolling' | 'sliding'
  /** Part of `maxAge`, from 0 to 1. Default 0.25. */
  readonly slidingThreshold?: number
  /** Seconds after signing in at which even a renewed session ends. Default: never. */
  readonly maxDuration?: number
}

/** The origins trusted beside the server's own, such as `'https://app.example.com'`. */
export type TrustedOrigins =
  | readonly string[]
  | ((request: Request) => readonly string[] | Promise<readonly string[]>)

/** Where a reported failure happened. Never a secret, a code, a token or a cookie. */
export interface ErrorContext {
  /** For example `'GET /callback/:oauth'`. */
  readonly route: string
  /** `null` where the route has no provider. */
  readonly provider: string | null
}

export interface AuthOptions {
  /** Providers by name, by preset (`dribbble({ … })`) or as plain objects. Ids must differ. */
  readonly oauth: readonly (BuiltInProvider | OAuthProvider)[]
  /**
   * Providers whose codes pages may exchange here, for clients that run the code flow themselves but
   * cannot hold the secret: by provider id, the exact redirect URIs. Their origins have to be this
   * server's own or in `trustedOrigins`. Default: none.
   *
   * @example createAuth({ oauth: ['dribbble'], bridge: { dribbble: ['https://your.app/callback.html'] } })
   */
  readonly bridge?: Readonly<Record<string, readonly string[]>>
  /** Path that the handlers are mounted on. Default `'/auth'`. */
  readonly basePath?: string
  /**
   * Public origin of this server, such as `'https://example.com'`; `AURA_AUTH_BASE_URL` overrides
   * it. Needed behind a proxy that changes the host or ends TLS. Default: the request's own origin.
   */
  readonly baseURL?: string
  /** At least 32 bytes. Default: `AURA_AUTH_SECRET`. */
  readonly secret?: string
  /** At least 32 bytes. Default: `AURA_AUTH_SALT`. Changing it ends every session. */
  readonly salt?: string
  /**
   * Other origins that may call this server with credentials and be returned to.
   * `'https://*.example.com'` is any one subdomain label, `':*'` any explicit port.
   * `AURA_AUTH_TRUSTED_ORIGINS`, separated by commas, overrides it.
   */
  readonly trustedOrigins?: TrustedOrigins
  /**
   * Believe `X-Forwarded-Proto` and `X-Forwarded-Host`. Only behind a proxy that sets both. The
   * origin they name must be one of `trustedOrigins`. Default `false`.
   */
  readonly trustedProxyHeaders?: boolean
  readonly session?: SessionOptions
  /** Where variables are read from. Default: `process.env`, where there is one. */
  readonly env?: Readonly<Record<string, string | undefined>>
  /** Used for the token and userinfo requests. Default: the global `fetch`. */
  readonly fetch?: typeof fetch
  /** Now, in ms. Default: `Date.now`. */
  readonly now?: () => number
  /** How many ms one sign-in may wait for the provider, per request. Default 10 000. */
  readonly timeout?: number
  /** Allow providers on plain `http:` elsewhere than on this machine. Default `false`. */
  readonly allowInsecureRequests?: boolean
  /** Told of every failure that is not simply the user's doing. Must not throw. */
  readonly onError?: (error: AuthError, context: ErrorContext) => void
}
