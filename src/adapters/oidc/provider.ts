import {
  allowInsecureRequests,
  clockTolerance,
  customFetch,
  discoveryRequest,
  None,
  processDiscoveryResponse,
  type AuthorizationServer,
  type Client,
  type TokenEndpointRequestOptions,
} from 'oauth4webapi'

import { AuthError } from '../../errors.js'
import { operate, unanswered } from '../../http.js'
import type { AdapterIO, ClientConfig } from '../../types.js'
import { explain } from './explain.js'
import type { DpopKey, OidcOptions } from './options.js'

/** One provider, as oauth4webapi wants to be told about it. */
export interface Provider {
  readonly client: Client
  readonly auth: ReturnType<typeof None>
  /** Asked for once; a failure is forgotten. */
  readonly metadata: () => Promise<AuthorizationServer>
  /** The same, if it is here. */
  readonly known: () => AuthorizationServer | undefined
  /** `null`: the app does not use DPoP. Made or found once; a failure is forgotten. */
  readonly key: () => Promise<DpopKey | null>
  /** One exchange with the provider, twice where it wants a nonce. Rejects as oauth4webapi does. */
  readonly request: <T>(
    io: AdapterIO,
    work: (as: AuthorizationServer, options: TokenEndpointRequestOptions) => Promise<T>,
  ) => Promise<T>
}

/**
 * s. A device whose clock is off by hours must be able to sign in. ID tokens come straight from the
 * token endpoint, over TLS, with a nonce of this very sign-in, so they are as fresh as that is.
 */
const CLOCK_TOLERANCE = 86_400

export function createProvider(
  { issuer, metadata, clientId, dpop }: OidcOptions,
  { env, fetch: fetcher = fetch }: ClientConfig,
  realm: string,
): Provider {
  // Without TLS only on this machine: that has been seen to.
  const insecure = /^http:/i.test(issuer ?? metadata!.token_endpoint)
  const optionsFor = ({ fetch: send, signal }: AdapterIO) => ({
    signal,
    // It knows that URL and method go together; `fetch` does not.
    [customFetch]: async (url: string, init: object) => send(url, init),
    ...(insecure && { [allowInsecureRequests]: true }),
  })
  const discover = async (io: AdapterIO): Promise<AuthorizationServer> => {
    // Without a name, a provider is told by its origin.
    if (!issuer) return { issuer: new URL(metadata!.token_endpoint).origin, ...metadata! }
    const url = new URL(issuer)
    return discoveryRequest(url, optionsFor(io))
      .then((response) => processDiscoveryResponse(url, response))
      .catch((error: unknown) => {
        const told = explain(error)
        // What is no metadata is an issuer that was written down wrong.
        if (told.code !== 'exchange_failed') throw told
        throw new AuthError('invalid_config', told.message)
      })
  }

  let known: AuthorizationServer | undefined
  let asking: Promise<AuthorizationServer> | undefined
  // With a deadline of its own, for it serves everybody who asks meanwhile.
  const ask: Provider['metadata'] = async () =>
    (asking ??= operate(env!, fetcher, discover, undefined).then(
      (answer) => (known = answer),
      (error: unknown) => {
        asking = undefined
        throw error
      },
    ))
  let opening: Promise<DpopKey> | undefined
  const key = async (): Promise<DpopKey | null> =>
    dpop
      ? (opening ??= dpop.open(realm, env!).catch((cause: unknown) => {
          opening = undefined
          return unanswered(cause)
        }))
      : null

  return {
    client: { client_id: clientId, [clockTolerance]: CLOCK_TOLERANCE },
    auth: None(),
    metadata: ask,
    known: () => known,
    key,
    request: async (io, work) => {
      const as = await ask()
      const held = await key()
      const options = { ...optionsFor(io), ...(held && { DPoP: held.handle }) }
      try {
        return await work(as, options)
      } catch (error) {
        if (!held?.wantsNonce(error)) throw error
        return work(as, options)
      }
    },
  }
}
