import { describe, expect, it } from 'vitest'

import { createDribbble, type DribbbleKnobs } from '../../demo/backends/dribbble.js'
import { dribbble } from '../../src/server/index.js'
import { CLIENT_SECRET } from './provider.js'
import { browser, landing, world, type Browser, type World } from './world.js'

const SITE = 'https://site.test'
const API = 'https://api.test'

/** The server in front of the Dribbble stand-in, and a person who presses a button there. */
function place(knobs: Partial<DribbbleKnobs> = {}): {
  here: World
  user: Browser
  visit: (decision: 'allow' | 'deny') => Promise<Response>
  tokenRequests: () => number
} {
  const standIn = createDribbble({
    clientId: 'client',
    clientSecret: CLIENT_SECRET,
    callbackURL: 'http://localhost:3000/auth/callback/dribbble',
    siteURL: SITE,
    knobs,
  })
  const here = world({
    oauth: [
      dribbble({
        clientId: 'client',
        clientSecret: CLIENT_SECRET,
        authorize: { url: `${SITE}/oauth/authorize` },
        token: { url: `${SITE}/oauth/token` },
        userinfo: { url: `${API}/v2/user` },
      }),
    ],
    fetch: (input, init) => {
      const request = new Request(input, init)
      return new URL(request.url).origin === SITE ? standIn.site(request) : standIn.api(request)
    },
  })
  const user = browser(here)
  return {
    here,
    user,
    visit: async (decision) => {
      const { response } = await user.signIn()
      let page = await standIn.site(new Request(response.headers.get('location') ?? ''))
      if (page.status === 200) {
        const form = /name="form_token" value="([^"]+)"/.exec(await page.clone().text())
        const cookie = page.headers
          .getSetCookie()
          .map((line) => line.split(';')[0])
          .join('; ')
        const body = new URLSearchParams({ form_token: form?.[1] ?? '', decision })
        page = await standIn.site(
          new Request(`${SITE}/oauth/authorize`, { method: 'POST', body, headers: { cookie } }),
        )
      }
      const back = new URL(page.headers.get('location') ?? '')
      return user.send(back.pathname + back.search)
    },
    tokenRequests: () => standIn.requests.filter(({ path }) => path === '/oauth/token').length,
  }
}

describe('with Dribbble as documented', () => {
  it.each<Partial<DribbbleKnobs>>([
    {},
    { pkce: 'require' },
    { pkce: 'ignore', tokenType: 'Bearer', createdAt: false },
    { expiresIn: 31_557_600 },
  ])('signs in: %j', async (knobs) => {
    const { user, visit, tokenRequests } = place(knobs)
    expect((await visit('allow')).headers.get('location')).toBe('/dashboard')
    expect((await user.send('/auth/session')).status).toBe(200)
    expect(tokenRequests()).toBe(1)
  })

  it.each<[string, Partial<DribbbleKnobs>, number]>([
    ['access_denied', { deny: true }, 0],
    ['application_suspended', { suspended: true }, 0],
    ['exchange_failed', { tokenError: { error: 'invalid_grant' } }, 1],
    ['exchange_failed', { tokenError: { error: 'invalid_client' }, legacyStatus401: true }, 1],
    ['temporarily_unavailable', { htmlError: 'token' }, 1],
    ['temporarily_unavailable', { htmlError: 'user' }, 1],
    ['temporarily_unavailable', { rateLimited: true }, 1],
  ])('comes back with %s: %j', async (error, knobs, requests) => {
    const { user, visit, tokenRequests } = place(knobs)
    expect(landing(await visit('allow')).error).toBe(error)
    expect(tokenRequests()).toBe(requests)
    expect(user.cookies.size).toBe(0)
  })

  it('comes back from the Deny button', async () => {
    const { visit } = place()
    expect(landing(await visit('deny'))).toMatchObject({
      error: 'access_denied',
      description: 'The resource owner or authorization server denied the request.',
    })
  })
})
