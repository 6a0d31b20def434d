import { AuthError } from '../../errors.js'
import { unanswered } from '../../http.js'
import { keyOf, reachOf } from '../../tokens/place.js'
import type { Adapter, AdapterFactory, AdapterKit, Transaction } from '../../types.js'
import type { Keeper } from './keeper.js'
import { legacyKeysOf, refuseServiceKey } from './keys.js'
import { claim } from './landing.js'
import type { GoTrueMethods, GoTrueOptions, GoTrueSession } from './options.js'
import type { GoTrueSignIn } from './sign-in.js'

export type * from './options.js'

const METHODS =
  'signUp signInWithPassword signInWithOtp signInWithMagicLink verifyOtp recover resend updateUser reauthenticate getUser unlinkIdentity settings signInAnonymously signInWithIdToken getProviderTokens getAccessToken fetch'

/**
 * GoTrue: Supabase Auth as it is today, and the 2022 fork of the server it comes from. Tokens are in
 * `localStorage` unless the client's `storage` says otherwise.
 *
 * @example
 * createAuthClient({
 *   baseURL: 'https://ref.supabase.co/auth/v1',
 *   headers: { apikey: '…' }, // the anon key, where a gateway asks for it
 *   adapter: gotrue(),
 * })
 */
export function gotrue(options: GoTrueOptions = {}): AdapterFactory<GoTrueSession, GoTrueMethods> {
  return (config): Adapter<GoTrueSession, GoTrueMethods> => {
    refuseServiceKey(config)
    const { env, baseURL, storage = 'local' } = config
    let keeper: Keeper | undefined
    /** What a page needs that has tokens. */
    const open = async (): Promise<Keeper> => {
      const { createKeeper } = await import('./keeper.js').catch(unanswered)
      return (keeper ??= createKeeper(options, config))
    }
    /** Nobody can be signed in: there is nothing to load for. */
    const isEmpty = (): boolean => {
      if (keeper || typeof storage === 'object') return false
      const keys = [keyOf(baseURL), ...legacyKeysOf(baseURL)]
      try {
        return storage === 'memory' || keys.every((key) => !env![`${storage}Storage`].getItem(key))
      } catch {
        return true // blocked
      }
    }
    let signIn: GoTrueSignIn | undefined
    let landed = false
    const adapter = {
      id: 'gotrue',
      realm: baseURL,
      credential: 'tokens',
      reach: reachOf(storage),
      forget: async () => (isEmpty() ? undefined : (await open()).forget()),
      claims: (url: URL, pending?: Transaction) => {
        const rest = claim(url, pending)
        landed ||= rest !== false
        return rest
      },
      load: async () => (isEmpty() ? null : (await open()).lookUp()),
      prepare: async () => {
        const [opened, { createSignIn }] = await Promise.all([open(), import('./sign-in.js')])
        signIn ??= createSignIn(options, config, opened)
        Object.assign(adapter, signIn, { signOut: opened.signOut })
        // A landing needs nothing of that, and has only minutes.
        if (!landed) await signIn.ready()
      },
      methods: (kit: AdapterKit<GoTrueSession>) => {
        const load = async (): Promise<object> =>
          Promise.all([open(), import('./methods.js').catch(unanswered)]).then(
            ([opened, { createMethods }]) => createMethods(options, config, opened, kit),
          )
        const later = (name: string) => [
          name,
          async (...args: readonly unknown[]): Promise<unknown> => {
            await kit.completed
            const all = (await kit.run(load)) as Record<string, (...args: unknown[]) => unknown>
            return all[name]!(...args)
          },
        ]
        const linkIdentity: GoTrueMethods['linkIdentity'] = async (provider, how) => {
          // In the click itself: nothing may come between that and a popup.
          if (options.flavor === 'fork2022') throw new AuthError('unsupported')
          if (kit.session.value.status === 'unauthenticated') throw new AuthError('no_session')
          return kit.signIn(provider, { ...how, intent: 'link' })
        }
        return {
          ...Object.fromEntries(METHODS.split(' ').map(later)),
          linkIdentity,
        } as unknown as GoTrueMethods
      },
    } as const
    return adapter as typeof adapter & GoTrueSignIn & Pick<Keeper, 'signOut'>
  }
}
