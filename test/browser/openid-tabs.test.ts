import { afterAll, beforeAll, expect, test } from 'vitest'

import { onEachEngine, type Lab } from './lab.js'
import { startApp, type App } from './openid/app.js'
import type { Page } from './types.js'

// Several real tabs on one refresh token, at a provider that revokes everything once a spent one comes
// back. In Chromium tabs are processes, and see each other's storage late.

let app: App
beforeAll(async () => {
  app = await startApp()
})
afterAll(async () => app.close())

const refreshes = (): number =>
  app.provider.requests.filter((request) => request === 'POST /token').length

/** Somebody who is signed in, in this many tabs, all of which have used their token. */
async function open({ profile }: Lab, variant: string, count: number): Promise<Page[]> {
  const { page } = await profile()
  const ready = async (tab: Page): Promise<unknown> =>
    tab.waitFor(`document.title === 'Ada Winter' && window.isReady === true`)
  const first = await page(`${app.url}/${variant}/`)
  await first.waitFor('window.isReady === true')
  await first.click('#redirect')
  await first.click('#allow')
  await ready(first)
  const tabs = [first]
  while (tabs.length < count) {
    tabs.push(await page(`${app.url}/${variant}/`))
    await ready(tabs.at(-1)!)
  }
  await all(tabs)
  return tabs
}
const all = async (tabs: readonly Page[]): Promise<unknown[]> =>
  Promise.all(tabs.map(async (tab) => tab.evaluate('window.api()')))

onEachEngine((lab) => {
  const isChromium = lab.engine.name === 'chromium'

  test.each([
    ['with Web Locks', 'local', isChromium ? 200 : 20],
    ['by a lease in the storage', 'local-unlocked', 20],
  ])(
    '%s: one refresh a round, and the grant is never revoked',
    async (_, variant, rounds) => {
      const tabs = await open(lab, variant, 5)
      const revoked = app.provider.revoked.length
      const before = refreshes()
      for (let round = 1; round <= rounds; round += 1) {
        app.refuseSeen()
        expect(await all(tabs)).toEqual([200, 200, 200, 200, 200])
        expect(refreshes()).toBe(before + round)
      }
      expect(app.provider.revoked).toHaveLength(revoked)
      expect(app.provider.refusals).toEqual([])
    },
    300_000,
  )

  // Other engines have no way to close a tab in the middle of a request as a crash does.
  if (!isChromium) return

  test.each(['local', 'local-unlocked'])(
    '%s: a tab that dies before its request leaves is stood in for',
    async (variant) => {
      const [first, ...others] = (await open(lab, variant, 3)) as [Page, ...Page[]]
      const before = refreshes()
      // Whatever it sends from now on never leaves, and it holds its turn.
      await first.evaluate(`(() => {
        const send = window.fetch
        window.fetch = (url, init) =>
          String(url).endsWith('/token') ? new Promise(() => {}) : send(url, init)
      })()`)
      app.refuseSeen()
      await first.evaluate('void window.api()')
      await first.evaluate('new Promise((resolve) => setTimeout(resolve, 300))')
      const answers = all(others)
      await first.closeByUser()
      expect(await answers).toEqual([200, 200])
      expect(refreshes()).toBe(before + 1)
    },
  )

  test.each(['local', 'local-unlocked'])(
    '%s: when the answer is lost with its tab, everybody is signed out, and no more is asked',
    async (variant) => {
      const [first, ...others] = (await open(lab, variant, 3)) as [Page, ...Page[]]
      const before = refreshes()
      let arrived = (): void => {}
      const committed = new Promise<void>((resolve) => (arrived = resolve))
      let answer = (): void => {}
      const held = new Promise<void>((resolve) => (answer = resolve))
      app.provider.beforeAnswer = async (path) => {
        if (path !== '/token') return
        app.provider.beforeAnswer = null
        arrived()
        await held
      }
      app.refuseSeen()
      await first.evaluate('void window.api()')
      await committed
      await first.closeByUser()
      answer()
      expect(await all(others)).toEqual([401, 401])
      for (const tab of others) {
        await tab.waitFor(`auth.session.value.error?.code === 'session_expired'`)
      }
      expect(await all(others)).toEqual([401, 401])
      expect(refreshes()).toBe(before + 2)
      app.provider.refusals.length = 0
    },
  )
})
