import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

import Provider, { type Configuration } from 'oidc-provider'

import { logoutPage, userPage } from './openid/pages.js'

/** The app that signs in, a public client, and how the provider treats it. */
export interface OpenIdOptions {
  readonly clientId: string
  readonly redirectURIs: readonly string[]
  /** Pages to come back to from its sign-out page. */
  readonly afterSignOut?: readonly string[]
  /** s. Default 300. */
  readonly accessTokenTTL?: number
  /** s. Default: an hour. */
  readonly refreshTokenTTL?: number
  /** Every token of this app has to be bound to a key (RFC 9449), and every proof to a nonce. */
  readonly dpop?: boolean
  /** `localhost` is the app's site, `127.0.0.1` is not. Default `127.0.0.1`. */
  readonly host?: string
}

export interface OpenIdProvider {
  /** `http://127.0.0.1:41234` */
  readonly issuer: string
  /** Refusals by path: what a client did that it should not have. `invalid_grant` and the like. */
  readonly refusals: { readonly path: string; readonly error: string }[]
  /** Grants that were revoked because a spent refresh token or code came back. */
  readonly revoked: string[]
  /** Answered requests, oldest first: `'POST /token'`. */
  readonly requests: string[]
  /** Where requests went to, and where they came from as far as they said. */
  readonly urls: string[]
  /** Every token it has handed out: access, refresh and ID tokens. */
  readonly tokens: string[]
  /** Once the request has been dealt with, before it is answered: for answers that get lost. */
  beforeAnswer: ((path: string) => Promise<void> | void) | null
  readonly close: () => Promise<void>
}

const USER = {
  sub: 'ada',
  name: 'Ada Winter',
  preferred_username: 'adawinter',
  email: 'ada@winter.example',
  email_verified: true,
}

/**
 * `oidc-provider`, a certified server, for real: PKCE required, refresh tokens rotated, and all of a
 * grant revoked when a spent one comes back.
 */
export async function startOpenId(options: OpenIdOptions): Promise<OpenIdProvider> {
  const { host = '127.0.0.1' } = options
  // Only then is the issuer known.
  let listener: (request: IncomingMessage, response: ServerResponse) => void = () => {}
  const server = createServer((request, response) => listener(request, response))
  // A connection that is closed when it has been idle takes the request with it that is just on its way.
  server.keepAliveTimeout = 0
  await new Promise<void>((resolve) => void server.listen(0, host, resolve))
  const issuer = `http://${host}:${(server.address() as AddressInfo).port}`

  const provider = createProvider(issuer, options)
  const refusals: OpenIdProvider['refusals'] = []
  const revoked: string[] = []
  const requests: string[] = []
  const urls: string[] = []
  const tokens: string[] = []
  provider.on('grant.error', (_, { error }) => refusals.push({ path: '/token', error }))
  provider.on('userinfo.error', (_, { error }) => refusals.push({ path: '/me', error }))
  provider.on('grant.revoked', (_, grantId) => revoked.push(grantId))
  const self: OpenIdProvider = {
    issuer,
    refusals,
    revoked,
    requests,
    urls,
    tokens,
    beforeAnswer: null,
    close: async () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
  provider.use(async (ctx, next) => {
    requests.push(`${ctx.method} ${ctx.path}`)
    urls.push(ctx.href, ctx.get('referer'))
    await next()
    for (const [name, value] of Object.entries((ctx.body as object | undefined) ?? {})) {
      if (name.endsWith('_token')) tokens.push(String(value))
    }
    await self.beforeAnswer?.(ctx.path)
  })
  const callback = provider.callback()
  listener = (request, response) => {
    const { pathname } = new URL(request.url ?? '/', issuer)
    if (pathname.startsWith('/interaction/')) {
      interact(provider, request, response).catch(() => response.writeHead(400).end())
    } else void callback(request, response)
  }
  return self
}

/** `GET` shows the user's page, `POST` is what they pressed. */
async function interact(
  provider: Provider,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { params, uid } = await provider.interactionDetails(request, response)
  if (request.method === 'GET') {
    const headers = { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' }
    response.writeHead(200, headers).end(userPage(uid, String(params['client_id']), USER.name))
    return
  }
  let body = ''
  for await (const chunk of request) body += String(chunk)
  if (new URLSearchParams(body).get('decision') !== 'allow') {
    const refusal = { error: 'access_denied', error_description: 'The user said no.' }
    return provider.interactionFinished(request, response, refusal)
  }
  const grant = new provider.Grant({ accountId: USER.sub, clientId: String(params['client_id']) })
  grant.addOIDCScope(String(params['scope']))
  const result = { login: { accountId: USER.sub }, consent: { grantId: await grant.save() } }
  return provider.interactionFinished(request, response, result)
}

function createProvider(issuer: string, options: OpenIdOptions): Provider {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const { dpop = false, accessTokenTTL = 300, refreshTokenTTL = 3600 } = options
  const configuration: Configuration = {
    clients: [
      {
        client_id: options.clientId,
        token_endpoint_auth_method: 'none',
        redirect_uris: [...options.redirectURIs],
        post_logout_redirect_uris: [...(options.afterSignOut ?? [])],
        grant_types: ['authorization_code', 'refresh_token'],
        response_types: ['code'],
        dpop_bound_access_tokens: dpop,
      },
    ],
    jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), use: 'sig', alg: 'RS256' }] },
    cookies: { keys: [randomBytes(16).toString('hex')] },
    claims: {
      openid: ['sub'],
      profile: ['name', 'preferred_username'],
      email: ['email', 'email_verified'],
    },
    conformIdTokenClaims: false,
    findAccount: (_, id) => ({ accountId: id, claims: () => ({ ...USER, sub: id }) }),
    interactions: { url: (_, { uid }) => `/interaction/${uid}` },
    clientBasedCORS: () => true,
    pkce: { required: () => true },
    rotateRefreshToken: true,
    issueRefreshToken: () => true,
    ttl: {
      AccessToken: accessTokenTTL,
      RefreshToken: refreshTokenTTL,
      AuthorizationCode: 60,
      IdToken: 300,
      Interaction: 600,
      Grant: 86_400,
      Session: 86_400,
    },
    features: {
      devInteractions: { enabled: false },
      revocation: { enabled: true },
      rpInitiatedLogout: {
        enabled: true,
        logoutSource: (ctx, form) => {
          ctx.body = logoutPage(form)
        },
      },
      dPoP: { enabled: true, nonceSecret: randomBytes(32), requireNonce: () => dpop },
    },
  }
  return new Provider(issuer, configuration)
}
