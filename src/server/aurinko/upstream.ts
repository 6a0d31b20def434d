import { AuthError } from '../../errors.js'
import { parse } from '../../http.js'
import { readText } from '../body.js'
import type { Config } from '../config.js'
import { withDeadline } from '../deadline.js'
import { isLoopback } from '../origins.js'
import type { AurinkoUserSession } from './sessions.js'

/** Of an answer. A user has some hundred per account, a page of accounts not much more. */
const MAX_BYTES = 1_048_576

/** An answer of Aurinko's, read whole. It is no redirect. */
export interface UpstreamAnswer {
  readonly status: number
  /** Seconds or a date, as it came. */
  readonly retryAfter: string | null
  /** `undefined`: not JSON. */
  readonly body: unknown
}

/** What the app's server says to Aurinko. Rejects `temporarily_unavailable` when it is not there. */
export interface Upstream {
  /** Exactly one request: whether codes can be spent twice is not for us to try. */
  readonly exchange: (code: string) => Promise<AurinkoUserSession>
  /** As the user. `path` is behind `/v1/user`. */
  readonly asUser: (
    session: AurinkoUserSession,
    path: string,
    method?: string,
  ) => Promise<UpstreamAnswer>
  /** Proves to Aurinko who the user is, in a URL, for five minutes or so. */
  readonly sign: (userId: string) => Promise<Readonly<Record<string, string>>>
}

export interface Credentials {
  readonly apiURL: string
  readonly clientId: string
  readonly clientSecret: string
}

export function createUpstream(
  config: Config,
  { apiURL, clientId, clientSecret }: Credentials,
): Upstream {
  const base = checkURL(apiURL, config.allowInsecureRequests)
  const call = async (path: string, init: RequestInit): Promise<UpstreamAnswer> => {
    try {
      return await withDeadline(config.timeout, async (signal) => {
        // The secret and the user's session go to the configured address and to no other.
        const how = { ...init, signal, redirect: 'manual' } as const
        const response = await config.fetch(`${base}/v1${path}`, how)
        const { status, headers } = response
        const text = await readText(response, MAX_BYTES)
        if (text === null || status < 200 || (status >= 300 && status < 400)) throw new Error()
        return { status, retryAfter: headers.get('retry-after'), body: parse(text) }
      })
    } catch {
      // No `cause`: it may hold the request, with the secret in it.
      throw new AuthError('temporarily_unavailable', 'Aurinko did not answer.')
    }
  }
  return {
    exchange: async (code) => {
      const authorization = `Basic ${btoa(`${clientId}:${clientSecret}`)}`
      const path = `/auth/token/${encodeURIComponent(code)}`
      const answer = await call(path, { method: 'POST', headers: { authorization } })
      const { status } = answer
      const body = (answer.body ?? {}) as Record<string, string | undefined>
      const { userId, userSession, requestId } = body
      const fail = (error: string, message: string): AuthError =>
        new AuthError(error, message, { status, requestId })
      if (JSON.stringify(body).includes('code.expired'))
        throw fail('code_expired', 'The code came too late, or for the second time.')
      if (status === 401) throw fail('invalid_config', 'Aurinko refused clientId and clientSecret.')
      if (status === 429 || status >= 500)
        throw fail('temporarily_unavailable', `Aurinko answered with the status ${status}.`)
      if (status !== 200)
        throw fail('exchange_failed', `Aurinko refused the code (status ${status}).`)
      if (!userId || !userSession)
        throw fail(
          'invalid_config',
          'There is no userSession: the code is of /v1/auth/authorize, not of authorizeUser.',
        )
      return { userId, userSession }
    },
    asUser: ({ userSession }, path, method = 'GET') =>
      call(`/user${path}`, {
        method,
        headers: { accept: 'application/json', 'x-aurinko-session': userSession },
      }),
    sign: async (userId) => {
      const timestamp = String(Math.floor(config.now() / 1000))
      const encode = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text)
      const algorithm = { name: 'HMAC', hash: 'SHA-256' }
      const key = await crypto.subtle.importKey('raw', encode(clientSecret), algorithm, false, [
        'sign',
      ])
      const bytes = await crypto.subtle.sign('HMAC', key, encode(userId + timestamp))
      const hex = [...new Uint8Array(bytes)].map((byte) => byte.toString(16).padStart(2, '0'))
      return { userId, timestamp, userSignature: hex.join('') }
    },
  }
}

function checkURL(value: string, allowInsecureRequests: boolean): string {
  const url = URL.canParse(value) ? new URL(value) : null
  if (url?.protocol === 'https:') return url.href.replace(/\/$/, '')
  const local = url?.protocol === 'http:' && (allowInsecureRequests || isLoopback(url.hostname))
  if (url && local) return url.href.replace(/\/$/, '')
  throw new AuthError('invalid_config', `apiURL must be https: "${value}".`)
}
