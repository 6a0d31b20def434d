import { afterAll, beforeAll, expect, test } from 'vitest'

import { onEachEngine } from './lab.js'
import { openApp, startStage, type Stage } from './stage.js'
import type { Page } from './types.js'

// What one click is good for: a while, and one window.

let stage: Stage

beforeAll(async () => {
  stage = await startStage()
})
afterAll(async () => stage.close())

/** The click waits for something else before it signs in. */
const wait = async (app: Page, ms: number): Promise<unknown> =>
  app.evaluate((delay: number) => {
    const { auth } = window as unknown as { auth: { signIn: (...args: unknown[]) => void } }
    document.getElementById('other')!.onclick = () =>
      void setTimeout(() => auth.signIn('none', { popup: true, redirectTo: '/app' }), delay)
  }, ms)

onEachEngine(({ engine, profile }) => {
  // WebKit forgets a click sooner than the five seconds that the others remember it.
  const soon = engine.name === 'webkit' ? 500 : 4_500

  test(`a click opens the popup also ${soon} ms later`, async () => {
    const user = await profile()
    const app = await openApp(user, stage.url())
    await wait(app, soon)
    const popup = await user.popup(async () => app.click('#other'))
    await popup.click('#allow')
    await app.waitFor(`document.title === 'Ada'`)
    await popup.waitForClose()
  })

  test('after more than five seconds it opens none, and the sign-in is a redirect', async () => {
    const user = await profile()
    const app = await openApp(user, stage.url())
    await wait(app, 5_600)
    await app.click('#other')
    await app.waitFor(`document.title === 'Provider'`)
    expect(await user.pages()).toHaveLength(1)
    await app.click('#allow')
    await app.waitFor(`document.title === 'Ada'`)
  })

  test('two sign-ins in one click: the second takes the place of the first, and nobody leaves', async () => {
    const user = await profile()
    const app = await openApp(user, stage.url())
    await app.evaluate(() => {
      const page = window as unknown as {
        auth: { signIn: (...args: unknown[]) => Promise<unknown> }
        results: unknown[]
      }
      page.results = []
      document.getElementById('other')!.onclick = () => {
        for (const provider of ['none', 'other']) {
          void page.auth
            .signIn(provider, { popup: true })
            .catch(({ code }) => page.results.push([provider, code]))
        }
      }
    })
    await app.click('#other')
    await app.waitFor('window.results.length > 0')
    const results = await app.evaluate<unknown[]>('window.results')
    expect(results).toContainEqual(['none', 'superseded'])
    const blocked = results.length > 1
    if (engine.name === 'chromium') expect(blocked).toBe(true)
    if (blocked) expect(results).toContainEqual(['other', 'popup_blocked'])
    await expect.poll(async () => (await user.pages()).length).toBe(blocked ? 1 : 2)
    expect(await app.evaluate('[location.pathname, document.title]')).toEqual([
      '/app',
      'unauthenticated',
    ])
    if (blocked) expect(await app.evaluate('sessionStorage.length')).toBe(0)
  })
})
