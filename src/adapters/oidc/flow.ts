import {
  authorizationCodeGrantRequest,
  calculatePKCECodeChallenge,
  generateRandomCodeVerifier,
  processAuthorizationCodeResponse,
  processRefreshTokenResponse,
  refreshTokenGrantRequest,
  validateAuthResponse,
} from 'oauth4webapi'

import { AuthError } from '../../errors.js'
import type { createVault as CreateVault } from '../../tokens/vault.js'
import type { Adapter, AdapterIO, AdapterKit, ClientConfig, Transaction } from '../../types.js'
import { authorizationURL, type Pair, type Secret } from './authorize.js'
import { explain, isFinal } from './explain.js'
import { keyOf, type OidcMethods, type OidcOptions, type OidcSession } from './options.js'
import { createProvider } from './provider.js'
import { toTokens, type OidcTokens } from './tokens.js'

/** What only a page needs where somebody signs in, or is signed in. */
export interface OidcFlow extends Required<
  Pick<Adapter<OidcSession>, 'ttl' | 'start' | 'finish' | 'signOut'>
> {
  readonly lookUp: (io: AdapterIO) => Promise<OidcSession | null>
  readonly clear: () => Promise<void>
  /** Metadata and a PKCE pair, so that a click waits for nothing. Never rejects. */
  readonly ready: () => Promise<void>
  readonly access: (kit: AdapterKit<OidcSession>) => Promise<OidcMethods>
}

/** `createVault` comes beside this, so that neither waits for the other. */
export function createOidcFlow(
  options: OidcOptions,
  config: ClientConfig,
  realm: string,
  createVault: typeof CreateVault,
): OidcFlow {
  const { scope = 'openid profile email', bridge } = options
  const { env, storage = 'memory', fetch: fetcher = fetch } = config
  const provider = createProvider(options, config, realm)
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
          return toTokens(answer, sentAt, scope, options, tokens)
        })
      } catch (error) {
        if (isFinal(error)) return null
        throw explain(error)
      }
    },
  })

  let pair: Pair | undefined
  const getReady = async () => {
    const as = await provider.metadata()
    const verifier = generateRandomCodeVerifier()
    pair ??= { verifier, challenge: await calculatePKCECodeChallenge(verifier) }
    return as
  }
  /** A pair is good for one sign-in (RFC 9700 §2.1.1). */
  const takePair = (): Pair => {
    const taken = pair!
    pair = undefined
    return taken
  }

  const exchange = async (url: URL, { id, secret, provider: name }: Transaction, io: AdapterIO) =>
    request(io, async (as, how) => {
      // In the query or in the fragment: nothing else of the page is the provider's.
      const params = url.searchParams.has('state')
        ? url.searchParams
        : new URLSearchParams(url.hash.slice(1))
      const { verifier, nonce, redirectURI } = secret as Secret
      // RFC 9700 §4.4.2.2: where a provider does not say who it is, its redirect URI does.
      if (url.origin + url.pathname !== redirectURI.split(/[?#]/, 1)[0]) {
        throw new AuthError('issuer_mismatch', 'This is another provider’s page.')
      }
      const answer = validateAuthResponse(as, client, params, id)
      const sentAt = io.now()
      const response = bridge
        ? await (
            await import('./bridge.js')
          ).exchangeByBridge(io, new URL(bridge, url), name, answer, secret as Secret)
        : await authorizationCodeGrantRequest(as, client, auth, answer, redirectURI, verifier, how)
      const expected = nonce ? { expectedNonce: nonce, requireIdToken: true } : undefined
      const tokens = await processAuthorizationCodeResponse(as, client, response, expected)
      return toTokens(tokens, sentAt, scope, options)
    }).catch((error: unknown) => {
      throw explain(error)
    })
  const askUser = async (tokens: OidcTokens, io: AdapterIO): Promise<OidcSession | null> =>
    (await import('./userinfo.js')).askUser(provider, options, tokens, io)

  return {
    ttl: 600_000,
    ready: async () => {
      await getReady().catch(() => null)
    },
    start: (started) => {
      if (options.confidential && !bridge) throw new AuthError('backend_required')
      if (!globalThis.crypto.subtle) throw new AuthError('insecure_context')
      const as = provider.known()
      if (as && pair && !options.dpop) {
        const start = authorizationURL(as, started, takePair(), options, scope)
        void getReady()
        return start
      }
      return (async () => {
        const known = await getReady()
        const key = await provider.key()
        const thumbprint = await key?.handle.calculateThumbprint()
        return authorizationURL(known, started, takePair(), options, scope, thumbprint)
      })()
    },
    finish: async ({ url, transaction }, io) => {
      if (!transaction) throw new AuthError('state_unknown')
      let tokens = await exchange(url, transaction, io)
      if (options.userinfo || tokens.session.raw['sub'] === undefined) {
        const session = await askUser(tokens, io)
        if (!session) throw new AuthError('userinfo_failed', 'HTTP 401', { status: 401 })
        tokens = { ...tokens, session }
      }
      io.signal.throwIfAborted()
      await vault.write(tokens)
      return tokens.session
    },
    lookUp: async (io) => {
      const tokens = await vault.fresh()
      if (!tokens || !options.userinfo) return tokens && tokens.session
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
