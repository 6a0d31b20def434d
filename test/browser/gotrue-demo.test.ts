import { afterAll, beforeAll, expect, test } from 'vitest'

import { startDemo, type Demo } from '../../demo/start.js'
import { onEachEngine } from './lab.js'

let demo: Demo

beforeAll(async () => {
  demo = await startDemo({ port: 0 })
})
afterAll(async () => {
  await demo.close()
})

const panel = '[data-panel=gotrue]'
const shown = (status: string): string =>
  `document.querySelector('${panel} [data-status=${status}]') !== null`

onEachEngine(({ profile }) => {
  test('both generations on one page: by popup, by redirect and by mail', async () => {
    const { page, popup } = await profile()
    const app = await page(`${demo.url}/gotrue`)
    for (const flavor of ['current', 'fork2022']) {
      await app.waitFor(shown('unauthenticated'))
      const window = await popup(() => app.click(`${panel} [data-action=popup]`))
      await window.click('#allow')
      await app.waitFor(shown('authenticated'))
      expect(await app.text(`${panel} [data-who]`)).toBe('ada@winter.example, by signIn')
      await app.click(`${panel} [data-action=sign-out]`)
      await app.waitFor(shown('unauthenticated'))
      await app.click(`${panel} [data-action=redirect]`)
      await app.click('#deny')
      await app.waitFor(`!!document.querySelector('${panel} [data-error=access_denied]')`)
      await app.click(`${panel} [data-action=mail]`)
      await app.click(`${panel} [data-mail]`)
      await app.waitFor(shown('authenticated'))
      expect(await app.text(`${panel} [data-who]`)).toBe('ada@winter.example, by magiclink')
      expect(await app.url()).toBe(`${demo.url}/gotrue`)
      await app.click(`${panel} [data-action=sign-out]`)
      await app.waitFor(shown('unauthenticated'))
      if (flavor === 'current') await app.click('[data-flavor]')
    }
  })
})
