import { afterAll, beforeAll, expect, test } from 'vitest'

import { startDemo, type Demo } from '../../demo/start.js'
import { onEachEngine } from './lab.js'
import type { Page } from './types.js'

let demo: Demo

beforeAll(async () => {
  demo = await startDemo({ port: 0 })
})
afterAll(async () => {
  await demo.close()
})

const panel = '[data-panel=mailboxes]'
const waitForAccounts = async (app: Page, accounts: readonly string[]): Promise<unknown> =>
  app.waitFor(
    `[...document.querySelectorAll('${panel} [data-account]')]
      .map((one) => one.dataset.account + ' ' + one.dataset.role).join() === '${accounts.join()}'`,
    { timeout: 20_000 },
  )

onEachEngine(({ profile }) => {
  test('one user, a primary and two linked mailboxes, one of which dies and is mended', async () => {
    const { page, popup } = await profile()
    const app = await page(`${demo.url}/mailboxes`)
    const press = async (action: string): Promise<Page> =>
      popup(async () => app.click(`${panel} [data-action=${action}]`))

    await (await press('google')).click('#allow')
    await waitForAccounts(app, ['Google primary'])
    await (await press('link-office365')).click('#allow')
    await waitForAccounts(app, ['Office365 secondary', 'Google primary'])
    const form = await press('link-imap')
    await form.waitFor(`!!document.querySelector('#email')`)
    await form.evaluate(`document.querySelector('#email').value = 'ada@imap.example'`)
    await form.click('#allow')
    await waitForAccounts(app, ['IMAP secondary', 'Office365 secondary', 'Google primary'])

    await app.click('[data-page="/mailboxes"] [data-fault=dead]')
    await app.click('[data-page="/mailboxes"] [data-action=refetch]')
    await app.waitFor(`!!document.querySelector('[data-account=Office365][data-token=dead]')`)
    await (await press('reauthorize')).click('#allow')
    await app.waitFor(`!!document.querySelector('[data-account=Office365][data-token=active]')`)

    await app.click('[data-account=IMAP] [data-action=remove]')
    await waitForAccounts(app, ['Office365 secondary', 'Google primary'])
    await app.click('[data-account=Google] [data-action=remove]')
    await app.waitFor(`document.querySelector('${panel} [data-status=unauthenticated]')`)
    expect(await app.url()).toBe(`${demo.url}/mailboxes`)
  })
})
