import { randomBytes } from 'node:crypto'

import { authorizeUser } from './aurinko/authorize.js'
import { callback, submitForm } from './aurinko/callback.js'
import { refuse } from './aurinko/errors.js'
import { createKnobs, type AurinkoKnobs } from './aurinko/knobs.js'
import { answerProvider } from './aurinko/provider.js'
import type { AurinkoApp, AurinkoState } from './aurinko/state.js'
import { exchangeCode } from './aurinko/token.js'
import { answerUser } from './aurinko/user.js'
import { serve } from './node.js'

export type { AurinkoKnobs } from './aurinko/knobs.js'
export type { AurinkoApp } from './aurinko/state.js'

export interface AurinkoOptions extends Partial<AurinkoApp> {
  /** The origin whose `/v1/*` is forwarded here: the provider comes back to it. */
  readonly appOrigin: string
  readonly knobs?: Partial<AurinkoKnobs>
  /** Default: `Date.now`. */
  readonly now?: () => number
  /** Origin that the API is reached at. Default `http://api.aurinko.test`. */
  readonly apiURL?: () => string
  /** Origin of the providers' pages. Default `http://provider.test`. */
  readonly providerURL?: () => string
}

/** One answered request. The query is left out: it carries codes. */
export interface AurinkoRequest {
  readonly method: string
  readonly path: string
  readonly status: number
}

export interface Aurinko {
  /** api.aurinko.io: everything under `/v1`. */
  readonly api: (request: Request) => Promise<Response>
  /** The sign-in pages of Google, Microsoft and all the others, on an origin of their own. */
  readonly provider: (request: Request) => Promise<Response>
  readonly app: AurinkoApp
  /** The API's last 1000 answers, oldest first. Set `length = 0` to start counting afresh. */
  readonly requests: AurinkoRequest[]
  /** Change any of them at any time. */
  readonly knobs: AurinkoKnobs
}

/**
 * A stand-in for Aurinko that needs no network: user sessions, linked accounts and the pages on the
 * way, as two Web-standard handlers for two origins.
 *
 * @example
 * const aurinko = createAurinko({ appOrigin: 'http://localhost:3000' })
 * aurinko.knobs.failureShape = 'error'
 */
export function createAurinko(options: AurinkoOptions): Aurinko {
  const { appOrigin } = options
  const app: AurinkoApp = {
    clientId: 'client',
    clientSecret: 'secret',
    appId: 1504,
    returnUrls: [`${appOrigin}/callback.html`],
    ...options,
  }
  const requests: AurinkoRequest[] = []
  const world: AurinkoState = {
    app,
    knobs: createKnobs(options.knobs),
    now: options.now ?? (() => Date.now()),
    apiURL: options.apiURL ?? (() => 'http://api.aurinko.test'),
    providerURL: options.providerURL ?? (() => 'http://provider.test'),
    key: randomBytes(32),
    users: new Map(),
    sessions: new Map(),
    codes: new Map(),
    lastAccountId: 100,
  }
  return {
    app,
    requests,
    knobs: world.knobs,
    provider: async (request) => answerProvider(request, world),
    api: async (request) => {
      const response = allowOrigin(request, await answerAPI(request, world), world)
      const path = new URL(request.url).pathname.replace(/(\/auth\/token\/).+/, '$1:code')
      requests.push({ method: request.method, path, status: response.status })
      if (requests.length > 1000) requests.shift()
      return response
    },
  }
}

export interface RunningAurinko {
  readonly apiURL: string
  readonly providerURL: string
  readonly aurinko: Aurinko
  /** Frees both ports and leaves no socket open. */
  readonly close: () => Promise<void>
}

/** Runs {@link createAurinko} on two free ports of 127.0.0.1. */
export async function startAurinko(options: AurinkoOptions): Promise<RunningAurinko> {
  let apiURL = ''
  let providerURL = ''
  const aurinko = createAurinko({
    ...options,
    apiURL: () => apiURL,
    providerURL: () => providerURL,
  })
  // Another site than the app's `localhost`: its cookies are its own.
  const host = '127.0.0.1'
  const api = await serve(aurinko.api, { host })
  apiURL = api.url
  try {
    const provider = await serve(aurinko.provider, { host })
    providerURL = provider.url
    const close = async () => void (await Promise.all([api.close(), provider.close()]))
    return { apiURL, providerURL, aurinko, close }
  } catch (error) {
    await api.close()
    throw error
  }
}

async function answerAPI(request: Request, world: AurinkoState): Promise<Response> {
  const { knobs } = world
  const { pathname } = new URL(request.url)
  if (request.method === 'OPTIONS') return new Response(null, { status: 204 })
  if (knobs.down) return refuse(knobs.down, 'unavailable', 'Try again later.', knobs)
  switch (`${request.method} ${pathname}`) {
    case 'GET /v1/auth/authorizeUser':
      return authorizeUser(request, world)
    case 'GET /v1/auth/callback':
      return callback(request, world)
    case 'POST /v1/auth/form':
      return submitForm(request, world)
    default:
  }
  if (knobs.rateLimited) {
    const response = refuse(429, 'rate.limited', 'Too many requests.', knobs)
    const { retryAfter } = knobs.rateLimited
    if (retryAfter !== undefined) response.headers.set('retry-after', String(retryAfter))
    return response
  }
  const code = /^\/v1\/auth\/token\/([^/]+)$/.exec(pathname)?.[1]
  if (code && /^(GET|POST)$/.test(request.method)) {
    return exchangeCode(request, decodeURIComponent(code), world)
  }
  const path = /^\/v1\/user((?:\/.*)?)$/.exec(pathname)?.[1]
  if (path !== undefined) return answerUser(request, path, world)
  return refuse(404, 'not_found', 'No such endpoint.', knobs)
}

function allowOrigin(request: Request, response: Response, { knobs }: AurinkoState): Response {
  const origin = request.headers.get('origin')
  if (knobs.cors === 'off' || !origin || !knobs.cors.includes(origin)) return response
  const spelling = knobs.strictClientIdHeader
  const named = spelling === 'either' ? 'X-Aurinko-Client-Id, X-Aurinko-ClientId' : spelling
  response.headers.set('access-control-allow-origin', origin)
  response.headers.set('access-control-allow-credentials', 'true')
  response.headers.set('access-control-allow-methods', 'GET, POST, DELETE')
  response.headers.set('access-control-allow-headers', `${named}, X-Aurinko-Mailbox-Info`)
  response.headers.set('vary', 'Origin')
  return response
}
