import { afterAll, beforeAll, expect, test } from 'vitest'

import { onEachEngine } from './lab.js'
import { startApp, type App } from './openid/app.js'
import type { Page } from './types.js'

// Against `oidc-provider`, on another site than the app.

let app: App
let bound: App
beforeAll(async () => {
  app = await startApp()
  bound = await startApp({ dpop: true })
})
afterAll(async () => {
  await app.close()
  await bound.close()
})

const titled = async (page: Page, title: string): Promise<unknown> =>
  page.waitFor(`document.title === ${JSON.stringify(title)} && window.isReady === true`)
const asked = ({ provider }: App, what: string): number =>
  provider.requests.filter((request) => request === what).length

onEachEngine(({ profile }) => {
  test('by redirect: is refused, signs in without a flash of “signed out”, and signs out', async () => {
    const { page } = await profile()
    const tab = await page(`${app.url}/static/`)
    await titled(tab, 'unauthenticated')
    await tab.click('#redirect')
    await tab.click('#deny')
    await tab.waitFor(`window.code === 'access_denied'`)
    expect(await tab.url()).toBe(`${app.url}/static/home?kept=1#here`)

    await tab.click('#redirect')
    await tab.click('#allow')
    await titled(tab, 'Ada Winter')
    expect(await tab.url()).toBe(`${app.url}/static/home?kept=1#here`)
    expect(await tab.evaluate('window.seen')).toEqual(['pending', 'authenticated'])
    expect(await tab.evaluate('window.api()')).toBe(200)
    await tab.click('#out')
    await tab.waitFor(`location.pathname === '/static/'`)
    await titled(tab, 'unauthenticated')
    expect(await tab.evaluate('window.api()')).toBe(401)
    expect(app.provider.revoked.length).toBeGreaterThan(0)
  })

  test('by redirect, where the app itself is the callback page', async () => {
    const { page } = await profile()
    const tab = await page(`${app.url}/own/`)
    await titled(tab, 'unauthenticated')
    const before = asked(app, 'POST /token')
    await tab.click('#redirect')
    await tab.click('#allow')
    await titled(tab, 'Ada Winter')
    expect(await tab.url()).toBe(`${app.url}/own/home?kept=1#here`)
    expect(asked(app, 'POST /token')).toBe(before + 1)
    // Reloaded, the tokens are gone with the page, and nothing is exchanged twice.
    await tab.reload()
    await titled(tab, 'unauthenticated')
    expect(asked(app, 'POST /token')).toBe(before + 1)
  })

  test('by popup: stays on the page, is refused, and signs in', async () => {
    const { page, popup, pages } = await profile()
    const tab = await page(`${app.url}/static/`)
    await titled(tab, 'unauthenticated')
    await tab.evaluate(`window.unsaved = 'still here'`)
    const first = await popup(async () => tab.click('#popup'))
    await first.click('#deny')
    await tab.waitFor(`window.code === 'access_denied'`)
    const second = await popup(async () => tab.click('#popup'))
    await second.click('#allow')
    await titled(tab, 'Ada Winter')
    await second.waitForClose()
    expect(await tab.evaluate('window.unsaved')).toBe('still here')
    expect(await tab.evaluate('window.me()')).toBe(200)
    expect(await pages()).toHaveLength(1)
    // Tokens are in memory: whoever looks elsewhere finds nothing.
    expect(await tab.evaluate('localStorage.length + sessionStorage.length')).toBe(0)
  })

  test('at the provider too, and back again', async () => {
    const { page } = await profile()
    const tab = await page(`${app.url}/provider/`)
    await titled(tab, 'unauthenticated')
    await tab.click('#redirect')
    await tab.click('#allow')
    await titled(tab, 'Ada Winter')
    await tab.click('#out')
    await tab.click('#sign-out')
    await titled(tab, 'unauthenticated')
    expect(await tab.url()).toBe(`${app.url}/provider/`)
    // Signed out there: the next sign-in asks.
    await tab.click('#redirect')
    await tab.waitFor(`document.querySelector('#allow')`)
  })

  test('two tabs refresh at once: one of them asks, both have the new token', async () => {
    const { page } = await profile()
    const tab = await page(`${app.url}/local/`)
    await titled(tab, 'unauthenticated')
    await tab.click('#redirect')
    await tab.click('#allow')
    await titled(tab, 'Ada Winter')
    const other = await page(`${app.url}/local/`)
    await titled(other, 'Ada Winter')
    expect(await tab.evaluate('window.api()')).toBe(200)
    const before = asked(app, 'POST /token')
    app.refuseSeen()
    const both = [tab.evaluate('window.api()'), other.evaluate('window.api()')]
    expect(await Promise.all(both)).toEqual([200, 200])
    expect(asked(app, 'POST /token')).toBe(before + 1)
    const tokens = [tab, other].map(async (one) => one.evaluate('auth.getAccessToken()'))
    expect(new Set(await Promise.all(tokens)).size).toBe(1)
    await other.evaluate('auth.signOut().then(() => true)')
    await titled(tab, 'unauthenticated')
    expect(await tab.evaluate('auth.getAccessToken()')).toBe(null)
  })

  test('tokens bound to a key, which outlives the page and which no script can read', async () => {
    const { page, popup } = await profile()
    const tab = await page(`${bound.url}/dpop-local/`)
    await titled(tab, 'unauthenticated')
    const window = await popup(async () => tab.click('#popup'))
    await window.click('#allow')
    await titled(tab, 'Ada Winter')
    expect(await tab.evaluate('window.me()')).toBe(200)
    await tab.reload()
    await titled(tab, 'Ada Winter')
    expect(await tab.evaluate('window.me()')).toBe(200)
    const stolen = `auth.getAccessToken().then(async (token) =>
      (await fetch('${bound.provider.issuer}/me', { headers: { authorization: 'Bearer ' + token } })).status)`
    expect(await tab.evaluate(stolen)).toBe(401)
    const readable = `new Promise((resolve) => {
      indexedDB.open('latchkey').onsuccess = ({ target: { result } }) => {
        const all = result.transaction('dpop').objectStore('dpop').getAll()
        all.onsuccess = () => resolve(all.result.map(({ privateKey }) => privateKey.extractable))
      }
    })`
    expect(await tab.evaluate(readable)).toEqual([false])
  })
})
