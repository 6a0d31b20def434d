import { afterAll, beforeAll, expect, test } from 'vitest'

import { startApp, titled, type App } from './gotrue/app.js'
import { onEachEngine } from './lab.js'

// Links in mails, in a tab of their own, as mail programs open them.

const FLAVORS = ['fork2022', 'current'] as const

let apps: App[]
beforeAll(async () => {
  apps = await Promise.all(FLAVORS.map(startApp))
  for (const { gotrue } of apps) gotrue.gotrue.knobs.autoconfirm = false
})
afterAll(async () => void (await Promise.all(apps.map(async (app) => app.close()))))

const kind = 'auth.session.value.data.kind'

onEachEngine(({ profile }) => {
  test.each(FLAVORS)('%s: a confirmation and a recovery, the address clean', async (flavor) => {
    const app = apps.find((one) => one.flavor === flavor)!
    const { page } = await profile()
    const tab = await page(`${app.url}/local/`)
    await titled(tab, 'unauthenticated')
    const email = `${crypto.randomUUID()}@winter.example`
    const link = (): string =>
      app.gotrue.gotrue.outbox.filter(({ to }) => to === email).at(-1)!.link!
    const exchanges = app.grants('pkce')
    const call = async (method: string, form: object): Promise<unknown> =>
      tab.evaluate(`auth.${method}(${JSON.stringify(form)}).then((it) => it?.status ?? null)`)

    const redirectTo = '/local/welcome?kept=1'
    const account = { email, password: 'correct horse', redirectTo }
    expect(await call('signUp', account)).toBe('confirmation_required')
    const first = await page(link())
    await titled(first, email)
    expect(await first.url()).toBe(`${app.url}${redirectTo}`)
    expect(await first.evaluate(kind)).toBe('signup')
    // The tab that had asked for it has heard.
    await titled(tab, email)
    await tab.click('#out')
    await titled(first, 'unauthenticated')

    await call('recover', { email, redirectTo: '/local/password' })
    const second = await page(link())
    await titled(second, email)
    expect(await second.url()).toBe(`${app.url}/local/password`)
    expect(await second.evaluate(kind)).toBe('recovery')
    await second.reload()
    await titled(second, email)
    expect(await second.evaluate(kind)).toBe('recovery')
    await second.evaluate(`auth.updateUser({ password: 'another horse' }).then(() => true)`)
    expect(await second.evaluate(kind)).toBe('signIn')
    expect(app.grants('pkce') - exchanges).toBe(flavor === 'current' ? 2 : 0)

    // Whoever opens it once more, from the mail, is told.
    const again = await page(link())
    await again.waitFor(`window.code === 'otp_expired'`)
    expect(await again.url()).toBe(`${app.url}/local/password`)
    await titled(again, email)
  })
})
