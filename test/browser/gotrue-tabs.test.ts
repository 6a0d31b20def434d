import { afterAll, beforeAll, expect, test } from 'vitest'

import { EMAIL, startApp, titled, type App } from './gotrue/app.js'
import { onEachEngine } from './lab.js'

// Many real tabs on one refresh token, at the server that ends the session when one is spent twice:
// the fork, with no interval in which that is forgiven.

let app: App
beforeAll(async () => {
  app = await startApp('fork2022')
  expect(app.gotrue.gotrue.knobs).toMatchObject({ reuseInterval: 0, rotation: true })
})
afterAll(async () => app.close())

const key = `Object.keys(localStorage).find((name) => localStorage[name].includes('accessToken'))`
const held = `JSON.parse(localStorage[${key}])`
const expire = `void (localStorage[${key}] = JSON.stringify({ ...${held}, expiresAt: Date.now() - 1 }))`
const isExpired = `(${held}.expiresAt < Date.now())`
const refreshToken = `${held}.refreshToken`

onEachEngine(({ engine, profile }) => {
  const count = engine.name === 'chromium' ? 20 : 4

  test(`${count} tabs: one of them refreshes, all have the new token, nobody is signed out`, async () => {
    const { page, restore } = await profile()
    const first = await page(`${app.url}/local/`)
    await titled(first, 'unauthenticated')
    await first.click('#redirect')
    await first.click('#allow')
    await titled(first, EMAIL)
    const others = Array.from({ length: count - 1 }, () => `${app.url}/local/`)
    const tabs = [first, ...(await restore(others))]
    for (const tab of tabs) await titled(tab, EMAIL)

    const before = app.grants('refresh_token')
    const spent = [await first.evaluate(refreshToken)]
    for (let round = 1; round <= 3; round += 1) {
      await first.evaluate(expire)
      // In Chromium tabs are processes, and see each other's storage late.
      for (const tab of tabs) await tab.waitFor(isExpired)
      const asked = tabs.map(async (tab) => tab.evaluate('auth.getAccessToken()'))
      const tokens = new Set(await Promise.all(asked))
      expect([...tokens]).toEqual([expect.any(String)])
      expect(app.grants('refresh_token') - before).toBe(round)
      await first.waitFor(`!${isExpired}`)
      spent.push(await first.evaluate(refreshToken))
    }
    expect(new Set(spent).size).toBe(4)
    expect(await tabs.at(-1)!.evaluate('auth.getUser().then(({ user }) => user.email)')).toBe(EMAIL)
    for (const tab of tabs) {
      expect(await tab.evaluate('auth.session.value.status')).toBe('authenticated')
    }
  })
})
