import { AuthError, readProviderError } from '../../src/errors.js'
import { readParams } from '../../src/params.js'
import type { Adapter, AdapterFactory, Session } from '../../src/types.js'

/** Where the browser is sent by {@link codeBackend}. */
export const authorize = 'http://provider.test/authorize'

/**
 * A backend whose landing carries a code: `?code=…&state=…`, spent at `POST /token`. `changes`: how
 * it differs, such as a `start` that answers later or leaves the id out.
 */
export const codeBackend =
  (changes: Partial<Adapter> = {}): AdapterFactory<Session> =>
  ({ baseURL }) => ({
    id: 'code',
    realm: baseURL,
    credential: 'tokens',
    ttl: 600_000,
    start: ({ id, landing }) => {
      const params = new URLSearchParams({ state: id, redirect_uri: landing.href })
      return { url: `${authorize}?${params}`, secret: `verifier of ${id}` }
    },
    finish: async ({ url, transaction }, io) => {
      const params = readParams(url.href)
      const error = readProviderError(params)
      if (error) throw error
      const body = JSON.stringify({ code: params.get('code'), verifier: transaction?.secret })
      const response = await io.fetch('http://provider.test/token', {
        method: 'POST',
        body,
        signal: io.signal,
      })
      if (!response.ok) throw new AuthError('exchange_failed')
      return (await response.json()) as Session
    },
    load: async () => null,
    signOut: async () => ({ revoked: true }),
    ...changes,
  })

export const grace: Session = {
  user: { id: '7', name: 'Grace Summer', email: null, image: null },
  expiresAt: null,
  raw: null,
}
