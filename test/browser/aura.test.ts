import { afterAll, beforeAll, expect, test } from 'vitest'

import { onEachEngine } from './lab.js'
import { buildLibrary } from './library.js'
import { serve, type Document, type Site } from './site.js'
import type { Page, Profile } from './types.js'

// The real Aura never comes back from a failure: it shows JSON on its own origin and stops there.

const json = (body: unknown): Document => ({
  html: JSON.stringify(body),
  headers: { 'content-type': 'application/json' },
})
const denied =
  '/auth/callback/dribbble?error=access_denied&error_description=The+user+said+no.&state=x'

let library = ''
let site: Site
let signedIn = false

const answer = (url: URL): Document | undefined => {
  const { pathname } = url
  if (pathname === '/library.js') {
    return { html: library, headers: { 'content-type': 'text/javascript' } }
  }
  if (pathname === '/app') {
    return {
      html: `<!doctype html><title>App</title><button id="popup">Sign in</button>
        <button id="github">Sign in with GitHub</button>
        <script type="module">
          import { createAuthClient } from '/library.js'
          const baseURL = new URLSearchParams(location.search).get('auth')
          window.auth = createAuthClient({ baseURL })
          await auth.prepare()
          document.getElementById('popup').onclick = () => {
            window.code = undefined
            auth.signIn('dribbble', { popup: { fallback: 'none' } }).catch((error) => {
              window.code = error.code
              window.message = error.message
            })
          }
          document.getElementById('github').onclick = async () => {
            const { user } = await auth.signIn('github', { popup: true })
            document.title = user.name
          }
          window.isReady = true
        </script>`,
    }
  }
  switch (pathname) {
    case '/auth/signIn/dribbble': // on to the provider, where the user says no, and back
      return { html: `<!doctype html><script>location.replace(${JSON.stringify(denied)})</script>` }
    case '/auth/callback/dribbble':
      return json({
        type: 'VALIDATION',
        code: 'UNPROCESSABLE_ENTITY',
        message: 'Invalid search params',
        details: { code: { code: 'invalid_type', message: 'Missing code parameter' } },
      })
    case '/auth/signIn/github': // the user says yes, and Aura comes back without a word
      signedIn = true
      return {
        html: `<!doctype html><script>location.replace(${JSON.stringify(url.searchParams.get('redirectTo'))})</script>`,
        // Cut off from the app on the way, as some providers do.
        headers: { 'cross-origin-opener-policy': 'same-origin' },
      }
    case '/auth/session': {
      const session = { user: { sub: '1', name: 'Ada' }, expires: '2999-01-01T00:00:00.000Z' }
      return json({ success: signedIn, session: signedIn ? session : null })
    }
    default:
      return undefined
  }
}

beforeAll(async () => {
  library = await buildLibrary()
  site = await serve(answer)
})
afterAll(async () => site.close())

const open = async ({ page }: Profile, auth: string): Promise<Page> => {
  const app = await page(`${site.app}/app?auth=${encodeURIComponent(auth)}`)
  await app.waitFor('window.isReady === true')
  return app
}

onEachEngine(({ profile }) => {
  test('without a page of its own, the popup lands on the app, which hands it over', async () => {
    signedIn = false
    const user = await profile()
    const app = await open(user, '/auth')
    await app.evaluate(`window.unsaved = 'still here'`)
    await app.click('#github')
    await app.waitFor(`document.title === 'Ada'`)
    expect(await app.evaluate('[window.unsaved, location.search.includes("latchkey")]')).toEqual([
      'still here',
      false,
    ])
    await expect.poll(async () => (await user.pages()).length).toBe(1)
  })

  test('on the app’s own origin, its failure reaches the caller and the window goes', async () => {
    const user = await profile()
    const app = await open(user, '/auth')
    // It may be gone before the driver has seen it, so the page says that there was one.
    await app.evaluate(() => {
      const open = window.open.bind(window)
      const counted = Object.assign(window, { opened: 0 })
      window.open = (...args) => {
        counted.opened += 1
        return open(...args)
      }
    })
    await app.click('#popup')
    await app.waitFor(`window.code === 'access_denied'`)
    expect(await app.evaluate('window.message')).toBe('The user said no.')
    expect(await app.evaluate('window.opened')).toBe(1)
    await expect.poll(async () => (await user.pages()).length).toBe(1)
  })

  test('on another origin, closing the window tells the caller', async () => {
    const user = await profile()
    const app = await open(user, `${site.provider}/auth`)
    const popup = await user.popup(async () => app.click('#popup'))
    await popup.waitFor(`location.pathname === '/auth/callback/dribbble' && document.hasFocus()`)
    expect(await app.evaluate('window.code ?? null')).toBe(null)
    await popup.closeByUser()
    await app.waitFor(`window.code === 'popup_closed'`)
  })
})
