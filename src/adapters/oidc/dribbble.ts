import type { Claims, OidcOptions } from './options.js'

export interface DribbbleOptions {
  readonly clientId: string
  /**
   * Where `latchkey/server` is mounted: it has the client secret that Dribbble wants. Without it
   * every sign-in rejects `backend_required`.
   */
  readonly bridge?: string
  /** `'public'` if left out; `'public upload'` to publish shots. */
  readonly scope?: string
}

/**
 * Dribbble, for an app that calls its API from the browser. Where the app only wants to know who it
 * is, `latchkey/server` does all of it, and no token ever reaches the page.
 *
 * @example
 * createAuthClient({
 *   adapter: oidc(dribbble({ clientId: '…', bridge: '/auth' })),
 *   callbackURL: '/callback.html',
 * })
 */
export function dribbble({ scope = 'public', ...options }: DribbbleOptions): OidcOptions {
  return {
    ...options,
    scope,
    metadata: {
      authorization_endpoint: 'https://dribbble.com/oauth/authorize',
      token_endpoint: 'https://dribbble.com/oauth/token',
      userinfo_endpoint: 'https://api.dribbble.com/v2/user',
    },
    confidential: true,
    userinfo: true,
    origins: ['https://api.dribbble.com'],
    toUser: (profile: Claims) => ({
      id: String(profile['id']),
      name: text(profile['name']) ?? text(profile['login']),
      email: text(profile['email']),
      image: text(profile['avatar_url']),
    }),
  }
}

/** Blank fields are `null` there, or absent. */
function text(value: unknown): string | null {
  return typeof value === 'string' && value ? value : null
}
