import {
  authorizationCodeGrantRequest,
  calculatePKCECodeChallenge,
  generateRandomCodeVerifier,
  processAuthorizationCodeResponse,
  validateAuthResponse,
} from 'oauth4webapi'

import { AuthError } from '../../errors.js'
import type { Adapter, AdapterIO, Transaction } from '../../types.js'
import { authorizationURL, type Pair, type Secret } from './authorize.js'
import { explain } from './explain.js'
import type { Keeper } from './keeper.js'
import type { OidcOptions, OidcSession } from './options.js'
import type { Provider } from './provider.js'
import { toTokens, type OidcTokens } from './tokens.js'

/** What only a page needs where somebody signs in. */
export interface OidcSignIn extends Required<
  Pick<Adapter<OidcSession>, 'ttl' | 'start' | 'finish'>
> {
  /** Metadata and a PKCE pair, so that a click waits for nothing. Never rejects. */
  readonly ready: () => Promise<unknown>
}

export function createSignIn(
  options: OidcOptions,
  provider: Provider,
  open: () => Promise<Keeper>,
): OidcSignIn {
  const { bridge, confidential, dpop } = options
  const { client, auth, request } = provider

  const createPair = async (): Promise<Pair> => {
    const verifier = generateRandomCodeVerifier()
    return { verifier, challenge: await calculatePKCECodeChallenge(verifier) }
  }
  /** Made ahead. A pair is good for one sign-in (RFC 9700 §2.1.1). */
  let pair: Pair | undefined
  const getReady = async (): Promise<void> => {
    await provider.metadata()
    pair = await createPair()
  }

  const exchange = async (url: URL, transaction: Transaction, io: AdapterIO): Promise<OidcTokens> =>
    request(io, async (as, how) => {
      // In the query or in the fragment: nothing else of the page is the provider's.
      const { searchParams: query, hash } = url
      const params = query.has('state') ? query : new URLSearchParams(hash.slice(1))
      const { verifier, nonce, redirectURI, scope } = transaction.secret as Secret
      const answer = validateAuthResponse(as, client, params, transaction.id)
      // RFC 9700 §4.4.2.2: where a provider does not say who it is, its redirect URI does.
      if (url.href.split(/[?#]/, 1)[0] !== redirectURI.split(/[?#]/, 1)[0]) {
        throw new AuthError('issuer_mismatch')
      }
      const sentAt = io.now()
      const response = bridge
        ? await (await import('./bridge.js')).exchangeByBridge(io, bridge, transaction, answer)
        : await authorizationCodeGrantRequest(as, client, auth, answer, redirectURI, verifier, how)
      const expected = nonce ? { expectedNonce: nonce, requireIdToken: true } : undefined
      const tokens = await processAuthorizationCodeResponse(as, client, response, expected)
      // RFC 9449 §5: what is not bound is not taken, where it was to be.
      if (dpop && tokens.token_type !== 'dpop') {
        throw new AuthError('invalid_config', 'This provider has no DPoP.')
      }
      return toTokens(tokens, sentAt, scope, options)
    }).catch((error: unknown) => {
      throw explain(error)
    })

  return {
    ttl: 600_000,
    ready: async () => getReady().catch(() => null),
    start: (started) => {
      if (confidential && !bridge) throw new AuthError('backend_required')
      if (!globalThis.crypto.subtle) throw new AuthError('insecure_context')
      void open().catch(() => null) // for the landing
      const as = provider.known()
      if (as && pair && !dpop) {
        const start = authorizationURL(as, started, pair, options)
        pair = undefined
        void getReady()
        return start
      }
      return (async () => {
        const thumbprint = await (await provider.key())?.handle.calculateThumbprint()
        const known = await provider.metadata()
        return authorizationURL(known, started, await createPair(), options, thumbprint)
      })()
    },
    finish: async ({ url, transaction }, io, isOver) => {
      if (!transaction) throw new AuthError('state_unknown')
      // First, so that no code is spent on tokens that nobody could keep.
      const { keep } = await open()
      return keep(await exchange(url, transaction, io), io, isOver)
    },
  }
}
