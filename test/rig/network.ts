export interface Seen {
  readonly method: string
  readonly url: string
  readonly headers: Headers
  readonly body: string
  readonly credentials: RequestCredentials
}

export type Responder = (request: Request, seen: Seen) => Response | Promise<Response>

export interface Network {
  /** Everything asked for, in order. */
  readonly requests: readonly Seen[]
  /** How many requests had this method and path, such as `'GET /auth/session'`. */
  count: (what: string) => number
  /** Answers every request from now on. A responder that throws is a network error. */
  respond: (responder: Responder) => void
  /** Never answers, until the request is aborted. */
  hang: () => Promise<never>
  /** For `createAuthClient({ fetch })`. */
  readonly fetch: typeof fetch
}

export function createNetwork(): Network {
  const requests: Seen[] = []
  let responder: Responder = () => {
    throw new TypeError('nobody is listening')
  }
  return {
    requests,
    count: (what) =>
      requests.filter(({ method, url }) => `${method} ${new URL(url).pathname}` === what).length,
    respond: (next) => {
      responder = next
    },
    hang: () => new Promise(() => {}),
    fetch: async (input, init) => {
      const request = new Request(input, init)
      const seen = {
        method: request.method,
        url: request.url,
        headers: request.headers,
        body: await request.clone().text(),
        credentials: request.credentials,
      }
      requests.push(seen)
      const { signal } = request
      return new Promise<Response>((resolve, reject) => {
        const abort = (): void => reject(signal.reason as Error)
        if (signal.aborted) abort()
        signal.addEventListener('abort', abort)
        void (async () => responder(request, seen))().then(resolve, reject)
      })
    },
  }
}
