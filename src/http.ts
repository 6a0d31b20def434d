import type { Env } from './env.js'
import { AuthError, isAuthError } from './errors.js'
import type { AdapterIO } from './types.js'

/** ms an operation may take, all its requests together. */
export const TIMEOUT = 15_000

/** What a request may carry. `json` becomes the body and, only then, a `Content-Type`. */
export interface Outgoing {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly json?: unknown
  readonly credentials?: RequestCredentials
}

/** An HTTP answer, read whole. `body` is `undefined` when the text is not JSON. */
export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly body: unknown
}

/** Something an adapter does over the network, under one deadline and one abort signal. */
export interface Operation {
  readonly io: AdapterIO
  /** Settles with `work`, or with the deadline or abort if that comes first: `AuthError` only. */
  race: <T>(work: Promise<T>) => Promise<T>
  /** Releases the timer and the listeners. */
  end: () => void
}

/** Ends with the first of `signals`, or after {@link TIMEOUT}, even if the adapter never looks. */
export function beginOperation(
  env: Env,
  fetcher: typeof fetch,
  signals: readonly AbortSignal[],
): Operation {
  const controller = new AbortController()
  const { signal } = controller
  const abort = (): void =>
    controller.abort(new AuthError('aborted', 'Stopped before it was done.'))
  if (signals.some((one) => one.aborted)) abort()
  for (const one of signals) one.addEventListener('abort', abort)
  const timer = env.setTimeout(() => {
    controller.abort(new AuthError('timeout', `No answer within ${TIMEOUT / 1000} seconds.`))
  }, TIMEOUT)
  return {
    io: { fetch: fetcher, now: () => env.Date.now(), signal },
    race: (work) =>
      new Promise((resolve, reject) => {
        const stop = (): void => reject(toAuthError(signal.reason))
        if (signal.aborted) stop()
        signal.addEventListener('abort', stop)
        work.then(resolve, (error: unknown) => reject(toAuthError(error)))
      }),
    end: () => {
      env.clearTimeout(timer)
      for (const one of signals) one.removeEventListener('abort', abort)
    },
  }
}

/**
 * One request, its answer read whole. Rejects `network` when no answer came. A GET never carries a
 * `Content-Type`: Aura echoes request headers, and it would make a cross-origin GET preflight.
 */
export async function send(io: AdapterIO, url: string, outgoing: Outgoing = {}): Promise<Answer> {
  const { method = 'GET', json, credentials = 'include' } = outgoing
  try {
    const response = await io.fetch(url, {
      method,
      credentials,
      // A sign-out must not be undone by the HTTP cache of a backend that forgot `no-store`.
      cache: 'no-store',
      signal: io.signal,
      headers: {
        accept: 'application/json',
        ...outgoing.headers,
        ...(json === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(json === undefined ? {} : { body: JSON.stringify(json) }),
    })
    const { status, headers } = response
    return { status, headers, body: parseJSON(await response.text()) }
  } catch (cause) {
    if (io.signal.aborted) throw toAuthError(io.signal.reason)
    throw new AuthError(
      'network',
      `No answer from ${new URL(url).origin}: offline, server down, or it does not allow this origin (CORS).`,
      { cause },
    )
  }
}

/** The error that an answer stands for when the adapter has no better word for it. */
export function refusal({ status, headers, body }: Answer): AuthError {
  const details = { status, retryAfter: readRetryAfter(headers), cause: body }
  if (status === 429) return new AuthError('rate_limited', 'Too many requests.', details)
  if (status >= 500) return new AuthError('server_error', `The server failed (${status}).`, details)
  if (status === 403) return new AuthError('forbidden', 'The server refused this request.', details)
  return new AuthError(
    'invalid_response',
    `Not an answer of this backend (HTTP ${status}): is baseURL the path it is mounted on?`,
    details,
  )
}

/** RFC 9110 §10.2.3: seconds or a date, here in ms from now. `undefined`: absent or unreadable. */
function readRetryAfter(headers: Headers): number | undefined {
  const value = headers.get('retry-after')
  if (!value) return undefined
  // A date is compared with the server's own `Date`, never with this machine's clock.
  const ms = /^\d+$/.test(value)
    ? Number(value) * 1000
    : Date.parse(value) - Date.parse(headers.get('date') ?? '')
  return ms >= 0 ? ms : undefined
}

function parseJSON(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** What is thrown that is no `AuthError` is a bug, and said to be one. */
export function toAuthError(error: unknown): AuthError {
  return isAuthError(error)
    ? error
    : new AuthError('unexpected', 'This should not have happened: see `cause`.', { cause: error })
}
