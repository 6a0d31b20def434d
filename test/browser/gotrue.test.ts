import { afterAll, beforeAll, expect, test } from 'vitest'

import type { Flavor } from '../../demo/backends/gotrue.js'
import { startApp, type App } from './gotrue/app.js'
import { onEachEngine } from './lab.js'
import type { Page } from './types.js'

const apps = new Map<Flavor, App>()
beforeAll(async () => {
  for (const flavor of FLAVORS) apps.set(flavor, await startApp(flavor))
})
afterAll(async () => void (await Promise.all([...apps.values()].map(async (app) => app.close()))))

const FLAVORS = ['fork2022', 'current'] as const
const EMAIL = 'ada@winter.example'

const titled = async (page: Page, title: string): Promise<unknown> =>
  page.waitFor(`document.title === ${JSON.stringify(title)} && window.isReady === true`)
const posts = ({ gotrue }: App, grant: string): number =>
  gotrue.gotrue.requests.filter((request) => request.grant === grant).length
const settled = `auth.getSession().then(() => auth.prepare()).then(() => true)`

onEachEngine(({ profile }) => {
  for (const flavor of FLAVORS) {
    test(`${flavor}: by redirect, there and back again, refused and allowed`, async () => {
      const app = apps.get(flavor)!
      const { page } = await profile()
      const tab = await page(`${app.url}/local/`)
      await titled(tab, 'unauthenticated')
      await tab.click('#redirect')
      await tab.click('#deny')
      await tab.waitFor(`window.code === 'access_denied'`)
      expect(await tab.url()).toBe(`${app.url}/local/home?kept=1#here`)
      await tab.click('#redirect')
      await tab.click('#allow')
      await titled(tab, EMAIL)
      expect(await tab.url()).toBe(`${app.url}/local/home?kept=1#here`)
      expect(await tab.evaluate('window.seen')).toEqual(['pending', 'authenticated'])
      // All tabs are signed in, and out, together.
      const other = await page(`${app.url}/local/`)
      await titled(other, EMAIL)
      await other.click('#out')
      await titled(tab, 'unauthenticated')
      expect(await tab.evaluate('auth.getAccessToken()')).toBe(null)
    })

    test(`${flavor}: by popup, which exchanges nothing, and keeps nothing`, async () => {
      const app = apps.get(flavor)!
      const { page, popup, pages } = await profile()
      const tab = await page(`${app.url}/memory/`)
      await titled(tab, 'unauthenticated')
      await tab.evaluate(settled)
      const [entries, before, said] = [
        await tab.evaluate('history.length'),
        posts(app, 'pkce'),
        app.kept.length,
      ]
      await tab.evaluate(`window.unsaved = 'still here'`)
      const first = await popup(async () => tab.click('#popup'))
      await first.click('#deny')
      await tab.waitFor(`window.code === 'access_denied'`)
      const second = await popup(async () => tab.click('#popup'))
      await second.click('#allow')
      await titled(tab, EMAIL)
      await second.waitForClose()
      expect(await tab.evaluate('window.unsaved')).toBe('still here')
      expect(await tab.evaluate('history.length')).toBe(entries)
      expect(await pages()).toHaveLength(1)
      expect(posts(app, 'pkce')).toBe(before + (flavor === 'current' ? 1 : 0))
      const token = await tab.evaluate<string>('auth.getAccessToken()')
      const kept = app.kept.slice(said).join('\n')
      expect(kept).toContain('replaceState')
      expect(kept).not.toMatch(/access_token|refresh_token|eyJ/)
      expect(kept).not.toContain(token)
    })

    test(`${flavor}: a provider that is off opens no window`, async () => {
      const app = apps.get(flavor)!
      const { page, pages } = await profile()
      const tab = await page(`${app.url}/memory/`)
      await titled(tab, 'unauthenticated')
      await tab.evaluate(settled)
      await tab.click('#apple')
      await tab.waitFor(`window.code === 'provider_disabled'`)
      expect(await pages()).toHaveLength(1)
    })
  }

  test('current: an identity is linked from the page that stays', async () => {
    const app = apps.get('current')!
    const { page, popup } = await profile()
    const tab = await page(`${app.url}/local/`)
    await titled(tab, 'unauthenticated')
    const email = `${crypto.randomUUID()}@winter.example`
    app.gotrue.gotrue.knobs.person = { ...PERSON, sub: crypto.randomUUID(), email }
    const account = JSON.stringify({ email: `own-${email}`, password: 'correct horse' })
    await tab.evaluate(`auth.signUp(${account}).then(() => true)`)
    await titled(tab, `own-${email}`)
    const window = await popup(async () => tab.click('#link'))
    await window.click('#allow')
    await tab.waitFor(`auth.session.value.data.identities.length === 2`)
    expect(await tab.evaluate('auth.session.value.data.user.email')).toBe(`own-${email}`)
    app.gotrue.gotrue.knobs.person = PERSON
  })

  test('two tabs refresh at once: one of them asks, both have the new token', async () => {
    const app = apps.get('fork2022')!
    const { page } = await profile()
    const tab = await page(`${app.url}/local/`)
    await titled(tab, 'unauthenticated')
    await tab.click('#redirect')
    await tab.click('#allow')
    await titled(tab, EMAIL)
    const other = await page(`${app.url}/local/`)
    await titled(other, EMAIL)
    const before = posts(app, 'refresh_token')
    // Both are told by their own API that the token is no longer good.
    const refused = `auth.fetch('${app.gotrue.url}/user/none').then(() => auth.getAccessToken())`
    const expire = `(() => {
      const key = Object.keys(localStorage).find((name) => name.startsWith('latchkey:tokens:') && !name.endsWith('mail'))
      const held = JSON.parse(localStorage.getItem(key))
      localStorage.setItem(key, JSON.stringify({ ...held, expiresAt: Date.now() - 1, sentAt: held.sentAt }))
    })()`
    await tab.evaluate(expire)
    const tokens = await Promise.all([tab, other].map(async (one) => one.evaluate(refused)))
    expect(new Set(tokens).size).toBe(1)
    expect(tokens[0]).toEqual(expect.any(String))
    expect(posts(app, 'refresh_token')).toBe(before + 1)
  })
})

const PERSON = { sub: '483920', email: EMAIL, emailVerified: true, name: 'Ada Winter' }
