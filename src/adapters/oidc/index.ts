import type { Adapter, AdapterFactory, AdapterIO, AdapterKit } from '../../types.js'
import type { Keeper } from './keeper.js'
import {
  checkOptions,
  keyOf,
  type OidcMethods,
  type OidcOptions,
  type OidcSession,
} from './options.js'
import type { Provider } from './provider.js'
import type { OidcSignIn } from './sign-in.js'

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
    let opened: Promise<{ provider: Provider; keeper: Keeper }> | undefined
    /** What a page needs that has tokens. What failed to load is tried again. */
    const open = async () =>
      (opened ??= Promise.all([import('./provider.js'), import('./keeper.js')]).then(
        ([{ createProvider }, { createKeeper }]) => {
          const provider = createProvider(options, config, realm)
          return { provider, keeper: createKeeper(options, config, realm, provider) }
        },
        (error: unknown) => {
          opened = undefined
          throw error
        },
      ))
    /** Nobody can be signed in: there is nothing to load for. */
    const isEmpty = (): boolean => {
      if (opened || typeof storage === 'object') return false
      try {
        return storage === 'memory' || env![`${storage}Storage`].getItem(keyOf(realm)) === null
      } catch {
        return true // blocked
      }
    }
    const reach: Adapter['reach'] =
      storage === 'memory' ? 'page' : storage === 'session' ? 'tab' : undefined
    const forget = async (): Promise<void> => {
      if (!isEmpty()) await (await open()).keeper.clear()
    }
    let signIn: OidcSignIn | undefined
    const adapter = {
      id: 'oidc',
      realm,
      credential: 'tokens',
      // What all tabs hold in common is gone with the tab that signed out; or it is newer than that.
      ...(reach && { reach, forget }),
      claims: (url: URL) =>
        url.pathname === new URL(callbackURL, url).pathname &&
        /[?&#]state=[\w-]{22}(?![\w-])/.test(url.href) &&
        url.href,
      load: async (io: AdapterIO) => (isEmpty() ? null : (await open()).keeper.lookUp(io)),
      prepare: async () => {
        const [{ provider, keeper }, { createSignIn }] = await Promise.all([
          open(),
          import('./sign-in.js'),
        ])
        signIn ??= createSignIn(options, provider, keeper)
        Object.assign(adapter, signIn, { signOut: keeper.signOut })
        await signIn.ready()
      },
      methods: (kit: AdapterKit<OidcSession>): OidcMethods => ({
        getAccessToken: async () => {
          await kit.completed
          return kit.run(async () =>
            isEmpty() ? null : (await (await open()).keeper.access(kit)).getAccessToken(),
          )
        },
        fetch: async (input, init) => {
          await kit.completed
          const { keeper } = await kit.run(open)
          return (await keeper.access(kit)).fetch(input, init)
        },
      }),
    } as const
    return adapter as typeof adapter & OidcSignIn & Pick<Keeper, 'signOut'>
  }
}
