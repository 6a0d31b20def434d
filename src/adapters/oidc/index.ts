import type { Adapter, AdapterFactory, AdapterKit } from '../../types.js'
import type { OidcFlow } from './flow.js'
import {
  checkOptions,
  keyOf,
  type OidcMethods,
  type OidcOptions,
  type OidcSession,
} from './options.js'

export { dribbble, type DribbbleOptions } from './dribbble.js'
export type * from './options.js'

/**
 * Any OpenID provider, or plain OAuth 2.0, as a public client with PKCE: the app's own backend for
 * sign-in. Needs the client's `callbackURL`. Tokens are in memory unless its `storage` says otherwise.
 *
 * @example
 * createAuthClient({
 *   adapter: oidc({ issuer: 'https://id.example/realms/app', clientId: 'web' }),
 *   callbackURL: '/callback.html',
 * })
 */
export function oidc(options: OidcOptions): AdapterFactory<OidcSession, OidcMethods> {
  return (config): Adapter<OidcSession, OidcMethods> => {
    checkOptions(options, config)
    const { env, storage = 'memory', callbackURL = '' } = config
    const realm = `${options.issuer ?? options.metadata?.token_endpoint} ${options.clientId}`
    let flow: Promise<OidcFlow> | undefined
    /** The rest, with the vault. What failed to load is tried again. */
    const open = (): Promise<OidcFlow> =>
      (flow ??= Promise.all([import('./flow.js'), import('../../tokens/vault.js')]).then(
        ([{ createOidcFlow }, { createVault }]) =>
          Object.assign(adapter, createOidcFlow(options, config, realm, createVault)),
        (error: unknown) => {
          flow = undefined
          throw error
        },
      ))
    /** Nobody can be signed in: there is nothing to load for. */
    const isEmpty = (): boolean => {
      if (flow || typeof storage === 'object') return false
      try {
        return storage === 'memory' || env![`${storage}Storage`].getItem(keyOf(realm)) === null
      } catch {
        return true // blocked
      }
    }
    const adapter = {
      id: 'oidc',
      realm,
      credential: 'tokens',
      ...(storage === 'memory' && { reach: 'page' as const }),
      ...(storage === 'session' && { reach: 'tab' as const }),
      claims: (url: URL) =>
        url.pathname === new URL(callbackURL, url).pathname && /[?&#]state=/.test(url.href),
      load: async (io: Parameters<OidcFlow['lookUp']>[0]) =>
        isEmpty() ? null : (await open()).lookUp(io),
      forget: async () => (isEmpty() ? undefined : (await open()).clear()),
      prepare: async () => (await open()).ready(),
      methods: (kit: AdapterKit<OidcSession>): OidcMethods => ({
        getAccessToken: async () => {
          await kit.ready()
          return kit.run(async () =>
            isEmpty() ? null : (await (await open()).access(kit)).getAccessToken(),
          )
        },
        fetch: async (input, init) => {
          await kit.ready()
          const { access } = await kit.run(open)
          return (await access(kit)).fetch(input, init)
        },
      }),
    } as const
    return adapter as typeof adapter & OidcFlow
  }
}
