import { readFile } from 'node:fs/promises'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { startDemo, type Demo } from '../../demo/start.js'
import { onEachEngine } from './lab.js'
import type { Page, Profile } from './types.js'

let demo: Demo

beforeAll(async () => {
  demo = await startDemo({ port: 0 })
})
afterAll(async () => {
  await demo.close()
})

const status = '[data-panel=plain] [data-status]'

const waitForStatus = (page: Page, wanted: string): Promise<unknown> =>
  page.waitFor(`document.querySelector('${status}')?.dataset.status === '${wanted}'`, {
    timeout: 20_000,
  })
const waitForError = (page: Page, code: string): Promise<unknown> =>
  page.waitFor(`!!document.querySelector('[data-error="${code}"]')`, { timeout: 8_000 })

/** The demo, signed out, with something on the page that a navigation would lose. */
async function open({ page }: Profile): Promise<Page> {
  const app = await page(`${demo.url}/`)
  await waitForStatus(app, 'unauthenticated')
  await app.evaluate(`window.unsaved = 'still here'`)
  return app
}

/** A button of the test's own, for what the demo does not offer: signing in while signed in. */
const offerAgain = async (app: Page): Promise<unknown> =>
  app.evaluate(`import('/app/auth.ts').then(({ auth }) => {
    const button = document.createElement('button')
    button.id = 'again'
    button.textContent = 'Again'
    button.style = 'position:fixed;inset:0 auto auto 0;z-index:99'
    button.onclick = () =>
      auth.signIn('dribbble', { popup: true }).catch(({ code }) => (window.refused = code))
    document.body.append(button)
  })`)

const openPopup = async ({ popup }: Profile, app: Page): Promise<Page> => {
  const window = await popup(async () => app.click('[data-panel=plain] [data-action=popup]'))
  await window.waitFor(`!!document.querySelector('#allow')`)
  return window
}

const isIntact = async (app: Page): Promise<boolean> =>
  (await app.evaluate(`window.unsaved === 'still here' && location.pathname === '/'`)) === true

test('the callback page is served as docs/popups.md says', async () => {
  const docs = await readFile(new URL('../../docs/popups.md', import.meta.url), 'utf8')
  const [, block = ''] = /```http\n([^]+?)```/.exec(docs) ?? []
  const { headers } = await fetch(`${demo.url}/callback.html`)
  const lines = block.trim().split('\n')
  expect(lines).toHaveLength(4)
  for (const line of lines) {
    const [name = '', value] = line.split(/: (.*)/, 2)
    expect(headers.get(name)).toBe(value)
  }
  expect(headers.get('cross-origin-opener-policy')).toBe(null)
})

onEachEngine(({ profile, engine }) => {
  describe.each([
    ['without COOP', undefined],
    ['with COOP: same-origin at the provider', 'same-origin'],
  ])('%s', (_, coop) => {
    beforeAll(() => {
      Object.assign(demo.dribbble!.dribbble.knobs, { coop })
    })

    test('allow: signed in, the page as it was', async () => {
      const user = await profile()
      const app = await open(user)
      const popup = await openPopup(user, app)
      await popup.click('#allow')
      await waitForStatus(app, 'authenticated')
      await popup.waitForClose()
      expect(await app.text('[data-panel=plain] [data-user]')).toContain('Ada Winter')
      expect(await isIntact(app)).toBe(true)
      expect(await app.evaluate('document.querySelector("[data-error]") === null')).toBe(true)
      expect(await user.pages()).toHaveLength(1)
      expect(
        await app.evaluate(
          `Object.keys(sessionStorage).filter((key) => key.startsWith('latchkey')).length`,
        ),
      ).toBe(0)
    })

    test('deny: the provider’s word, the popup gone, an earlier session untouched', async () => {
      const user = await profile()
      const app = await open(user)
      const popup = await openPopup(user, app)
      await popup.click('#deny')
      await waitForError(app, 'access_denied')
      await popup.waitForClose()
      expect(await isIntact(app)).toBe(true)

      const again = await openPopup(user, app)
      await again.click('#allow')
      await waitForStatus(app, 'authenticated')
      await again.waitForClose()
      await offerAgain(app)
      const second = await user.popup(async () => app.click('#again'))
      await second.click('#deny')
      await app.waitFor(`window.refused === 'access_denied'`)
      await second.waitForClose()
      await waitForStatus(app, 'authenticated')
    })

    test('the user closes it: popup_closed within two seconds', async () => {
      const user = await profile()
      const app = await open(user)
      const popup = await openPopup(user, app)
      await popup.waitFor('document.hasFocus()')
      await popup.closeByUser()
      await app.waitFor('document.hasFocus()')
      const since = Date.now()
      await waitForError(app, 'popup_closed')
      expect(Date.now() - since).toBeLessThan(2_500)
      expect(await isIntact(app)).toBe(true)
      await waitForStatus(app, 'unauthenticated')
    })

    test('left open while the user looks at the app, then allowed: signed in all the same', async () => {
      const user = await profile()
      const app = await open(user)
      const popup = await openPopup(user, app)
      await app.bringToFront()
      if (coop) await waitForError(app, 'popup_closed')
      await popup.click('#allow')
      await waitForStatus(app, 'authenticated')
      expect(await isIntact(app)).toBe(true)
    })
  })

  test('a blocked popup becomes a redirect', async () => {
    const { page } = await profile()
    const app = await page(`${demo.url}/`)
    await waitForStatus(app, 'unauthenticated')
    // Nobody has clicked, so the browser's own blocker is in the way.
    await app.evaluate(
      `import('/app/auth.ts').then(({ auth }) => void auth.signIn('dribbble', { popup: true, redirectTo: '/dashboard' }))`,
    )
    await app.click('#allow')
    await app.waitFor(`location.pathname === '/dashboard'`)
    expect(await app.text('[data-user]')).toContain('Ada Winter')
  })

  test.each(['null', 'undefined', 'window'])(
    'window.open that answers %s becomes a redirect',
    async (answer) => {
      const { page } = await profile()
      const app = await page(`${demo.url}/`)
      await waitForStatus(app, 'unauthenticated')
      await app.evaluate(`void (window.open = () => ${answer})`)
      await app.click('[data-panel=plain] [data-action=popup]')
      await app.click('#allow')
      await waitForStatus(app, 'authenticated')
    },
  )

  test('without a redirect to fall back on, blocked is said', async () => {
    const { page } = await profile()
    const app = await page(`${demo.url}/`)
    await waitForStatus(app, 'unauthenticated')
    const code = await app.evaluate(
      `import('/app/auth.ts').then(({ auth }) => auth.signIn('dribbble', { popup: { fallback: 'none' } }).catch((error) => error.code))`,
    )
    expect(code).toBe('popup_blocked')
    expect(await app.url()).toBe(`${demo.url}/`)
    expect(await app.evaluate(`Object.keys(sessionStorage).join().includes('latchkey')`)).toBe(
      false,
    )
  })

  test('the callback page opened by hand says something helpful and changes nothing', async () => {
    const user = await profile()
    const app = await open(user)
    const visit = async (query: string): Promise<Page> =>
      user.page(`${demo.url}/callback.html${query}`)
    const plain = await visit('')
    await plain.waitFor(`document.body.innerText.includes('no sign-in to finish')`)
    const stranger = await visit(`?latchkey=${'x'.repeat(22)}&error=access_denied&code=evil`)
    await stranger.waitFor(`document.body.innerText.includes('no sign-in to finish')`, {
      timeout: 15_000,
    })
    expect(await stranger.evaluate('location.search')).toBe('')
    expect(await stranger.evaluate(`document.querySelector('a').getAttribute('href')`)).toBe('/')
    await waitForStatus(app, 'unauthenticated')
    expect(await app.evaluate('document.querySelector("[data-error]") === null')).toBe(true)
  })

  test('two tabs hear a sign-in and a sign-out without asking', async () => {
    const user = await profile()
    const one = await open(user)
    const two = await open(user)
    const asked = `performance.getEntriesByType('resource').filter(({ name }) => name.endsWith('/auth/session')).length`
    const before = await two.evaluate<number>(asked)
    const popup = await openPopup(user, one)
    await popup.click('#allow')
    await waitForStatus(one, 'authenticated')
    await waitForStatus(two, 'authenticated')
    expect(await two.text('[data-panel=plain] [data-user]')).toContain('Ada Winter')
    await one.click('[data-panel=vue] [data-action=sign-out]')
    await waitForStatus(two, 'unauthenticated')
    expect(await two.evaluate<number>(asked)).toBe(before)
  })

  // WebKit's driver has no way to hear the console.
  const heard = engine.console ? test : undefined
  heard?.('says nothing on the console', async () => {
    const user = await profile()
    const app = await open(user)
    const popup = await openPopup(user, app)
    await popup.click('#allow')
    await waitForStatus(app, 'authenticated')
    expect(
      [...app.messages, ...popup.messages].filter(
        (line) => /error|warn|violat/i.test(line) && !/401|vite|ws:|favicon\.ico/.test(line),
      ),
    ).toEqual([])
  })
})
