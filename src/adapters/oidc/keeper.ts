import { processRefreshTokenResponse, refreshTokenGrantRequest } from 'oauth4webapi'

import { AuthError } from '../../errors.js'
import { createVault } from '../../tokens/vault.js'
import type { Adapter, AdapterIO, AdapterKit, ClientConfig } from '../../types.js'
import { explain, isFinal } from './explain.js'
import { keyOf, type OidcMethods, type OidcOptions, type OidcSession } from './options.js'
import type { Provider } from './provider.js'
import { toTokens, type OidcTokens } from './tokens.js'

/** What a page needs where somebody is signed in. */
export interface Keeper {
  /** Keeps what a sign-in brought, once it is known whose it is. */
  readonly keep: (tokens: OidcTokens, io: AdapterIO) => Promise<OidcSession>
  readonly lookUp: (io: AdapterIO) => Promise<OidcSession | null>
  readonly clear: () => Promise<void>
  readonly signOut: Adapter<OidcSession>['signOut']
  readonly access: (kit: AdapterKit<OidcSession>) => Promise<OidcMethods>
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

  const vault = createVault<OidcTokens>({
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
          return toTokens(answer, sentAt, '', options, tokens)
        })
      } catch (error) {
        if (isFinal(error)) return null
        throw explain(error)
      }
    },
  })
  const askUser = async (tokens: OidcTokens, io: AdapterIO): Promise<OidcSession | null> =>
    (await import('./userinfo.js')).askUser(provider, options, tokens, io)

  return {
    keep: async (tokens, io) => {
      let { session } = tokens
      if (userinfo || session.raw['sub'] === undefined) {
        const known = await askUser(tokens, io)
        if (!known) throw new AuthError('userinfo_failed', 'HTTP 401', { status: 401 })
        session = known
      }
      // Given up meanwhile: then nobody is signed in.
      io.signal.throwIfAborted()
      await vault.write({ ...tokens, session })
      return session
    },
    lookUp: async (io) => {
      const tokens = await vault.fresh()
      if (!tokens || !userinfo) return tokens && tokens.session
      const session = await askUser(tokens, io)
      if (session) return session
      const next = await vault.fresh(tokens.accessToken)
      return next && askUser(next, io)
    },
    clear: vault.clear,
    signOut: async (_, io, redirectTo) => {
      const { signOut } = await import('./sign-out.js')
      return signOut(options, config, provider, vault, io, redirectTo)
    },
    access: async (kit) => {
      const { createAccess } = await import('./access.js')
      return createAccess(options, config, provider, vault, kit)
    },
  }
}
