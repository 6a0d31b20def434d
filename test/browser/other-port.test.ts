import { afterAll, beforeAll, expect, test } from 'vitest'

import { startDribbble, type RunningDribbble } from '../../demo/backends/dribbble.js'
import { serve as serveHandler, type Served } from '../../demo/backends/node.js'
import { createAuth, dribbble, type Auth } from '../../src/server/index.js'
import { onEachEngine } from './lab.js'
import { buildLibrary } from './library.js'
import { serve, type Site } from './site.js'
import type { Page } from './types.js'

// The app on one port, as Vite serves it, and the backend on another: one site, two origins.

let site: Site
let backend: Served
let provider: RunningDribbble

beforeAll(async () => {
  const library = await buildLibrary()
  const script = (): string => `
    import { createAuthClient } from '/library.js'
    const auth = createAuthClient({ baseURL: '${backend.url}/auth' })
    auth.session.subscribe(({ status, data }) => {
      document.title = data ? data.user.name : status
    })
    const on = (id, run) => (document.getElementById(id).onclick = run)
    on('redirect', () => auth.signIn('dribbble', { redirectTo: '/app?kept=1' }))
    on('popup', () => auth.signIn('dribbble', { popup: true }))
    on('out', () => auth.signOut())
    auth.completeSignIn().catch(({ code }) => (window.code = code))`
  site = await serve(({ pathname }) => {
    if (pathname === '/library.js') {
      return { html: library, headers: { 'content-type': 'text/javascript' } }
    }
    const buttons = ['redirect', 'popup', 'out'].map((id) => `<button id="${id}">${id}</button>`)
    return pathname === '/app'
      ? { html: `<!doctype html>${buttons.join(' ')}<script type="module">${script()}</script>` }
      : undefined
  })
  let auth: Auth | undefined
  backend = await serveHandler(async (request) => auth!.handlers.ALL(request))
  const credentials = { clientId: 'client', clientSecret: 'secret' }
  const callbackURL = `${backend.url}/auth/callback/dribbble`
  provider = await startDribbble({ ...credentials, callbackURL })
  auth = createAuth({
    oauth: [
      dribbble({
        ...credentials,
        authorize: { url: `${provider.siteURL}/oauth/authorize` },
        token: { url: `${provider.siteURL}/oauth/token` },
        userinfo: { url: `${provider.apiURL}/v2/user` },
      }),
    ],
    trustedOrigins: [site.app],
    env: {
      AURA_AUTH_SECRET: 'x'.repeat(16) + 'abcdefghijklmnop',
      AURA_AUTH_SALT: 'y'.repeat(16) + 'abcdefghijklmnop',
    },
  })
})
afterAll(async () => {
  await site.close()
  await backend.close()
  await provider.close()
})

const titled = async (app: Page, title: string): Promise<unknown> =>
  app.waitFor(`document.title === ${JSON.stringify(title)}`)

onEachEngine(({ profile }) => {
  test('signs in by redirect, is refused, signs out, and signs in by popup', async () => {
    const { page, popup } = await profile()
    const app = await page(`${site.app}/app`)
    await titled(app, 'unauthenticated')
    await app.click('#redirect')
    await app.click('#deny')
    await app.waitFor(`window.code === 'access_denied'`)
    expect(await app.url()).toBe(`${site.app}/app?kept=1`)

    await app.click('#redirect')
    await app.click('#allow')
    await titled(app, 'Ada Winter')
    expect(await app.url()).toBe(`${site.app}/app?kept=1`)
    await app.click('#out')
    await titled(app, 'unauthenticated')

    const window = await popup(async () => app.click('#popup'))
    await window.click('#allow')
    await titled(app, 'Ada Winter')
    await window.waitForClose()
  })
})
