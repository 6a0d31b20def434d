import type { Env } from '../../env.js'
import { unanswered } from '../../http.js'
import { keyOf, reachOf } from '../../tokens/place.js'
import type { Adapter, AdapterFactory, AdapterIO, AdapterKit } from '../../types.js'
import type { Keeper } from './keeper.js'
import { checkOptions, type OidcMethods, type OidcOptions, type OidcSession } from './options.js'
import type { Provider } from './provider.js'
import type { OidcSignIn } from './sign-in.js'

export { dribbble, type DribbbleOptions } from './dribbble.js'
export type * from './options.js'

/** Pages on which a client has looked for tokens: another one of such a page has to look, too. */
const pages = new WeakSet<Env>()

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
    let provider: Provider | undefined
    const connect = async (): Promise<Provider> => {
      const { createProvider } = await import('./provider.js')
      return (provider ??= createProvider(options, config, realm))
    }
    let keeper: Keeper | undefined
    /** What a page needs that has tokens. */
    const open = async (): Promise<Keeper> => {
      const load = Promise.all([connect(), import('./keeper.js')])
      const [made, { createKeeper }] = await load.catch(unanswered)
      pages.add(env!)
      return (keeper ??= createKeeper(options, config, realm, made))
    }
    /** Nobody can be signed in: there is nothing to load for. */
    const isEmpty = (): boolean => {
      if (keeper || typeof storage === 'object') return false
      try {
        return storage === 'memory'
          ? !pages.has(env!)
          : env![`${storage}Storage`].getItem(keyOf(realm)) === null
      } catch {
        return true // blocked
      }
    }
    let signIn: OidcSignIn | undefined
    const adapter = {
      id: 'oidc',
      realm,
      credential: 'tokens',
      reach: reachOf(storage),
      // Cleared before anything else is asked for, and nobody waits for the rest.
      forget: async () => (isEmpty() ? undefined : (await open()).forget().catch(() => undefined)),
      claims: (url: URL) =>
        url.pathname === new URL(callbackURL, url).pathname &&
        /[?&#]state=[\w-]{22}(?![\w-])/.test(url.href) &&
        url.href,
      signOut: async (...args: Parameters<Keeper['signOut']>) => (await open()).signOut(...args),
      load: async (io: AdapterIO) => (isEmpty() ? null : (await open()).lookUp(io)),
      prepare: async () => {
        const [made, { createSignIn }] = await Promise.all([connect(), import('./sign-in.js')])
        signIn ??= createSignIn(options, made, open)
        Object.assign(adapter, signIn)
        const ready = signIn.ready()
        // Whoever holds tokens is about to sign out, if anything, and waits for no provider.
        if (keeper ? !keeper.holds() : isEmpty()) await ready
      },
      methods: (kit: AdapterKit<OidcSession>): OidcMethods => ({
        getAccessToken: async () => {
          await kit.completed
          return kit.run(async () =>
            isEmpty() ? null : (await (await open()).access(kit)).getAccessToken(),
          )
        },
        fetch: async (input, init) => {
          await kit.completed
          return (await (await kit.run(open)).access(kit)).fetch(input, init)
        },
      }),
    } as const
    return adapter as typeof adapter & OidcSignIn
  }
}
