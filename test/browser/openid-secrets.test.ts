import { afterAll, beforeAll, expect, test } from 'vitest'

import { onEachEngine } from './lab.js'
import { startApp, type App } from './openid/app.js'
import type { Page } from './types.js'

// A full flow, in pages that report everything somebody else could read of them.

let app: App
beforeAll(async () => {
  app = await startApp()
})
afterAll(async () => app.close())

const titled = async (page: Page, title: string): Promise<unknown> =>
  page.waitFor(`document.title === '${title}' && window.isReady === true`)
/** What was said, in pieces, and the tokens that were handed out meanwhile. */
const start = (): (() => { said: string[]; tokens: string[] }) => {
  const [from, first, heard] = [
    app.provider.urls.length,
    app.provider.tokens.length,
    app.heard.length,
  ]
  return () => ({
    said: [...app.heard.slice(heard), ...app.provider.urls.slice(from)],
    tokens: app.provider.tokens.slice(first),
  })
}

onEachEngine(({ profile }) => {
  test('no token is anywhere that another script, tab or server could read', async () => {
    const stop = start()
    const { page } = await profile()
    const tab = await page(`${app.url}/watched/`)
    await titled(tab, 'unauthenticated')
    await tab.click('#redirect')
    await tab.click('#allow')
    await titled(tab, 'Ada Winter')
    expect(await tab.evaluate('window.api()')).toBe(200)
    app.refuseSeen()
    expect(await tab.evaluate('window.api()')).toBe(200) // with another token
    await tab.click('#popup') // which closes by itself: the provider knows the user
    await tab.waitFor(`window.signedIn === 'ada'`)
    expect(await tab.evaluate('window.me()')).toBe(200)
    await tab.evaluate('sayAll()')
    await tab.click('#out')
    await tab.waitFor(`location.pathname === '/watched/'`) // where signing out leads
    await titled(tab, 'unauthenticated')
    await tab.evaluate('sayAll()')

    const { said, tokens } = stop()
    const all = said.join('\n')
    for (const known of ['Ada Winter', 'session', 'load:done', 'state=', 'signIn:start']) {
      expect(all).toContain(known)
    }
    expect(tokens.length).toBeGreaterThan(7)
    expect(tokens.filter((token) => all.includes(token))).toEqual([])
  })

  test('with `local` they are in one place, and in no other', async () => {
    const stop = start()
    const { page } = await profile()
    const tab = await page(`${app.url}/watched-local/`)
    await titled(tab, 'unauthenticated')
    await tab.click('#redirect')
    await tab.click('#allow')
    await titled(tab, 'Ada Winter')
    await tab.evaluate('sayAll()')
    const { said, tokens } = stop()
    const places = said.filter((text) => tokens.some((token) => text.includes(token)))
    expect(places.length).toBeGreaterThan(0)
    for (const place of places) {
      const without = place.replaceAll(/"latchkey:tokens:.*?\\"session\\"/g, '')
      expect(tokens.filter((token) => without.includes(token))).toEqual([])
    }
  })
})
