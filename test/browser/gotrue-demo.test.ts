import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'

import { startDemo, type Demo } from '../../demo/start.js'
import { onEachEngine } from './lab.js'
import type { Page } from './types.js'

let demo: Demo

const panel = '[data-panel=gotrue]'
const waitFor = async (app: Page, css: string): Promise<unknown> =>
  app.waitFor(`!!document.querySelector(${JSON.stringify(css)})`, { timeout: 20_000 })
const waitForStatus = async (app: Page, status: string): Promise<unknown> =>
  waitFor(app, `${panel} [data-status=${status}]`)
const change = async (what: object): Promise<void> => {
  const init = { method: 'POST', headers: { origin: demo.url }, body: JSON.stringify(what) }
  expect((await fetch(`${demo.url}/demo/state`, init)).status).toBe(200)
}
const choose = async (app: Page, css: string, value: string): Promise<unknown> =>
  app.evaluate(`(() => {
    const field = document.querySelector(${JSON.stringify(css)})
    field.value = '${value}'
    field.dispatchEvent(new Event('change'))
  })()`)

onEachEngine(({ profile }) => {
  // One for each engine: what somebody signs up with stays there.
  beforeAll(async () => {
    demo = await startDemo({ port: 0 })
  })
  afterAll(async () => demo.close())
  beforeEach(async () => change({ flavor: 'current', trouble: 'none' }))

  test.each(['current', 'fork2022'])(
    '%s: by popup, by redirect, by a password and by mail, on one page',
    async (flavor) => {
      const { page, popup } = await profile()
      const app = await page(`${demo.url}/gotrue`)
      const press = async (action: string): Promise<void> =>
        app.click(`${panel} [data-action=${action}]`)
      const signOut = async (): Promise<void> => {
        await press('sign-out')
        await waitForStatus(app, 'unauthenticated')
      }
      await app.click(`[data-flavor=${flavor}]`)
      await waitFor(app, `[data-flavor=${flavor}][aria-pressed=true]`)
      await waitForStatus(app, 'unauthenticated')

      const window = await popup(async () => press('popup'))
      await window.click('#allow')
      await waitForStatus(app, 'authenticated')
      expect(await app.text(`${panel} .expiry`)).toBe('ada@winter.example, by signIn')
      await signOut()
      await press('redirect')
      await app.click('#deny')
      await waitFor(app, `${panel} [data-error=access_denied]`)
      expect(await app.url()).toBe(`${demo.url}/gotrue`)
      await press('redirect')
      await app.click('#allow')
      await waitForStatus(app, 'authenticated')
      expect(await app.url()).toBe(`${demo.url}/gotrue`)
      await signOut()

      await press('apple')
      await waitFor(app, `${panel} [data-error=provider_disabled]`)
      await press('sign-in')
      await waitFor(app, `${panel} [data-error=invalid_credentials]`)
      await press('recover')
      await app.click('[data-mail=recovery] a')
      await waitFor(app, `${panel} form:not([hidden]) [autocomplete=new-password]`)
      expect(await app.url()).toBe(`${demo.url}/gotrue`)
      await choose(app, '[autocomplete=new-password]', 'correct horse')
      await press('set-password')
      await app.waitFor(`document.querySelector('${panel} .expiry').textContent.endsWith('signIn')`)
      await signOut()
      await press('sign-in')
      await waitForStatus(app, 'authenticated')
      await signOut()
      await press('mail')
      await app.click('[data-mail=magiclink] [data-action=code]')
      await waitForStatus(app, 'authenticated')
      expect(await app.text(`${panel} .expiry`)).toBe('ada@winter.example, by magiclink')
    },
  )

  test('current: an identity is linked and unlinked, and no trouble signs anybody out', async () => {
    const { page, popup } = await profile()
    const app = await page(`${demo.url}/gotrue`)
    const press = async (action: string): Promise<void> =>
      app.click(`${panel} [data-action=${action}]`)
    await waitForStatus(app, 'unauthenticated')
    await (await popup(async () => press('popup'))).click('#allow')
    await waitForStatus(app, 'authenticated')
    await (await popup(async () => press('link'))).click('#allow')
    await waitFor(app, '[data-identity=google]')
    await app.click('[data-identity=google] [data-action=unlink]')
    await app.waitFor(`!document.querySelector('[data-identity=google]')`)

    const told = async (words: string): Promise<unknown> =>
      app.waitFor(`document.querySelector('${panel} .note').textContent.includes('${words}')`)
    // The server has heard of it once the page says so.
    const chooseTrouble = async (trouble: string): Promise<unknown> => {
      await choose(app, '[data-trouble]', trouble)
      return app.waitFor(`(() => {
        const words = document.querySelector('[data-trouble]').selectedOptions[0].textContent
        return document.querySelector('[data-log]').textContent.includes('for tokens now: ' + words)
      })()`)
    }
    await press('call')
    await told('answered 200')
    for (const trouble of ['limited', 'conflict', 'failing', 'lost']) {
      await chooseTrouble(trouble)
      // A new page has not failed yet, and asks at once.
      await app.reload()
      await waitForStatus(app, 'authenticated')
      await press('call')
      await told('answered 401')
      await waitForStatus(app, 'authenticated')
    }
    await chooseTrouble('none')
    await app.reload()
    await waitForStatus(app, 'authenticated')
    await press('call')
    await told('answered 200')
  })
})
