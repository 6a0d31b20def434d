import { AuthError, createAuthClient, type AdapterFactory, type Session } from 'latchkey'

interface Account {
  id: number
  displayName: string
}

/** A backend with a cookie, `GET /me`, and `/login/:provider?next=`. */
export const acme =
  (): AdapterFactory<Session> =>
  ({ baseURL }) => ({
    id: 'acme',
    realm: baseURL, // two clients of different realms never hear each other
    credential: 'cookie',
    ttl: 600_000, // ms a user may take

    // Synchronous: the popup opens straight on it, and a redirect leaves without a request.
    start: ({ id, provider, landing }) => {
      const next = new URL(landing)
      next.searchParams.set('latchkey', id) // comes back with the landing, and tells whose it is
      return { url: `${baseURL}/login/${provider}?next=${encodeURIComponent(next.href)}` }
    },

    // Throw what the landing says went wrong. `null`: arrived, ask `load`.
    finish: async ({ url }) => {
      const error = url.searchParams.get('error')
      if (error) throw new AuthError(error, 'The sign-in was refused.', { source: 'provider' })
      return null
    },

    // `null` means that the backend *said* signed out. Everything else that is no session throws.
    load: async (io) => {
      const response = await io.fetch(`${baseURL}/me`, {
        credentials: 'include',
        signal: io.signal,
      })
      if (response.status === 401) return null
      if (!response.ok) throw new AuthError('server_error', `HTTP ${response.status}`)
      const account = (await response.json()) as Account
      const user = { id: String(account.id), name: account.displayName, email: null, image: null }
      return { user, expiresAt: null, raw: account }
    },

    signOut: async (_, io) => {
      const options = { method: 'POST', credentials: 'include', signal: io.signal } as const
      const response = await io.fetch(`${baseURL}/logout`, options)
      if (!response.ok) throw new AuthError('server_error', `HTTP ${response.status}`)
      return { revoked: true }
    },
  })

export const auth = createAuthClient({ baseURL: 'https://acme.test/api', adapter: acme() })
