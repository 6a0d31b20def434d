import { randomBytes } from 'node:crypto'

import { createAuth, dribbble, type AuthOptions } from '../../src/server/index.js'
import { startAurinko, type RunningAurinko } from './aurinko.js'
import { startDribbble, type RunningDribbble } from './dribbble.js'
import { startGenerations, type Generations } from './generations.js'
import type { Handler } from './node.js'
import type { OpenIdProvider } from './openid.js'

/** What a speaker can break while people watch. */
export interface Faults {
  /** The provider sends `Cross-Origin-Opener-Policy: same-origin`, which cuts popups off. */
  readonly coop: boolean
  /** The provider refuses at once. */
  readonly deny: boolean
  /** Every request to the auth server answers 503. */
  readonly down: boolean
  /** Aurinko has lost its access to the Microsoft mailbox. */
  readonly dead: boolean
}

export interface BackendOptions {
  /** The app's origin, which the callback URL is made of. */
  readonly origin: string
  /** Variables as in `.env`; none is needed. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined
  /** `Cross-Origin-Opener-Policy` of the stand-in's pages. */
  readonly coop?: string | undefined
  readonly onError?: AuthOptions['onError']
}

export interface Backend {
  /** Everything under `/auth`. */
  readonly handler: Handler
  readonly callbackURL: string
  /** Everything under `/v1`: the stand-in for Aurinko, as a rewrite would have it. */
  readonly rewrite: Handler
  readonly aurinko: RunningAurinko
  readonly gotrue: Generations
  /** `null`: the real dribbble.com. */
  readonly dribbble: RunningDribbble | null
  readonly faults: () => Faults
  /** An OpenID provider, started when it is first chosen. `null`: not chosen. */
  readonly openid: () => OpenIdProvider | null
  readonly choose: (provider: 'dribbble' | 'openid') => Promise<void>
  /** Faults of Dribbble are ignored where it is the real one. */
  readonly setFaults: (faults: Partial<Faults>) => void
  readonly close: () => Promise<void>
}

/** The companion server, in front of the real Dribbble where its variables are set; Aurinko; GoTrue. */
export async function startBackend(options: BackendOptions): Promise<Backend> {
  const { origin, env = {}, coop } = options
  const callbackURL = `${origin}/auth/callback/dribbble`
  const real = readCredentials(env)
  const app = real ?? { clientId: 'latchkey-demo', clientSecret: createSecret() }
  const standIn = real
    ? null
    : await startDribbble({ ...app, callbackURL, name: 'Latchkey demo', knobs: { coop } })

  const provider = standIn && {
    authorize: { url: `${standIn.siteURL}/oauth/authorize` },
    token: { url: `${standIn.siteURL}/oauth/token` },
    userinfo: { url: `${standIn.apiURL}/v2/user` },
  }
  const { handlers } = createAuth({
    oauth: [dribbble({ ...app, ...provider })],
    secret: env['AURA_AUTH_SECRET'] || createSecret(),
    salt: env['AURA_AUTH_SALT'] || createSecret(),
    // Nothing else is read: a deployment's base URL would send people away from this page.
    env: {},
    ...(options.onError && { onError: options.onError }),
  })

  const aurinko = await startAurinko({ appOrigin: origin, clientId: 'latchkey-demo' })
  const gotrue = await startGenerations({ siteURL: origin, coop })
  let down = false
  let running: OpenIdProvider | undefined
  let chosen: 'dribbble' | 'openid' = 'dribbble'
  const knobs = standIn?.dribbble.knobs
  const mail = Object.assign(aurinko.aurinko.knobs, { coop })
  return {
    handler: (request) => (down ? outage(request) : handlers.ALL(request)),
    callbackURL,
    dribbble: standIn,
    openid: () => (chosen === 'openid' && running) || null,
    choose: async (provider) => {
      if (provider === 'openid') {
        const { startOpenId } = await import('./openid.js')
        const redirectURIs = [`${origin}/callback.html`]
        running ??= await startOpenId({ clientId: 'latchkey-demo', redirectURIs })
      }
      chosen = provider
    },
    rewrite: (request) => (down ? outage(request) : aurinko.aurinko.api(request)),
    aurinko,
    gotrue,
    faults: () => ({
      coop: mail.coop !== undefined,
      deny: mail.deny,
      down,
      dead: mail.tokenStatus['Office365'] === 'dead',
    }),
    setFaults: (faults) => {
      down = faults.down ?? down
      if (faults.dead !== undefined) mail.tokenStatus = faults.dead ? { Office365: 'dead' } : {}
      for (const provider of knobs ? [knobs, mail] : [mail]) {
        provider.deny = faults.deny ?? provider.deny
        if (faults.coop !== undefined) provider.coop = faults.coop ? 'same-origin' : undefined
      }
      gotrue.setProvider(faults)
    },
    close: async () => {
      const all = [standIn, aurinko, gotrue, running]
      await Promise.all(all.map(async (it) => it?.close()))
    },
  }
}

function readCredentials(env: NonNullable<BackendOptions['env']>) {
  const clientId = env['AURA_AUTH_DRIBBBLE_CLIENT_ID']
  const clientSecret = env['AURA_AUTH_DRIBBBLE_CLIENT_SECRET']
  return clientId && clientSecret ? { clientId, clientSecret } : null
}

const createSecret = (): string => randomBytes(32).toString('base64url')

/** What a proxy answers for a server that is gone. */
function outage(request: Request): Response {
  const headers = { 'cache-control': 'no-store', 'retry-after': '5' }
  if (!request.headers.get('accept')?.includes('text/html'))
    return Response.json({ error: 'down' }, { status: 503, headers })
  const page = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>The auth server is down</title>
<h1>The auth server is down</h1>
<p>On purpose: the demo's switch “auth server is down” is on.</p>
<p><a href="/">Back to the demo</a></p>
</html>
`
  return new Response(page, {
    status: 503,
    headers: { ...headers, 'content-type': 'text/html; charset=utf-8' },
  })
}
