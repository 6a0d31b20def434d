import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'

import { createAurinko, type Aurinko } from '../../demo/backends/aurinko.js'
import { createKnobs } from '../../demo/backends/aurinko/knobs.js'
import { serve, type Served } from '../../demo/backends/node.js'
import { onEachEngine } from './lab.js'
import { buildLibrary } from './library.js'
import type { Page, Profile } from './types.js'

// The app on localhost, whose /v1/* is forwarded to Aurinko; the providers on another site.

let app: Served
let api: Served
let provider: Served
let service: Aurinko

beforeAll(async () => {
  const library = await buildLibrary('test/browser/aurinko-library.ts')
  const callback = await buildLibrary('src/callback.ts')
  const script = `
    import { aurinko, createAuthClient } from '/library.js'
    const auth = createAuthClient({
      adapter: aurinko({ clientId: 'client' }),
      ...(location.pathname !== '/plain' && { callbackURL: '/callback.html' }),
    })
    let told = 0
    auth.session.subscribe((state) => {
      window.state = { status: state.status, told: (told += 1),
        user: state.data?.user.email, accounts: state.data?.accounts.map((one) => one.service) }
      window.user ??= state.data?.user
      window.isSameUser = window.user === state.data?.user
    })
    const note = ({ code }) => (window.code = code)
    const on = (id, run) => (document.getElementById(id).onclick = () => run().catch(note))
    const scopes = ['Mail.Read']
    on('redirect', () => auth.signIn('Google', { redirectTo: '/app?kept=1' }))
    on('popup', () => auth.signIn('Google', { popup: true }))
    on('link', () => auth.linkAccount('Office365', { popup: true }))
    on('imap', () => auth.linkAccount('IMAP', { popup: true, scopes }))
    on('away', () => auth.linkAccount('Office365', { redirectTo: '/app?linked=1' }))
    on('out', () => auth.signOut())
    auth.completeSignIn().catch(note)`
  const buttons = ['redirect', 'popup', 'link', 'imap', 'away', 'out'].map(
    (id) => `<button id="${id}">${id}</button>`,
  )
  const page = [
    'text/html',
    `<!doctype html>${buttons.join(' ')}<script type="module">${script}</script>`,
  ] as const
  const pages: Readonly<Record<string, readonly [type: string, body: string]>> = {
    '/library.js': ['text/javascript', library],
    '/callback.js': ['text/javascript', callback],
    '/app': page,
    // Without a page of its own for landings.
    '/plain': page,
    '/callback.html': [
      'text/html',
      '<!doctype html><body><script type="module" src="/callback.js"></script>',
    ],
  }
  app = await serve((request) => {
    const { pathname } = new URL(request.url)
    if (pathname.startsWith('/v1/')) return service.api(request)
    const [type, body] = pages[pathname] ?? []
    if (body === undefined) return new Response('Not found', { status: 404 })
    return new Response(body, { headers: { 'content-type': `${type}; charset=utf-8` } })
  })
  api = await serve((request) => service.api(request), { host: '127.0.0.1' })
  provider = await serve((request) => service.provider(request), { host: '127.0.0.1' })
})
beforeEach(() => {
  service = createAurinko({
    appOrigin: app.url,
    returnUrls: ['/callback.html', '/plain'].map((path) => app.url + path),
    apiURL: () => api.url,
    providerURL: () => provider.url,
    knobs: createKnobs(),
  })
})
afterAll(async () => {
  await Promise.all([app.close(), api.close(), provider.close()])
})

const open = async ({ page }: Profile, path = '/app'): Promise<Page> => {
  const tab = await page(app.url + path)
  await tab.waitFor(`window.state && window.state.status !== 'pending'`)
  return tab
}
const is = async (tab: Page, status: string): Promise<unknown> =>
  tab.waitFor(`window.state?.status === '${status}'`)
const has = async (tab: Page, accounts: readonly string[]): Promise<unknown> =>
  tab.waitFor(`window.state?.accounts?.join() === '${accounts.join()}'`)
const signedIn = async (user: Profile): Promise<Page> => {
  const tab = await open(user)
  const window = await user.popup(async () => tab.click('#popup'))
  await window.click('#allow')
  await is(tab, 'authenticated')
  await window.waitForClose()
  return tab
}
const count = (what: string): number =>
  service.requests.filter(({ method, path }) => `${method} ${path}` === what).length

onEachEngine(({ profile }) => {
  test('by redirect: refused, then signed in, then signed out', async () => {
    service.knobs.stateOnFailure = false
    const tab = await open(await profile())
    await tab.click('#redirect')
    await tab.click('#deny')
    await tab.waitFor(`window.code === 'access_denied'`)
    expect(await tab.url()).toBe(`${app.url}/app?kept=1`)
    await tab.click('#redirect')
    await tab.click('#allow')
    await is(tab, 'authenticated')
    expect(await tab.url()).toBe(`${app.url}/app?kept=1`)
    expect(await tab.evaluate('document.cookie + Object.keys(sessionStorage)')).toBe('')
    await tab.click('#out')
    await is(tab, 'unauthenticated')
    await tab.reload()
    await is(tab, 'unauthenticated')
    expect(count('POST /v1/user/logout')).toBe(1)
  })

  test.each([
    ['without COOP', undefined, '/app'],
    ['with COOP: same-origin at the provider', 'same-origin', '/app'],
    ['back to the page that opened it, without COOP', undefined, '/plain'],
    ['back to the page that opened it, with COOP', 'same-origin', '/plain'],
  ])('by popup, %s: refused, then signed in', async (_, coop, path) => {
    service.knobs.coop = coop
    const user = await profile()
    const tab = await open(user, path)
    await tab.evaluate(`window.unsaved = 'still here'`)
    const first = await user.popup(async () => tab.click('#popup'))
    await first.click('#deny')
    await tab.waitFor(`window.code === 'access_denied'`)
    await first.waitForClose()
    const second = await user.popup(async () => tab.click('#popup'))
    await second.click('#allow')
    await is(tab, 'authenticated')
    await second.waitForClose()
    expect(await tab.evaluate('window.unsaved')).toBe('still here')
  })

  test('links a second and a third account in popups, while signed in', async () => {
    const user = await profile()
    const tab = await signedIn(user)
    const told = await tab.evaluate<number>('window.state.told')
    const window = await user.popup(async () => tab.click('#link'))
    await window.click('#allow')
    await has(tab, ['Office365', 'Google'])
    await window.waitForClose()
    expect(await tab.evaluate('[window.state.told, window.isSameUser]')).toEqual([told + 1, true])

    const form = await user.popup(async () => tab.click('#imap'))
    await form.waitFor(`!!document.querySelector('#email')`)
    await form.evaluate(`document.querySelector('#email').value = 'ada@imap.example'`)
    await form.click('#allow')
    await has(tab, ['IMAP', 'Office365', 'Google'])
    await form.waitForClose()
    expect(await tab.evaluate('window.state.user')).toBe('ada.winter@gmail.example')
  })

  test.each(['Strict', undefined] as const)(
    'with a cookie that is SameSite=%s',
    async (sameSite) => {
      service.knobs.cookieSameSite = sameSite
      const tab = await signedIn(await profile())
      await tab.reload()
      await is(tab, 'authenticated')
      await tab.click('#away')
      await tab.click('#allow')
      await has(tab, ['Office365', 'Google'])
    },
  )

  test('links a second account by redirect', async () => {
    const tab = await signedIn(await profile())
    await tab.click('#away')
    await tab.click('#allow')
    await has(tab, ['Office365', 'Google'])
    expect(await tab.url()).toBe(`${app.url}/app?linked=1`)
  })

  test('linking without a session opens nothing', async () => {
    const user = await profile()
    const tab = await open(user)
    await tab.click('#link')
    await tab.waitFor(`window.code === 'no_session'`)
    expect(await user.pages()).toHaveLength(1)
    expect(count('GET /v1/auth/authorizeUser')).toBe(0)
  })

  test('a cookie on Aurinko’s own host is told apart from a sign-in', async () => {
    service.knobs.cookieHost = 'api'
    const user = await profile()
    const tab = await open(user)
    const window = await user.popup(async () => tab.click('#popup'))
    await window.click('#allow')
    await tab.waitFor(`window.code === 'cookie_blocked'`)
    await is(tab, 'unauthenticated')
  })

  test('a crafted landing signs nobody in, and only asks', async () => {
    const { page } = await profile()
    const query = `?status=success&state=${'a'.repeat(22)}`
    const tab = await page(`${app.url}/app${query}`)
    await is(tab, 'unauthenticated')
    expect(service.requests.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'GET /v1/user',
    ])
    await tab.goto(`${app.url}/callback.html${query}`)
    await tab.waitFor(`document.body.innerText.includes('no sign-in to finish')`, {
      timeout: 20_000,
    })
    expect(await tab.url()).toBe(`${app.url}/callback.html`)
    expect(service.requests).toHaveLength(1)
  })

  test('an error that Aurinko shows on this origin is read, and the popup goes', async () => {
    const user = await profile()
    const tab = await open(user)
    ;(service.app.returnUrls as string[]).length = 0
    service.knobs.errorShape = 'nested'
    const window = await user.popup(async () => tab.click('#popup'))
    await tab.waitFor(`window.code === 'returnurl.invalid'`)
    await window.waitForClose()
  })
})
