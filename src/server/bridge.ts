import { AuthError } from '../errors.js'
import { isLoopback, isTrusted } from './origins.js'
import type { ResolvedProvider } from './providers/resolve.js'
import type { AuthOptions, TrustedOrigins } from './types.js'

/** A provider whose codes pages may exchange here. */
export interface Bridge {
  readonly provider: ResolvedProvider
  /** The redirect URIs that such codes may belong to, compared as text (RFC 9700 §4.1.3). */
  readonly redirectURIs: ReadonlySet<string>
}

/** What is known of this server when it starts. */
export interface Place {
  readonly basePath: string
  readonly baseOrigin: string | null
  readonly trustedOrigins: TrustedOrigins
}

const invalid = (message: string): AuthError => new AuthError('invalid_config', message)

/**
 * The bridges by provider id. None unless the option names them.
 *
 * @throws `invalid_config`, for whatever could never be used or should not be
 */
export function resolveBridges(
  option: NonNullable<AuthOptions['bridge']>,
  providers: ReadonlyMap<string, ResolvedProvider>,
  place: Place,
): ReadonlyMap<string, Bridge> {
  const bridges = new Map<string, Bridge>()
  for (const [id, listed] of Object.entries(option)) {
    const provider = providers.get(id)
    if (!provider) throw invalid(`bridge: there is no provider "${id}" in oauth.`)
    const redirectURIs: unknown = listed
    if (!Array.isArray(redirectURIs) || redirectURIs.length === 0)
      throw invalid(`bridge.${id} must list the redirect URIs of the pages that may use it.`)
    for (const redirectURI of redirectURIs) {
      const problem = refuseRedirectURI(redirectURI, place)
      if (problem !== null) throw invalid(`bridge.${id}: "${String(redirectURI)}" ${problem}.`)
    }
    bridges.set(id, { provider, redirectURIs: new Set(redirectURIs as readonly string[]) })
  }
  return bridges
}

/** What is wrong with it, or `null`. */
function refuseRedirectURI(redirectURI: unknown, place: Place): string | null {
  if (typeof redirectURI !== 'string' || !URL.canParse(redirectURI)) return 'is not a URL'
  const url = new URL(redirectURI)
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopback(url.hostname)))
    return 'must be https, or on this machine'
  if (redirectURI.includes('*')) return 'must be exact, without "*"'
  if (redirectURI.includes('#')) return 'must have no fragment (RFC 6749 §3.1.2)'
  if (url.username !== '' || url.password !== '') return 'must have no user name'
  const { baseOrigin, basePath, trustedOrigins } = place
  const isOwn = url.origin === baseOrigin
  // A code that ends in a session here must not become a token of whoever finds it.
  if ((isOwn || baseOrigin === null) && `${url.pathname}/`.startsWith(`${basePath}/`))
    return isOwn
      ? 'is a route of this server, not a page'
      : 'may be a route of this server, unless baseURL says that it is elsewhere'
  // Where only a request tells what is trusted, or own, nothing can be said before it.
  if (isOwn || baseOrigin === null || typeof trustedOrigins === 'function') return null
  return isTrusted(url.origin, trustedOrigins) ? null : 'is on no origin in trustedOrigins'
}
