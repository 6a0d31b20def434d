import { answerAPI, answerBroken } from './dribbble/api.js'
import { findAsset } from './dribbble/assets.js'
import { closeAuthorization, openAuthorization } from './dribbble/authorize.js'
import type { DribbbleKnobs } from './dribbble/knobs.js'
import { createKnobs } from './dribbble/knobs.js'
import { messagePage } from './dribbble/page.js'
import type { DribbbleApp } from './dribbble/redirect-rule.js'
import type { DribbbleState } from './dribbble/state.js'
import { exchangeCode } from './dribbble/token.js'
import { USER_LOGIN, USER_NAME } from './dribbble/user.js'
import { serve } from './node.js'
import { pause } from './pause.js'

export type { DribbbleKnobs } from './dribbble/knobs.js'
export type { DribbbleApp } from './dribbble/redirect-rule.js'

/** The app that signs in, and how the stand-in behaves at first. */
export interface DribbbleOptions extends DribbbleApp {
  /** More registered apps, to check that a code of one is worthless to another. */
  readonly otherApps?: readonly DribbbleApp[]
  readonly knobs?: Partial<DribbbleKnobs>
  /** Default: `Date.now`. */
  readonly now?: () => number
  /** Origin the site is reached at, for links in the user's JSON. Default `http://localhost`. */
  readonly siteURL?: string
}

/** One answered request. The query is left out: it carries codes and tokens. */
export interface DribbbleRequest {
  readonly origin: 'site' | 'api'
  readonly method: string
  readonly path: string
  readonly status: number
}

export interface Dribbble {
  /** dribbble.com: consent page and token endpoint, without a single CORS header. */
  readonly site: (request: Request) => Promise<Response>
  /** api.dribbble.com: `/v2/user`, readable across origins. */
  readonly api: (request: Request) => Promise<Response>
  /** The last 1000 answers, oldest first. Set `length = 0` to start counting afresh. */
  readonly requests: DribbbleRequest[]
  /** Change any of them at any time. */
  readonly knobs: DribbbleKnobs
}

/**
 * A stand-in for Dribbble that needs no network: the OAuth pages and the API, as two Web-standard
 * handlers for two origins, so that what CORS forbids at Dribbble is forbidden here too.
 *
 * @example
 * const dribbble = createDribbble({
 *   clientId: 'demo',
 *   clientSecret: 'secret',
 *   callbackURL: 'http://localhost:3000/auth/callback/dribbble',
 * })
 * dribbble.knobs.deny = true
 * const page = new Request('http://localhost/oauth/authorize?client_id=demo')
 * const response = await dribbble.site(page)
 */
export function createDribbble(options: DribbbleOptions): Dribbble {
  const requests: DribbbleRequest[] = []
  const world: DribbbleState = {
    apps: [options, ...(options.otherApps ?? [])],
    knobs: createKnobs(options.knobs),
    now: options.now ?? (() => Date.now()),
    siteURL: (options.siteURL ?? 'http://localhost').replace(/\/$/, ''),
    forms: new Map(),
    codes: new Map(),
    tokens: new Map(),
    grants: new Map(),
    windows: new Map(),
  }

  const logged =
    (origin: DribbbleRequest['origin'], answer: typeof answerSite) => async (request: Request) => {
      const response = await answer(request, world)
      const path = new URL(request.url).pathname
      requests.push({ origin, method: request.method, path, status: response.status })
      if (requests.length > 1000) requests.shift()
      return response
    }

  return {
    site: logged('site', answerSite),
    api: logged('api', async (request) => {
      // A preflight is the browser's own; only what the client asked for takes its time.
      if (request.method !== 'OPTIONS') await pause(world.knobs.delay, request.signal)
      return answerAPI(request, world)
    }),
    requests,
    knobs: world.knobs,
  }
}

export interface StartDribbbleOptions extends Omit<DribbbleOptions, 'siteURL'> {
  /** Default `0`: any free port. */
  readonly sitePort?: number
  /** Default `0`: any free port. */
  readonly apiPort?: number
}

export interface RunningDribbble {
  readonly siteURL: string
  readonly apiURL: string
  /** Frees both ports and leaves no socket open. */
  readonly close: () => Promise<void>
  readonly dribbble: Dribbble
}

/**
 * Runs {@link createDribbble} on two ports of localhost, which are two origins.
 *
 * @example
 * const { siteURL, apiURL, close } = await startDribbble({ clientId, clientSecret, callbackURL })
 */
export async function startDribbble(options: StartDribbbleOptions): Promise<RunningDribbble> {
  // The site's port is known only once it listens, and the user's JSON has to name it.
  let dribbble: Dribbble | undefined
  const starting = () => new Response(null, { status: 503 })
  const port = options.sitePort ?? 0
  const site = await serve((request) => dribbble?.site(request) ?? starting(), { port })
  const running = createDribbble({ ...options, siteURL: site.url })
  dribbble = running
  try {
    const api = await serve(running.api, { port: options.apiPort ?? 0 })
    const close = async () => void (await Promise.all([site.close(), api.close()]))
    return { siteURL: site.url, apiURL: api.url, close, dribbble: running }
  } catch (error) {
    await site.close()
    throw error
  }
}

async function answerSite(request: Request, world: DribbbleState): Promise<Response> {
  const { knobs } = world
  const { pathname } = new URL(request.url)
  switch (`${request.method} ${pathname}`) {
    case 'GET /oauth/authorize':
      return withOpenerPolicy(openAuthorization(request, world), knobs)
    case 'POST /oauth/authorize':
      return withOpenerPolicy(await closeAuthorization(request, world), knobs)
    case 'POST /oauth/token':
      await pause(knobs.delay, request.signal)
      if (knobs.htmlError === true || knobs.htmlError === 'token') return answerBroken()
      return exchangeCode(request, world)
    case `GET /${USER_LOGIN}`:
      return messagePage(200, USER_NAME, 'A fictional designer, always signed in here.')
    default: {
      const asset = request.method === 'GET' ? findAsset(pathname) : null
      return asset ?? messagePage(404, 'Nothing here', 'The stand-in has no such page.')
    }
  }
}

/** On redirects too: a browser that meets the policy there cuts the opener just the same. */
function withOpenerPolicy(response: Response, { coop }: DribbbleKnobs) {
  if (coop !== undefined) response.headers.set('cross-origin-opener-policy', coop)
  return response
}
