import { afterAll, beforeAll, expect, test } from 'vitest'

import { onEachEngine } from './lab.js'
import { openApp, openPopup, startStage, type Policies, type Stage } from './stage.js'
import type { Page } from './types.js'

// Beyond the table in matrix.test.ts: other policies, and people who come back to the app meanwhile.

let stage: Stage

beforeAll(async () => {
  stage = await startStage()
})
afterAll(async () => stage.close())

const resultOf = async (app: Page): Promise<unknown> => {
  await app.waitFor('window.result !== undefined')
  return app.evaluate('window.result')
}

onEachEngine(({ engine, profile }) => {
  test.each<[string, Policies]>([
    ['same-origin-allow-popups at the provider', { provider: 'same-origin-allow-popups' }],
    ['noopener-allow-popups at the provider', { provider: 'noopener-allow-popups' }],
    ['a redirect on the way that sends same-origin', { provider: 'hop' }],
    [
      'same-origin-allow-popups on the whole app',
      { app: 'same-origin-allow-popups', callback: 'same-origin-allow-popups' },
    ],
    ['a cross-origin isolated app', { app: 'isolated', callback: 'isolated' }],
    ['Report-Only at the provider', { provider: 'report-only' }],
  ])('%s: signed in', async (_, policies) => {
    const user = await profile()
    const app = await openApp(user, stage.url(policies))
    const popup = await openPopup(user, app)
    await popup.click('#allow')
    expect(await resultOf(app)).toBe('Ada')
    await popup.waitForClose()
    expect(await app.evaluate('sessionStorage.length + localStorage.length')).toBe(0)
    expect(app.messages.length).toBeLessThanOrEqual(5)
    if (engine.name === 'chromium' && policies.app === 'isolated') {
      expect(await app.evaluate('crossOriginIsolated')).toBe(true)
    }
  })

  test('a severed popup whose user looks at the app, and finishes after that, signs in late', async () => {
    const user = await profile()
    const app = await openApp(user, stage.url({ provider: 'same-origin' }))
    const popup = await openPopup(user, app)
    await app.bringToFront()
    expect(await resultOf(app)).toBe('popup_closed')
    await popup.click('#allow')
    await app.waitFor(`document.title === 'Ada'`)
    expect(await app.evaluate('window.result')).toBe('popup_closed')
    await popup.waitForClose()
    expect(await app.evaluate('sessionStorage.length')).toBe(0)
  })

  test('a popup whose opener was reloaded meanwhile signs it in', async () => {
    for (const policies of [{}, { provider: 'same-origin' }]) {
      const user = await profile()
      const app = await openApp(user, stage.url(policies))
      const popup = await openPopup(user, app)
      await app.reload()
      await app.waitFor('window.isReady === true')
      await popup.click('#allow')
      await app.waitFor(`document.title === 'Ada'`)
      await popup.waitForClose()
      expect(await app.evaluate('sessionStorage.length')).toBe(0)
    }
  })

  test('a second click brings the popup to the front, and opens no other', async () => {
    const user = await profile()
    const app = await openApp(user, stage.url())
    const popup = await openPopup(user, app)
    await app.click('#popup')
    // WebKitGTK raises no window that a script asks for.
    if (engine.name !== 'webkit') await popup.waitFor('document.hasFocus()')
    expect(await user.pages()).toHaveLength(2)
    await popup.click('#allow')
    expect(await resultOf(app)).toBe('Ada')
  })

  test('a popup whose URL takes a while is blank, and says what it is for', async () => {
    const user = await profile()
    const app = await openApp(user, stage.url({}, 'later&isolate'))
    const popup = await user.popup(async () => app.click('#popup'))
    await popup.waitFor(`document.title === 'Signing in…' && document.hasFocus()`)
    expect(await popup.evaluate('[location.href, document.body.textContent]')).toEqual([
      'about:blank',
      'Signing in…',
    ])
    expect(popup.messages).toEqual([])
    await app.evaluate('window.proceed()')
    await popup.waitFor(`document.title === 'Provider'`)
    expect(await popup.evaluate('window.opener === null')).toBe(true)
    await popup.click('#allow')
    expect(await resultOf(app)).toBe('Ada')
    expect(await app.evaluate(`localStorage.getItem('violation')`)).toBe(null)
  })

  test('a popup that cannot close itself says so', async () => {
    const user = await profile()
    const app = await openApp(user, stage.url({ callback: 'unclosable', provider: 'same-origin' }))
    const popup = await openPopup(user, app)
    await popup.click('#allow')
    expect(await resultOf(app)).toBe('Ada')
    await popup.waitFor(`document.body.innerText.includes('You can close this window')`)
  })

  test('without a page of its own the popup lands on the app, and knows itself by its marker', async () => {
    const user = await profile()
    const app = await openApp(user, stage.url({ provider: 'same-origin' }, 'here'))
    const popup = await openPopup(user, app)
    // Its own id, and no copy of what the app keeps: also behind a provider that severs it.
    await popup.follow(`${stage.app}/nothing`)
    expect(await popup.evaluate('Object.keys(sessionStorage)')).toEqual(['latchkey:popup'])
    // The backend forgets the id on the way.
    const landing = stage.url({ provider: 'same-origin' }, 'here&error=access_denied')
    await popup.evaluate((url: string) => void setTimeout(() => location.assign(url)), landing)
    await app.waitFor(`window.result === 'access_denied'`)
    await popup.waitForClose()
  })
})
