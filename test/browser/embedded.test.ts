import { afterAll, beforeAll, expect, test } from 'vitest'

import { onEachEngine } from './lab.js'
import { startStage, type Stage } from './stage.js'
import type { Page, Profile } from './types.js'

// The app in a frame of another site. There storage is partitioned, and channels with it.

let stage: Stage

beforeAll(async () => {
  stage = await startStage()
})
afterAll(async () => stage.close())

const open = async ({ page }: Profile, query: string): Promise<Page> => {
  const host = await page(`${stage.third}/host?${query}`)
  await host.waitFor('window.isReady === true')
  return host
}

const openPopup = async (user: Profile, host: Page): Promise<Page> => {
  const popup = await user.popup(async () => host.click('iframe'))
  await popup.waitFor(`document.title === 'Provider'`)
  return popup
}

onEachEngine(({ profile }) => {
  test('signs in by the opener, where no channel leads', async () => {
    const user = await profile()
    const host = await open(user, 'provider=none')
    const popup = await openPopup(user, host)
    await popup.click('#allow')
    await host.waitFor(`window.result === 'Ada'`)
    await popup.waitForClose()
  })

  test('with COOP at the provider nothing leads back: both sides say so', async () => {
    const user = await profile()
    const host = await open(user, 'provider=same-origin')
    const popup = await openPopup(user, host)
    await popup.click('#allow')
    await host.waitFor(`window.result === 'popup_closed' && window.hint === 'embedded_coop'`)
    await popup.waitFor(`document.body.innerText.includes('no sign-in to finish')`, {
      timeout: 15_000,
    })
    expect(await popup.evaluate('location.href')).toBe(`${stage.app}/callback`)
    expect(await host.evaluate('window.result')).toBe('popup_closed')
  })

  test('a sandbox without popups blocks it, and the frame stays where it is', async () => {
    const user = await profile()
    const host = await open(user, 'provider=none&sandbox=allow-scripts+allow-same-origin')
    await host.click('iframe')
    await host.waitFor(`window.result === 'popup_blocked'`)
    expect(await host.evaluate('frames.length')).toBe(1)
    expect(await user.pages()).toHaveLength(1)
  })
})
