import type { Env } from './env.js'
import { AuthError, toAuthError } from './errors.js'
import type { AdapterIO } from './types.js'

/** ms an operation may take, all its requests together. */
const TIMEOUT = 15_000

/** An HTTP answer, read whole. `body` is `undefined` when the text is not JSON. */
export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly body: unknown
}

/**
 * Everything an adapter does over the network is run here: under one deadline and one abort signal,
 * settling in time even when the adapter never looks at either, rejecting with `AuthError` only.
 */
export function operate<T>(
  env: Env,
  fetcher: typeof fetch,
  work: (io: AdapterIO) => T | Promise<T>,
  signal: AbortSignal | undefined,
  timeout: number = TIMEOUT,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const controller = new AbortController()
    const stop = (code: string): void => {
      const error = new AuthError(code)
      reject(error)
      controller.abort(error)
    }
    const abort = (): void => stop('aborted')
    const timer = env.setTimeout(() => stop('timeout'), timeout)
    if (signal?.aborted) abort()
    // With a signal of its own, so that the listener goes when this is over.
    signal?.addEventListener('abort', abort, { signal: controller.signal })
    const io: AdapterIO = {
      fetch: async (...request) => (async () => fetcher(...request))().catch(unanswered),
      now: () => env.Date.now(),
      signal: controller.signal,
    }
    const worked = (async () => work(io))()
    worked
      .then(resolve, (error: unknown) => reject(toAuthError(error)))
      .finally(() => {
        env.clearTimeout(timer)
        controller.abort()
      })
  })
}

/**
 * One request, its answer read whole. Rejects `network` when no answer came. A GET never carries a
 * `Content-Type`: Aura echoes request headers, and across origins it would cost a preflight.
 */
export async function send(io: AdapterIO, url: string, init?: RequestInit): Promise<Answer> {
  const response = await io.fetch(url, {
    credentials: 'include',
    // A sign-out must not be undone by the HTTP cache of a backend that forgot `no-store`.
    cache: 'no-store',
    signal: io.signal,
    ...init,
  })
  const text = await response.text().catch(unanswered)
  return { status: response.status, headers: response.headers, body: parse(text) }
}

/** No answer is nobody's bug, whichever adapter asked; nor is code that cannot be loaded. */
export function unanswered(cause: unknown): never {
  throw toAuthError(cause, 'network')
}

/** The error that an answer stands for when the adapter has no better word for it. */
export function refusal({ status, headers, body }: Answer): AuthError {
  const code =
    status === 429
      ? 'rate_limited'
      : status === 403
        ? 'forbidden'
        : status >= 500
          ? 'server_error'
          : 'invalid_response'
  const retryAfter = readRetryAfter(headers)
  return new AuthError(code, `HTTP ${status}`, { status, retryAfter, cause: body })
}

/** RFC 9110 §10.2.3: seconds or a date, here in ms from now. `undefined`: absent or unreadable. */
function readRetryAfter(headers: Headers): number | undefined {
  const value = headers.get('retry-after') ?? ''
  // A date is compared with the server's own `Date`, never with this machine's clock.
  const ms = /^\d+$/.test(value)
    ? Number(value) * 1000
    : Date.parse(value) - Date.parse(headers.get('date') ?? '')
  return ms >= 0 ? ms : undefined
}

/** `undefined`: not JSON. */
export function parse(text: string | null): unknown {
  try {
    return JSON.parse(text ?? '')
  } catch {
    return undefined
  }
}
