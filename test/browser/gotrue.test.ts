import { afterAll, beforeAll, expect, test } from 'vitest'

import type { Flavor } from '../../demo/backends/gotrue.js'
import { EMAIL, PERSON, startApp, titled, type App } from './gotrue/app.js'
import { onEachEngine } from './lab.js'

const FLAVORS = ['fork2022', 'current'] as const

const apps = new Map<Flavor, App>()
beforeAll(async () => {
  for (const flavor of FLAVORS) apps.set(flavor, await startApp(flavor))
})
afterAll(async () => void (await Promise.all([...apps.values()].map(async (app) => app.close()))))

const settled = `auth.getSession().then(() => auth.prepare()).then(() => true)`

onEachEngine(({ profile }) => {
  for (const flavor of FLAVORS) {
    test(`${flavor}: by redirect, there and back again, refused and allowed`, async () => {
      const app = apps.get(flavor)!
      const { page } = await profile()
      const tab = await page(`${app.url}/local/`)
      await titled(tab, 'unauthenticated')
      const before = app.grants('pkce')
      await tab.click('#redirect')
      await tab.click('#deny')
      await tab.waitFor(`window.code === 'access_denied'`)
      expect(await tab.url()).toBe(`${app.url}/local/home?kept=1#here`)
      await tab.click('#redirect')
      await tab.click('#allow')
      await titled(tab, EMAIL)
      expect(await tab.url()).toBe(`${app.url}/local/home?kept=1#here`)
      expect(await tab.evaluate('window.seen')).toEqual(['pending', 'authenticated'])
      expect(app.grants('pkce') - before).toBe(flavor === 'current' ? 1 : 0)
      // All tabs are signed in, and out, together.
      const other = await page(`${app.url}/local/`)
      await titled(other, EMAIL)
      await other.click('#out')
      await titled(tab, 'unauthenticated')
      expect(await tab.evaluate('auth.getAccessToken()')).toBe(null)
    })

    test.each([
      ['the page itself', 'memory'],
      ['a page of its own', 'static'],
    ])(`${flavor}: a popup on %s exchanges nothing, and keeps nothing`, async (_, variant) => {
      const app = apps.get(flavor)!
      const { page, popup, pages } = await profile()
      const tab = await page(`${app.url}/${variant}/`)
      await titled(tab, 'unauthenticated')
      await tab.evaluate(settled)
      const entries = await tab.evaluate('history.length')
      const exchanges = app.grants('pkce')
      const users = app.asked('/user')
      const first = app.kept.length
      await tab.evaluate(`window.unsaved = 'still here'`)
      const refused = await popup(async () => tab.click('#popup'))
      await refused.click('#deny')
      await tab.waitFor(`window.code === 'access_denied'`)
      const allowed = await popup(async () => tab.click('#popup'))
      await allowed.click('#allow')
      await titled(tab, EMAIL)
      await allowed.waitForClose()
      expect(await tab.evaluate('window.unsaved')).toBe('still here')
      expect(await tab.evaluate('history.length')).toBe(entries)
      expect(await tab.url()).toBe(`${app.url}/${variant}/`)
      expect(await pages()).toHaveLength(1)
      // One window of the two has asked: with a code for tokens, with tokens whose they are.
      expect(app.grants('pkce') - exchanges).toBe(flavor === 'current' ? 1 : 0)
      expect(app.asked('/user') - users).toBe(flavor === 'current' ? 0 : 1)

      await tab.evaluate(`keepAll('at last')`)
      const kept = (): string => app.kept.slice(first).join('\n')
      await expect.poll(kept).toContain('at last')
      await expect.poll(kept).toContain('pagehide')
      expect(kept()).toContain('replaceState')
      const handed = await tab.evaluate<string[]>('window.handed')
      const secrets = [...handed.join('\n').matchAll(/(?:_token|code)=([^&#"]+)/g)]
      const tokens = secrets.map(([, value]) => value!)
      tokens.push((await tab.evaluate<string>('auth.getAccessToken()'))!)
      expect(tokens.length).toBeGreaterThanOrEqual(flavor === 'current' ? 2 : 4)
      expect(tokens.filter((token) => kept().includes(token))).toEqual([])
    })

    test(`${flavor}: a provider that is off opens no window, or closes the blank one`, async () => {
      const app = apps.get(flavor)!
      const { page, pages, popup } = await profile()
      const tab = await page(`${app.url}/memory/`)
      await titled(tab, 'unauthenticated')
      await tab.evaluate(settled)
      await tab.click('#apple')
      await tab.waitFor(`window.code === 'provider_disabled'`)
      expect(await tab.evaluate('window.opened.length')).toBe(0)

      // A click before the server has said what it has.
      let answer = (): void => {}
      const delay = new Promise<void>((resolve) => {
        answer = resolve
      })
      app.gotrue.gotrue.knobs.faults.push({ on: 'GET /settings', delay })
      await tab.goto(`${app.url}/memory/early`)
      await titled(tab, 'unauthenticated')
      const blank = await popup(async () => tab.click('#apple'))
      expect(await tab.evaluate('[window.opened.length, window.code]')).toEqual([1, null])
      answer()
      await tab.waitFor(`window.code === 'provider_disabled'`)
      await blank.waitForClose()
      expect(await pages()).toHaveLength(1)
    })

    test(`${flavor}: a page that is not on the allow list signs in elsewhere, and says so`, async () => {
      const app = apps.get(flavor)!
      const { page } = await profile()
      const tab = await page(`${app.url}/local/`)
      await titled(tab, 'unauthenticated')
      const first = app.events.length
      const how = `{ redirectTo: '/local/home', redirect: false }`
      const start = new URL(await tab.evaluate<string>(`auth.signIn('github', ${how})`))
      expect(start.searchParams.get('redirect_to')).toBe(`${app.url}/local/home`)
      start.searchParams.set('redirect_to', 'https://elsewhere.example/local/home')
      await tab.follow(start.href)
      await tab.click('#allow')
      await tab.waitFor(`location.pathname === '/local/home'`)
      await titled(tab, EMAIL)
      expect(await tab.url()).toBe(`${app.url}/local/home`)
      const events = (): unknown[] => app.events.slice(first).map((event) => JSON.parse(event))
      const wanted = `${app.url}/local/home`
      await expect
        .poll(events)
        .toEqual([{ type: 'redirect_mismatch', wanted, landed: `${app.url}/` }])
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
})
