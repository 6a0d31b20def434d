import { processRefreshTokenResponse, refreshTokenGrantRequest } from 'oauth4webapi'

import type { Env } from '../../env.js'
import { AuthError, isolate } from '../../errors.js'
import { unanswered } from '../../http.js'
import { keyOf } from '../../tokens/place.js'
import { createVault, type Vault } from '../../tokens/vault.js'
import type { Adapter, AdapterIO, AdapterKit, ClientConfig, User } from '../../types.js'
import { explain, isFinal } from './explain.js'
import { type Claims, type OidcMethods, type OidcOptions, type OidcSession } from './options.js'
import type { Provider } from './provider.js'
import { toSession, toTokens, type OidcTokens } from './tokens.js'

/** What a page needs where somebody is signed in. */
export interface Keeper {
  /** Keeps what a sign-in brought, once it is known whose it is, unless it `isOver` by then. */
  readonly keep: (tokens: OidcTokens, io: AdapterIO, isOver: () => boolean) => Promise<OidcSession>
  readonly lookUp: (io: AdapterIO) => Promise<OidcSession | null>
  readonly holds: () => boolean
  readonly forget: () => Promise<void>
  readonly signOut: Adapter<OidcSession>['signOut']
  readonly access: (kit: AdapterKit<OidcSession>) => Promise<OidcMethods>
}

/** What the clients of a page hold in memory, by realm. Out of reach of the page's other scripts. */
const vaults = new WeakMap<Env, Record<string, Vault<OidcTokens>>>()

/** Two clients on one page (StrictMode, HMR) hold the same, and spend it once. */
function sharedOn(env: Env, realm: string, open: () => Vault<OidcTokens>): Vault<OidcTokens> {
  const held = vaults.get(env) ?? {}
  vaults.set(env, held)
  return (held[realm] ??= open())
}

export function createKeeper(
  options: OidcOptions,
  config: ClientConfig,
  realm: string,
  provider: Provider,
): Keeper {
  const { userinfo } = options
  const { env, storage = 'memory', fetch: fetcher = fetch } = config
  const { client, auth, request } = provider

  const open = (): Vault<OidcTokens> =>
    createVault({
      env: env!,
      fetch: fetcher,
      key: keyOf(realm),
      storage,
      refresh: async (tokens, io) => {
        try {
          return await request(io, async (as, how) => {
            const sentAt = io.now()
            const spent = tokens.refreshToken!
            const response = await refreshTokenGrantRequest(as, client, auth, spent, how)
            const answer = await processRefreshTokenResponse(as, client, response)
            return toTokens(answer, sentAt, '', { ...options, toUser: readAs(tokens) }, tokens)
          })
        } catch (error) {
          const { code, status, retryAfter, message } = explain(error)
          // The provider has answered: what was spent is spent, and what came for it is nobody's.
          if (isFinal(error) || code === 'invalid_id_token') return null
          // Some say which token they refuse.
          const said = message.replaceAll(tokens.refreshToken!, '…')
          throw new AuthError(code, said, { status, retryAfter })
        }
      },
    })
  const vault = storage === 'memory' ? sharedOn(env!, realm, open) : open()
  const askUser = async (tokens: OidcTokens, io: AdapterIO): Promise<OidcSession | null> =>
    (await import('./userinfo.js').catch(unanswered)).askUser(provider, options, tokens, io)

  /** The app may not be able to read what is new. Its tokens are good, and the old ones are spent. */
  const readAs =
    ({ session }: OidcTokens) =>
    (claims: Claims): User => {
      let { user } = session
      isolate(() => void ({ user } = toSession(claims, options)))
      return user
    }
  const known = (session: OidcSession | null): OidcSession => {
    if (session) return session
    throw new AuthError('userinfo_failed', 'HTTP 401', { status: 401 })
  }
  let made: OidcMethods | undefined

  return {
    keep: async (tokens, io, isOver) => {
      let { session } = tokens
      if (userinfo || session.raw['sub'] === undefined) {
        session = known(await askUser(tokens, io))
      }
      // Given up meanwhile, or signed out: then nobody is signed in.
      io.signal.throwIfAborted()
      if (isOver()) throw new AuthError('superseded')
      await vault.write({ ...tokens, session })
      return session
    },
    lookUp: async (io) => {
      const tokens = await vault.fresh()
      if (!tokens || !userinfo) return tokens && tokens.session
      const session = await askUser(tokens, io)
      if (session) return session
      const next = await vault.fresh(tokens.accessToken)
      // Refreshed, so the grant is alive: it is this endpoint that does not know it.
      return next && known(await askUser(next, io))
    },
    holds: vault.holds,
    forget: async () => {
      const held = await vault.read()
      await vault.forget()
      const left = await vault.read()
      // Tokens of this page's own, which nobody else can revoke.
      if (!held || left?.accessToken === held.accessToken || options.signOut === 'local') return
      const { revoke } = await import('./sign-out.js')
      await revoke(config, provider, held)
    },
    signOut: async (_, { signal }, redirectTo) => {
      // First of all, whatever else can be had.
      signal.throwIfAborted()
      const tokens = await vault.read()
      await vault.clear()
      return import('./sign-out.js').then(
        async ({ signOut }) => signOut(options, config, provider, tokens, redirectTo),
        () => ({ revoked: false }),
      )
    },
    access: async (kit) => {
      const [{ createAccess }, { authorize }] = await Promise.all([
        import('../../tokens/access.js'),
        import('./userinfo.js'),
      ]).catch(unanswered)
      const { origins } = options
      const { plainFetch: send = fetch } = config
      return (made ??= createAccess({
        ...kit,
        vault,
        origins,
        send,
        authorize: async (request, token) => authorize(request, token, provider, send),
      }))
    },
  }
}
