import { afterAll, beforeAll, expect, test } from 'vitest'

import { onEachEngine } from './lab.js'
import { openApp, openPopup, startStage, type Stage } from './stage.js'
import type { Page } from './types.js'

let stage: Stage

beforeAll(async () => {
  stage = await startStage()
})
afterAll(async () => stage.close())

const isSignedIn = async (app: Page): Promise<unknown> => app.waitFor(`document.title === 'Ada'`)

onEachEngine(({ engine, profile }) => {
  test('comes back to where it was to, also a hash router’s page, under COOP everywhere', async () => {
    const user = await profile()
    const policies = { app: 'same-origin', callback: 'same-origin', provider: 'same-origin' }
    const app = await openApp(user, stage.url(policies))
    await app.evaluate(`window.redirectTo = '/app?app=same-origin#/a?b'`)
    await app.click('#redirect')
    await app.click('#allow')
    await isSignedIn(app)
    expect(await app.url()).toBe(`${stage.app}/app?app=same-origin#/a?b`)
    expect(await app.evaluate('window.landed')).toBe(`${stage.app}/app?app=same-origin#/a?b`)
    expect(await app.evaluate('sessionStorage.length')).toBe(0)
    // A reload finds no landing, and nothing to complain of.
    await app.reload()
    await isSignedIn(app)
    expect(await app.evaluate('window.landed')).toBe(null)
  })

  test('Back from the provider is a cancel, after which it works again', async () => {
    const user = await profile()
    const app = await openApp(user, stage.url())
    await app.evaluate(
      `addEventListener('pageshow', ({ persisted }) => { window.persisted = persisted })`,
    )
    await app.click('#redirect')
    await app.waitFor(`document.title === 'Provider'`)
    await app.goBack()
    await app.waitFor('window.isReady === true')
    // Not every engine keeps every page: one that was loaded anew has nothing to cancel.
    if (await app.evaluate('window.persisted === true')) {
      await app.waitFor(`window.result === 'redirect_cancelled'`)
      expect(await app.evaluate('sessionStorage.length')).toBe(0)
    } else expect(engine.name).not.toBe('chromium')
    await app.click('#redirect')
    await app.click('#allow')
    await isSignedIn(app)
  })

  test('Back after it never leads to the callback, nor signs in twice', async () => {
    const user = await profile()
    const app = await openApp(user, stage.url())
    await app.click('#redirect')
    await app.click('#allow')
    await isSignedIn(app)
    const landings = stage.landings.length
    await app.goBack()
    expect(await app.evaluate('location.pathname')).not.toBe('/callback')
    expect(stage.landings).toHaveLength(landings)
  })

  test('a webview whose window.open navigates this tab ends as a redirect', async () => {
    const user = await profile()
    const app = await openApp(user, stage.url())
    await app.evaluate(`void (window.open = (url) => { location.assign(url) })`)
    await app.click('#popup')
    await app.click('#allow')
    await isSignedIn(app)
  })

  test('without BroadcastChannel and without an opener, the popup is heard by storage', async () => {
    // WebKit tells no other window of storage once COOP has cut them off from each other.
    if (engine.name === 'webkit') return
    const user = await profile()
    const app = await openApp(user, stage.url({ callback: 'alone' }, 'alone'))
    const popup = await openPopup(user, app)
    await popup.click('#allow')
    await app.waitFor(`window.result === 'Ada'`)
    await popup.waitForClose()
    expect(await app.evaluate('sessionStorage.length + localStorage.length')).toBe(0)
  })

  test('two tabs finish two sign-ins in the other order, each its own', async () => {
    const user = await profile()
    const one = await openApp(user, stage.url())
    const first = await openPopup(user, one)
    const two = await user.page(stage.url())
    await two.waitFor('window.isReady === true')
    const second = await openPopup(user, two)
    await second.click('#allow')
    await two.waitFor(`window.result === 'Ada'`)
    await second.waitForClose()
    await first.click('#deny')
    await one.waitFor(`window.result === 'access_denied' || window.result === 'popup_closed'`)
    expect(await two.evaluate('window.result')).toBe('Ada')
  })
})
