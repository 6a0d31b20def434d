import { afterAll, beforeAll, expect, test } from 'vitest'

import { startDribbble, type RunningDribbble } from '../../demo/backends/dribbble.js'
import { serve, type Served } from '../../demo/backends/node.js'
import { createAuth, dribbble } from '../../src/server/index.js'
import { buildLibrary } from './library.js'
import { onEachEngine } from './lab.js'

// Both halves of it: a page with `latchkey/oidc`, and `latchkey/server` on another origin.

let app: Served
let server: Served
let provider: RunningDribbble
beforeAll(async () => {
  const [library, callback] = await Promise.all([
    buildLibrary('test/browser/openid/library.ts'),
    buildLibrary('src/callback.ts'),
  ])
  const text = (body: string, type: string): Response =>
    new Response(body, { headers: { 'content-type': `text/${type}; charset=utf-8` } })
  app = await serve(({ url }) => {
    const { pathname } = new URL(url)
    if (pathname === '/library.js') return text(library, 'javascript')
    if (pathname === '/callback.js') return text(callback, 'javascript')
    if (pathname !== '/callback.html') return text(page(), 'html')
    return text('<!doctype html><script type="module" src="/callback.js"></script>', 'html')
  })
  const client = { clientId: 'client', clientSecret: 'hush-hush-hush' }
  provider = await startDribbble({
    ...client,
    callbackURL: `${app.url}/`,
    knobs: { pkce: 'require' },
  })
  const { handlers } = createAuth({
    oauth: [dribbble({ ...client, token: { url: `${provider.siteURL}/oauth/token` } })],
    env: { AURA_AUTH_SECRET: 's'.repeat(32), AURA_AUTH_SALT: 't'.repeat(32) },
    trustedOrigins: [app.url],
    bridge: { dribbble: [`${app.url}/callback.html`] },
  })
  server = await serve(handlers.ALL)
})
afterAll(async () => Promise.all([app, server, provider].map(async ({ close }) => close())))

const page = (): string => `<!doctype html><title>App</title>
  <button id="redirect">redirect</button> <button id="popup">popup</button>
  <script type="module">
    import { createAuthClient, dribbble, oidc } from '/library.js'
    const auth = (window.auth = createAuthClient({
      adapter: oidc({
        ...dribbble({ clientId: 'client', bridge: '${server.url}/auth' }),
        metadata: {
          authorization_endpoint: '${provider.siteURL}/oauth/authorize',
          token_endpoint: '${provider.siteURL}/oauth/token',
          userinfo_endpoint: '${provider.apiURL}/v2/user',
        },
        origins: ['${provider.apiURL}'],
      }),
      callbackURL: '/callback.html',
    }))
    auth.session.subscribe(({ status, data }) => (document.title = data ? data.user.name : status))
    const on = (id, options) => (document.getElementById(id).onclick = () =>
      auth.signIn('dribbble', options).catch(({ code }) => (window.code = code)))
    on('redirect', { redirectTo: '/home' })
    on('popup', { popup: { fallback: 'none' } })
    auth.completeSignIn().catch(({ code }) => (window.code = code))
    window.isReady = true
  </script>`

const exchanges = (): number =>
  provider.dribbble.requests.filter(({ path }) => path === '/oauth/token').length

onEachEngine(({ profile }) => {
  test.each(['popup', 'redirect'])(
    'by %s: one exchange, and the page may call the API',
    async (how) => {
      const { page: open, popup } = await profile()
      const tab = await open(`${app.url}/`)
      await tab.waitFor(`document.title === 'unauthenticated' && window.isReady === true`)
      const before = exchanges()
      for (const decision of ['#deny', '#allow']) {
        const window = how === 'popup' ? await popup(async () => tab.click('#popup')) : tab
        if (how === 'redirect') await tab.click('#redirect')
        await window.click(decision)
        if (decision === '#deny') await tab.waitFor(`window.code === 'access_denied'`)
      }
      await tab.waitFor(`document.title === 'Ada Winter'`)
      expect(exchanges()).toBe(before + 1)
      const called = `auth.fetch('${provider.apiURL}/v2/user').then(({ status }) => status)`
      expect(await tab.evaluate(called)).toBe(200)
      // As good as nothing to whoever has only the address.
      expect(await tab.evaluate('location.href')).not.toMatch(/code|state/)
    },
  )
})
