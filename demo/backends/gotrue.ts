import { randomBytes } from 'node:crypto'

import { allowReading, answerGateway, answerPreflight } from './gotrue/cors.js'
import { answerFault, spoil, takeFault } from './gotrue/faults.js'
import { createKeys, type KeyOptions } from './gotrue/keys.js'
import { createKnobs, type GoTrueKnobs, type Person } from './gotrue/knobs.js'
import type { Message } from './gotrue/messages.js'
import { answerProvider } from './gotrue/provider.js'
import { route } from './gotrue/routes.js'
import type { Flavor, GoTrueState, User } from './gotrue/state.js'
import { serve, type Handler } from './node.js'

export type { Fault } from './gotrue/faults.js'
export type { GoTrueKnobs, Person } from './gotrue/knobs.js'
export type { Message, MessageType } from './gotrue/messages.js'
export type { Flavor } from './gotrue/state.js'

export interface GoTrueOptions {
  /** Which of the two protocols is spoken. */
  readonly flavor: Flavor
  /** Of the current server: rows of twelve characters, or counters that are signed. Default 1. */
  readonly refreshTokenVersion?: 1 | 2
  /** `SITE_URL`: the app. */
  readonly siteURL: string
  /** `API_EXTERNAL_URL`: where the server is reached. Default `http://gotrue.test`. */
  readonly url?: string
  /** Where the provider is reached. Default `http://provider.test`. */
  readonly providerURL?: string
  /** What the server is called at the provider. Default `Latchkey`. */
  readonly clientId?: string
  /** What access tokens are signed with. Default `HS256`; the fork knows nothing else. */
  readonly algorithm?: KeyOptions['algorithm']
  readonly knobs?: Partial<GoTrueKnobs>
  /** ms. Default: `Date.now`. */
  readonly now?: () => number
}

/** One answered request. The rest of the query is left out: it carries tokens. */
export interface GoTrueRequest {
  readonly method: string
  readonly path: string
  /** `grant_type` of `POST /token`. */
  readonly grant: string | null
  /** 0: the answer got lost. */
  readonly status: number
}

export interface GoTrue {
  /** The server. */
  readonly handler: Handler
  /** The provider behind it, an origin of its own, with one page that asks. */
  readonly provider: Handler
  /** Every mail and SMS, oldest first. */
  readonly outbox: Message[]
  /** The last 1000 answers of the server, oldest first, without preflights. */
  readonly requests: GoTrueRequest[]
  /** Change any of them at any time. */
  readonly knobs: GoTrueKnobs
  /** A key for `apikey` and for the admin's endpoints. */
  readonly key: (role: 'anon' | 'service_role') => Promise<string>
  /** An ID token of a provider's, for `grant_type=id_token`. `nonce` is the hash. */
  readonly idToken: (person?: Partial<Person>, nonce?: string) => Promise<string>
  /** Locks somebody out, as an admin does. */
  readonly ban: (email: string) => void
}

/**
 * A stand-in for GoTrue that needs no network, as two Web-standard handlers: the server and the
 * provider behind it. It speaks the protocol of the 2022 fork or of Supabase Auth as it is today,
 * down to the redirects that neither writes quite right.
 *
 * @example
 * const gotrue = createGoTrue({ flavor: 'current', siteURL: 'http://localhost:3000' })
 * gotrue.knobs.faults.push({ on: 'POST /token?grant_type=refresh_token', status: 429 })
 * const response = await gotrue.handler(new Request('http://gotrue.test/settings'))
 */
export function createGoTrue(options: GoTrueOptions): GoTrue {
  const { flavor, algorithm = 'HS256', now = () => Date.now() } = options
  const requests: GoTrueRequest[] = []
  const world: GoTrueState = {
    flavor,
    refreshTokenVersion: options.refreshTokenVersion ?? 1,
    siteURL: options.siteURL,
    url: trim(options.url ?? 'http://gotrue.test'),
    providerURL: trim(options.providerURL ?? 'http://provider.test'),
    clientId: options.clientId ?? 'Latchkey',
    knobs: createKnobs(options.knobs),
    keys: createKeys({
      secret: randomBytes(32).toString('hex'),
      algorithm: flavor === 'fork2022' ? 'HS256' : algorithm,
    }),
    now,
    outbox: [],
    users: new Map(),
    sessions: new Map(),
    refreshTokens: new Map(),
    flows: new Map(),
    providerCodes: new Map(),
  }
  const seconds = (): number => Math.floor(now() / 1000)

  return {
    handler: async (request) => {
      const preflight = answerPreflight(request, world)
      if (preflight) return preflight
      const fault = takeFault(world.knobs.faults, request)
      let response =
        answerGateway(request, world) ??
        (fault && answerFault(fault, request, world)) ??
        (await route(request, world))
      allowReading(response, request, world)
      if (fault) response = await spoil(response, fault, request.signal)
      const { pathname, searchParams } = new URL(request.url)
      const grant = searchParams.get('grant_type')
      requests.push({ method: request.method, path: pathname, grant, status: response.status })
      if (requests.length > 1000) requests.shift()
      return response
    },
    provider: (request) => answerProvider(request, world),
    outbox: world.outbox,
    requests,
    knobs: world.knobs,
    key: (role) =>
      world.keys.signKey({ role, iss: 'supabase', iat: seconds(), exp: 4_102_444_800 }),
    idToken: (person, nonce) => {
      const { sub, email, emailVerified, name } = { ...world.knobs.person, ...person }
      const claims = { sub, email, email_verified: emailVerified, name, exp: seconds() + 300 }
      return world.keys.signIDToken({ ...claims, ...(nonce !== undefined && { nonce }) })
    },
    ban: (email) => {
      const isIt = (user: User): boolean => user.email === email
      for (const user of [...world.users.values()].filter(isIt)) user.banned = true
    },
  }
}

const trim = (url: string): string => url.replace(/\/$/, '')

export interface StartGoTrueOptions extends Omit<GoTrueOptions, 'url' | 'providerURL'> {
  /** Default `0`: any free port. */
  readonly port?: number
  /** Default `0`: any free port. */
  readonly providerPort?: number
}

export interface RunningGoTrue {
  readonly url: string
  readonly providerURL: string
  readonly gotrue: GoTrue
  /** Frees both ports and leaves no socket open. */
  readonly close: () => Promise<void>
}

/**
 * Runs {@link createGoTrue} on two ports of localhost, which are two origins.
 *
 * @example
 * const { url, gotrue, close } = await startGoTrue({ flavor: 'fork2022', siteURL })
 */
export async function startGoTrue(options: StartGoTrueOptions): Promise<RunningGoTrue> {
  // Both ports are known only once they listen, and the server has to name them.
  let gotrue: GoTrue | undefined
  const starting = (): Response => new Response(null, { status: 503 })
  const server = await serve((request) => gotrue?.handler(request) ?? starting(), {
    port: options.port ?? 0,
  })
  try {
    const provider = await serve((request) => gotrue?.provider(request) ?? starting(), {
      port: options.providerPort ?? 0,
    })
    const running = createGoTrue({ ...options, url: server.url, providerURL: provider.url })
    gotrue = running
    const close = async (): Promise<void> =>
      void (await Promise.all([server.close(), provider.close()]))
    return { url: server.url, providerURL: provider.url, gotrue: running, close }
  } catch (error) {
    await server.close()
    throw error
  }
}
