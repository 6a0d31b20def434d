import type { Vault } from '../../tokens/vault.js'
import type { AdapterKit, ClientConfig } from '../../types.js'
import type { OidcMethods, OidcOptions, OidcSession } from './options.js'
import type { Provider } from './provider.js'
import type { OidcTokens } from './tokens.js'
import { authorize } from './userinfo.js'

/** What the app's own requests need. */
export function createAccess(
  { origins = [] }: OidcOptions,
  { fetch: send = fetch }: ClientConfig,
  provider: Provider,
  vault: Vault<OidcTokens>,
  { run, load }: AdapterKit<OidcSession>,
): OidcMethods {
  const allowed = origins.map((origin) => new URL(origin).origin)
  /** As the vault does; and if the session turns out to be over, the page is told. */
  const fresh = async (refused?: string): Promise<OidcTokens | null> => {
    const held = await vault.read()
    const tokens = await vault.fresh(refused)
    if (held && !tokens) load().catch(() => null)
    return tokens
  }
  return {
    getAccessToken: async () => (await fresh())?.accessToken ?? null,
    fetch: async (input, init) => {
      const request = new Request(input, init)
      const plain = async () => send(request, { headers: request.headers })
      if (!allowed.includes(new URL(request.url).origin)) return plain()
      const tokens = await run(async () => fresh())
      if (!tokens) return plain()
      const response = await authorize(request.clone(), tokens.accessToken, provider, send)
      if (response.status !== 401 || !tokens.refreshToken) return response
      // A server may know better than the clock. Once: the next 401 is its answer.
      const next = await run(async () => fresh(tokens.accessToken)).catch(() => null)
      if (!next || next.accessToken === tokens.accessToken) return response
      await response.body?.cancel()
      return authorize(request, next.accessToken, provider, send)
    },
  }
}
