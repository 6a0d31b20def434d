import { AuthError } from '../../errors.js'
import { isLoopback } from '../origins.js'
import { dribbble } from './dribbble.js'
import { github } from './github.js'
import type { OAuthProvider } from './types.js'

const presets: Readonly<Record<string, () => OAuthProvider>> = { dribbble, github }

/** A provider that can work: it has credentials, and its URLs were checked. */
export interface ResolvedProvider extends OAuthProvider {
  readonly clientId: string
  readonly clientSecret: string
}

const invalid = (message: string): AuthError => new AuthError('invalid_config', message)

/**
 * The providers by id, with their credentials.
 *
 * @throws `invalid_config`, naming what is missing
 */
export function resolveProviders(
  oauth: unknown,
  env: Readonly<Record<string, string | undefined>>,
  allowInsecureRequests: boolean,
): ReadonlyMap<string, ResolvedProvider> {
  if (!Array.isArray(oauth)) throw invalid("oauth must be a list, such as ['dribbble'].")
  const providers = new Map<string, ResolvedProvider>()
  for (const entry of oauth as readonly (string | OAuthProvider)[]) {
    const provider = withCredentials(typeof entry === 'string' ? preset(entry) : entry, env)
    for (const part of ['authorize', 'token', 'userinfo'] as const)
      checkURL(provider, part, allowInsecureRequests)
    if (typeof provider.profile !== 'function')
      throw invalid(`The provider "${provider.id}" has no profile function.`)
    if (providers.has(provider.id))
      throw invalid(`There are two providers with the id "${provider.id}": give one another id.`)
    providers.set(provider.id, provider)
  }
  return providers
}

function preset(name: string): OAuthProvider {
  const create = Object.hasOwn(presets, name) ? presets[name] : undefined
  if (create) return create()
  throw invalid(
    `There is no preset for the provider "${name}". Known are ${Object.keys(presets).join(', ')}; describe any other by an object.`,
  )
}

function withCredentials(
  provider: OAuthProvider,
  env: Readonly<Record<string, string | undefined>>,
): ResolvedProvider {
  // Also the shape of one path segment and of a variable's name.
  if (typeof provider?.id !== 'string' || !/^[A-Za-z0-9_-]{1,64}$/.test(provider.id))
    throw invalid('A provider needs an id of letters, digits, "-" and "_".')
  const credential = (value: string | undefined, option: string, suffix: string): string => {
    const variable = `AURA_AUTH_${provider.id.replaceAll('-', '_').toUpperCase()}_${suffix}`
    const found = value || env[variable]
    if (found) return found
    throw invalid(`The provider "${provider.id}" has no ${option}: set ${variable}.`)
  }
  return {
    ...provider,
    clientId: credential(provider.clientId, 'clientId', 'CLIENT_ID'),
    clientSecret: credential(provider.clientSecret, 'clientSecret', 'CLIENT_SECRET'),
  }
}

function checkURL(
  provider: OAuthProvider,
  part: 'authorize' | 'token' | 'userinfo',
  allowInsecureRequests: boolean,
): void {
  const value = provider[part]?.url
  if (!URL.canParse(value)) throw invalid(`${provider.id}: ${part}.url is not a URL.`)
  const url = new URL(value)
  if (url.protocol === 'https:') return
  if (url.protocol === 'http:' && (allowInsecureRequests || isLoopback(url.hostname))) return
  throw invalid(`${provider.id}: ${part}.url must be https, "${url.origin}" is not.`)
}
