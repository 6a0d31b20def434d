import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'

import { startDemo, type Demo } from '../../demo/start.js'
import { onEachEngine } from './lab.js'
import type { Page } from './types.js'

// The main path, as somebody who has never seen Latchkey walks it.

let demo: Demo

beforeAll(async () => {
  demo = await startDemo({ port: 0 })
})
beforeEach(async () => {
  Object.assign(demo.dribbble!.dribbble.knobs, { coop: undefined })
  const init = { method: 'POST', headers: { origin: demo.url }, body: '{"provider":"dribbble"}' }
  expect((await fetch(`${demo.url}/demo/state`, init)).status).toBe(200)
})
afterAll(async () => {
  await demo.close()
})

/** All three panels show one client: they say the same. */
const waitForStatus = (page: Page, status: string): Promise<unknown> =>
  page.waitFor(
    `(() => {
      const shown = [...document.querySelectorAll('[data-panel] [data-status]')]
      return shown.length >= 3 && shown.every((one) => one.dataset.status === '${status}')
    })()`,
    { timeout: 20_000 },
  )

onEachEngine(({ profile }) => {
  test('sign in with Dribbble, allow, reload, sign out', async () => {
    const { page } = await profile()
    const app = await page(`${demo.url}/`)
    await waitForStatus(app, 'unauthenticated')
    await app.click('[data-panel=plain] [data-action=sign-in]')
    await app.click('#allow')
    await app.waitFor(`location.pathname === '/dashboard'`)
    expect(await app.text('[data-user]')).toContain('Ada Winter')
    expect(await app.url()).toBe(`${demo.url}/dashboard`)
    await app.reload()
    expect(await app.text('[data-user]')).toContain('Ada Winter')
    await app.goto(`${demo.url}/`)
    await waitForStatus(app, 'authenticated')
    await app.click('[data-panel=react] [data-action=sign-out]')
    await waitForStatus(app, 'unauthenticated')
    await app.reload()
    await waitForStatus(app, 'unauthenticated')
    expect(
      app.messages.filter((line) => /error/i.test(line) && !/401|favicon|vite|ws:/.test(line)),
    ).toEqual([])
  })

  test('deny comes back with Dribbble’s words, the URL clean, an earlier session untouched', async () => {
    const { page } = await profile()
    const app = await page(`${demo.url}/`)
    await waitForStatus(app, 'unauthenticated')
    await app.click('[data-panel=vue] [data-action=sign-in]')
    await app.click('#deny')
    await app.waitFor(`!!document.querySelector('[data-error="access_denied"]')`)
    expect(await app.evaluate('location.search + location.hash')).toBe('')
    expect(await app.evaluate('document.body.innerText')).toContain('denied the request')

    await app.goto(`${demo.url}/`)
    await waitForStatus(app, 'unauthenticated')
    await app.click('[data-panel=plain] [data-action=sign-in]')
    await app.click('#allow')
    await app.waitFor(`location.pathname === '/dashboard'`)
    await app.goto(`${demo.url}/`)
    await waitForStatus(app, 'authenticated')
    await app.evaluate(
      `import('/app/auth.ts').then(({ auth }) => void auth.signIn('dribbble', { redirectTo: '/' }))`,
    )
    await app.click('#deny')
    await app.waitFor(`!!document.querySelector('[data-error="access_denied"]')`)
    await waitForStatus(app, 'authenticated')
  })

  test('an OpenID provider instead, by a switch: sign in, a second tab, sign out', async () => {
    const { page } = await profile()
    const app = await page(`${demo.url}/`)
    await waitForStatus(app, 'unauthenticated')
    await app.click('[data-provider-switch]')
    await app.waitFor(
      `document.querySelector('[data-action=sign-in]')?.textContent.includes('OpenID')`,
    )
    expect(await app.text('[data-provider]')).toContain('OpenID')
    expect(await app.text('[data-client]')).toContain('latchkey/oidc')
    await waitForStatus(app, 'unauthenticated')
    await app.click('[data-panel=react] [data-action=sign-in]')
    await app.click('#allow')
    await app.waitFor(`location.pathname === '/dashboard'`)
    expect(await app.text('[data-user]')).toContain('Ada Winter')
    expect(await app.url()).toBe(`${demo.url}/dashboard`)
    const other = await page(`${demo.url}/`)
    await waitForStatus(other, 'authenticated')
    await other.click('[data-panel=vue] [data-action=sign-out]')
    await waitForStatus(other, 'unauthenticated')
    await app.waitFor(`document.documentElement.dataset.session === 'unauthenticated'`)
  })

  test('an unknown provider comes back as an error', async () => {
    const { page } = await profile()
    const app = await page(`${demo.url}/`)
    await waitForStatus(app, 'unauthenticated')
    await app.evaluate(
      `import('/app/auth.ts').then(({ auth }) => void auth.signIn('nobody', { redirectTo: '/' }))`,
    )
    await app.waitFor(`!!document.querySelector('[data-error="unknown_provider"]')`)
    expect(await app.evaluate('location.href')).toBe(`${demo.url}/`)
  })
})
