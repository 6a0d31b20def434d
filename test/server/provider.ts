/** A provider behind the `fetch` option: one userinfo endpoint, one token endpoint, and counters. */
export interface FakeProvider {
  readonly fetch: typeof fetch
  /** Every token request, oldest first. */
  readonly tokenRequests: {
    readonly form: URLSearchParams
    readonly headers: Headers
    readonly redirect: string
  }[]
  readonly userinfoRequests: {
    readonly url: string
    readonly headers: Headers
    readonly redirect: string
  }[]
  /** Answer the token request otherwise; may reject or never settle. */
  onToken: (() => Response | Promise<Response>) | null
  onUserinfo: (() => Response | Promise<Response>) | null
}

export const ACCESS_TOKEN = 'access-token-that-never-leaves'
export const CLIENT_SECRET = 'client-secret-that-never-leaves'
export const CODE = 'code-that-never-comes-back'

export const dan = {
  id: 1,
  name: 'Dan Cederholm',
  login: 'simplebits',
  avatar_url: 'https://cdn.example/dc.jpg',
  bio: 'Co-founder &amp; designer',
}

export const answer = (
  body: unknown,
  status = 200,
  headers: Record<string, string> = {},
): Response =>
  new Response(typeof body === 'string' ? body : JSON.stringify(body), {
    status,
    headers: {
      'content-type': typeof body === 'string' ? 'text/html' : 'application/json',
      ...headers,
    },
  })

export const tokens = (extra: Record<string, unknown> = {}): Response =>
  answer({ access_token: ACCESS_TOKEN, token_type: 'bearer', scope: 'public', ...extra })

/** A request that never gets an answer, and does not mind its signal either. */
export const hang = (): Promise<Response> => new Promise(() => {})

export function fakeProvider(): FakeProvider {
  const provider: FakeProvider = {
    tokenRequests: [],
    userinfoRequests: [],
    onToken: null,
    onUserinfo: null,
    fetch: async (input, init) => {
      const request = new Request(input, init)
      const url = new URL(request.url)
      if (request.method === 'POST' && /token/.test(url.pathname)) {
        const form = new URLSearchParams(await request.text())
        provider.tokenRequests.push({ form, headers: request.headers, redirect: request.redirect })
        return provider.onToken?.() ?? tokens()
      }
      provider.userinfoRequests.push({
        url: request.url,
        headers: request.headers,
        redirect: request.redirect,
      })
      return provider.onUserinfo?.() ?? answer(dan)
    },
  }
  return provider
}
