import { createDribbble, type DribbbleKnobs } from '../../demo/backends/dribbble.js'
import { dribbble } from '../../src/server/index.js'
import { CLIENT_SECRET } from './provider.js'
import { browser, world, type Browser, type World } from './world.js'

const SITE = 'https://site.test'
const API = 'https://api.test'

/** The server in front of the Dribbble stand-in, and a person who presses a button there. */
export function place(knobs: Partial<DribbbleKnobs> = {}): {
  here: World
  user: Browser
  /** Starts there, or at the URL that a page was sent to, and answers where it ends. */
  visit: (decision: 'allow' | 'deny', start?: string) => Promise<Response>
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
    visit: async (decision, start) => {
      const response = start === undefined ? (await user.signIn()).response : await user.send(start)
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
