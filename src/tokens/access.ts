import type { AdapterKit } from '../types.js'
import type { Tokens, Vault } from './vault.js'

/** What the app's own requests need. */
export interface Access {
  /**
   * An access token that is good for a while, refreshed when it is not. `null`: signed out. Rejects
   * when it has ended and the backend did not answer.
   */
  readonly getAccessToken: () => Promise<string | null>
  /**
   * `fetch`, with the access token for the `origins` of the adapter and for no others. When a server
   * answers 401 the token is refreshed, and the request sent once more; where it refuses that one too,
   * not again before there is another.
   */
  readonly fetch: typeof fetch
}

export interface AccessOptions extends Pick<AdapterKit, 'run' | 'load'> {
  readonly vault: Pick<Vault<Tokens>, 'read' | 'fresh'>
  readonly origins: readonly string[] | undefined
  /** The app's own `fetch`: what is meant for the backend goes to nobody else. */
  readonly send: typeof fetch
  /** Sends a request with the token. As a bearer (RFC 6750 §2.1), if left out. */
  readonly authorize?: ((request: Request, accessToken: string) => Promise<Response>) | undefined
}

/** Sends the access token, and only where the app wants it. */
export function createAccess({
  vault,
  origins = [],
  run,
  load,
  send,
  authorize = async (request, accessToken) => asBearer(request, accessToken, send),
}: AccessOptions): Access {
  const allowed = origins.map((origin) => new URL(origin).origin)
  /** The token that an origin has refused although it was new: another one would not do either. */
  const unwanted = new Map<string, string>()
  /** As the vault does; and if the session turns out to be over, the page is told. */
  const fresh = async (refused?: string): Promise<Tokens | null> => {
    const held = await vault.read()
    const tokens = await vault.fresh(refused)
    if (held && !tokens) load().catch(() => null)
    return tokens
  }
  return {
    getAccessToken: async () => run(async () => (await fresh())?.accessToken ?? null),
    fetch: async (input, init) => {
      const request = new Request(input, init)
      const { signal } = request
      const { origin } = new URL(request.url)
      const plain = async () => send(request)
      if (!allowed.includes(origin)) return plain()
      const tokens = await run(async () => fresh(), signal)
      if (!tokens) return plain()
      const response = await authorize(request.clone(), tokens.accessToken)
      const isWanted = tokens.refreshToken && tokens.accessToken !== unwanted.get(origin)
      if (response.status !== 401 || !isWanted) return response
      // A server may know better than the clock. Once: the next 401 is its answer.
      const next = await run(async () => fresh(tokens.accessToken), signal).catch((error) => {
        if (signal.aborted) throw error
        return null
      })
      if (!next || next.accessToken === tokens.accessToken) return response
      await response.body?.cancel()
      const again = await authorize(request, next.accessToken)
      if (again.status === 401) unwanted.set(origin, next.accessToken)
      return again
    },
  }
}

/** RFC 6750 §2.1. */
export async function asBearer(
  request: Request,
  accessToken: string,
  send: typeof fetch,
): Promise<Response> {
  const headers = new Headers(request.headers)
  headers.set('authorization', `Bearer ${accessToken}`)
  return send(request, { headers })
}
