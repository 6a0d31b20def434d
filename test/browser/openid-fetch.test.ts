import { afterAll, beforeAll, expect, test } from 'vitest'

import { onEachEngine } from './lab.js'
import { startApp, type App } from './openid/app.js'
import type { Page } from './types.js'

// What a browser makes of the app's own requests, once they have the token.

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

async function signIn(tab: Page): Promise<void> {
  await tab.waitFor(`document.title === 'unauthenticated' && window.isReady === true`)
  await tab.click('#redirect')
  await tab.click('#allow')
  await tab.waitFor(`document.title === 'Ada Winter' && window.isReady === true`)
}
const told = (call: string): string => `auth.fetch(${call}).then((response) => response.text())`

onEachEngine(({ profile }) => {
  test('a body is sent whole, also after a 401, and where the server has moved', async () => {
    const { page } = await profile()
    const tab = await page(`${app.url}/static/`)
    await signIn(tab)
    for (const path of ['/api', '/api/moved']) {
      for (const body of [`'whole'`, `new Blob(['whole'])`, `new URLSearchParams({ whole: '' })`]) {
        await tab.evaluate('window.api()')
        app.refuseSeen()
        const sent = `'${path}', { method: 'POST', body: ${body} }`
        expect(await tab.evaluate(told(sent))).toMatch('whole')
      }
    }
  })

  test.each(['static', 'dpop'])(
    '%s: sent on to another origin, no request takes the token along',
    async (variant) => {
      const { page } = await profile()
      const { url, strayed } = variant === 'dpop' ? bound : app
      const tab = await page(`${url}/${variant}/`)
      await signIn(tab)
      expect(await tab.evaluate(told(`'/api'`))).toMatch(/^(Bearer|DPoP) /)
      expect(await tab.evaluate(told(`'/api/away'`))).toBe('away')
      expect(strayed.at(-1)!.get('authorization')).toBe(null)
    },
  )
})
