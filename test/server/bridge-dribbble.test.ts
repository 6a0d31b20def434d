import * as oauth from 'oauth4webapi'
import { afterEach, describe, expect, it } from 'vitest'

import { startDribbble, type DribbbleKnobs } from '../../demo/backends/dribbble.js'
import { serve } from '../../demo/backends/node.js'
import { createAuth, dribbble, type AuthOptions } from '../../src/server/index.js'
import { CLIENT_SECRET } from './provider.js'
import { body, SALT, SECRET } from './world.js'

const APP = 'http://localhost:5173'
const REDIRECT = `${APP}/callback.html`
const CLIENT = { client_id: 'client' }

const closers: (() => Promise<void>)[] = []
afterEach(async () => {
  await Promise.all(closers.splice(0).map((close) => close()))
})

/** Dribbble's stand-in and the server, each on ports of its own, and a page of an app. */
async function start(knobs: Partial<DribbbleKnobs> = {}, options: Partial<AuthOptions> = {}) {
  const provider = await startDribbble({
    clientId: CLIENT.client_id,
    clientSecret: CLIENT_SECRET,
    callbackURL: `${APP}/`,
    knobs,
  })
  const { siteURL, apiURL } = provider
  const startServer = async (): Promise<string> => {
    const { handlers } = createAuth({
      oauth: [
        dribbble({
          clientId: CLIENT.client_id,
          clientSecret: CLIENT_SECRET,
          authorize: { url: `${siteURL}/oauth/authorize` },
          token: { url: `${siteURL}/oauth/token` },
          userinfo: { url: `${apiURL}/v2/user` },
        }),
      ],
      env: { AURA_AUTH_SECRET: SECRET, AURA_AUTH_SALT: SALT },
      trustedOrigins: [APP],
      bridge: { dribbble: [REDIRECT] },
      ...options,
    })
    const { url, close } = await serve(handlers.ALL)
    closers.push(close)
    return url
  }
  closers.push(provider.close)

  // What a page of the app does, by the library that browsers would use.
  const serverFor = (url: string): oauth.AuthorizationServer => ({
    issuer: siteURL,
    token_endpoint: `${url}/auth/bridge/dribbble/token`,
    userinfo_endpoint: `${apiURL}/v2/user`,
  })
  const as = serverFor(await startServer())
  const verifier = oauth.generateRandomCodeVerifier()
  const fromPage = {
    [oauth.allowInsecureRequests]: true,
    [oauth.customFetch]: (url: string, init: { headers: Record<string, string> }) =>
      fetch(url, { ...(init as RequestInit), headers: { ...init.headers, origin: APP } }),
  }
  let cookie = ''

  /** The landing, once the person there has agreed, or had before. */
  const authorize = async (scope = 'public'): Promise<URL> => {
    const query = new URLSearchParams({
      ...CLIENT,
      redirect_uri: REDIRECT,
      response_type: 'code',
      scope,
      state: 'state',
      code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
    })
    const url = `${siteURL}/oauth/authorize?${query}`
    let page = await fetch(url, { redirect: 'manual', headers: { cookie } })
    if (page.status === 200) {
      cookie = page.headers.get('set-cookie')?.split(';')[0] ?? cookie
      const token = /name="form_token" value="([^"]+)"/.exec(await page.text())?.[1] ?? ''
      page = await fetch(`${siteURL}/oauth/authorize`, {
        method: 'POST',
        redirect: 'manual',
        headers: { cookie },
        body: new URLSearchParams({ form_token: token, decision: 'allow' }),
      })
    }
    return new URL(page.headers.get('location') ?? '')
  }
  const exchange = (landing: URL, server = as): Promise<Response> =>
    oauth.authorizationCodeGrantRequest(
      server,
      CLIENT,
      oauth.None(),
      oauth.validateAuthResponse(server, CLIENT, landing, 'state'),
      REDIRECT,
      verifier,
      fromPage,
    )
  return {
    authorize,
    exchange,
    /** The same by another process of the server. */
    exchangeElsewhere: async (landing: URL) => exchange(landing, serverFor(await startServer())),
    read: (response: Response) => oauth.processAuthorizationCodeResponse(as, CLIENT, response),
    userinfo: (token: string) => oauth.userInfoRequest(as, CLIENT, token, fromPage),
    statuses: () =>
      provider.dribbble.requests
        .filter(({ path }) => path === '/oauth/token')
        .map(({ status }) => status),
  }
}

describe('a page signs in at Dribbble over the bridge', () => {
  it.each<Partial<DribbbleKnobs>>([
    {},
    { pkce: 'require' },
    { pkce: 'ignore', tokenType: 'Bearer', createdAt: false },
    { expiresIn: 31_557_600, createdAt: 1_700_000_000 },
  ])('and reads who it is by itself: %j', async (knobs) => {
    const page = await start(knobs)
    const response = await page.exchange(await page.authorize())
    expect(response.headers.get('access-control-allow-origin')).toBe(APP)
    const tokens = await page.read(response)
    expect(tokens.scope).toBe('public')
    expect(tokens.expires_in).toBe(knobs.expiresIn)
    // No bridge is needed for this: the API answers scripts.
    const userinfo = await page.userinfo(tokens.access_token)
    expect(userinfo.headers.get('access-control-allow-origin')).toBe(APP)
    expect(await userinfo.json()).toHaveProperty('login', 'adawinter')
    expect(page.statuses()).toEqual([200])
  })

  it('with the scope that was granted, not the one asked for', async () => {
    const page = await start({ silent: true })
    await page.authorize('public')
    const tokens = await page.read(await page.exchange(await page.authorize('public upload')))
    expect(tokens.scope).toBe('public')
  })

  it('once: then the code is worth nothing, here or at another process', async () => {
    const page = await start()
    const landing = await page.authorize()
    expect((await page.exchange(landing)).status).toBe(200)
    const again = [await page.exchange(landing), await page.exchangeElsewhere(landing)]
    for (const response of again) {
      expect(response.status).toBe(400)
      expect(await body(response)).toMatchObject({ error: 'invalid_grant' })
    }
    // Only the second process had to ask: what it cannot know, the provider does.
    expect(page.statuses()).toEqual([200, 400])
  })

  it.each<[Partial<DribbbleKnobs>, number, string]>([
    [{ tokenError: { error: 'invalid_grant', description: 'Over.' } }, 400, 'invalid_grant'],
    [{ tokenError: { error: 'invalid_grant' }, legacyStatus401: true }, 401, 'invalid_grant'],
    [{ tokenError: { error: 'invalid_client', status: 401 } }, 401, 'invalid_client'],
    [{ tokenError: { error: 'invalid_client', status: 400 } }, 400, 'invalid_client'],
  ])('or learns why not: %j', async (knobs, status, error) => {
    const page = await start(knobs)
    const response = await page.exchange(await page.authorize())
    await expect(page.read(response)).rejects.toMatchObject({ status, error })
  })

  it.each<Partial<DribbbleKnobs>>([{ htmlError: 'token' }, { delay: 60_000 }])(
    'or that Dribbble is down: %j',
    async (knobs) => {
      const page = await start(knobs, { timeout: 200 })
      const response = await page.exchange(await page.authorize())
      expect(response.status).toBe(502)
      expect(await body(response)).toMatchObject({ error: 'upstream_error' })
    },
  )
})
