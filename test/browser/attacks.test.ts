import { afterAll, beforeAll, expect, test } from 'vitest'

import { onEachEngine } from './lab.js'
import { openApp, openPopup, startStage, type Stage } from './stage.js'
import type { Page } from './types.js'

let stage: Stage

beforeAll(async () => {
  stage = await startStage()
})
afterAll(async () => stage.close())

const idle = `(window.result ?? null)`
/** The id of the sign-in under way, which the provider and everybody in its page can know. */
const idOf = async (app: Page): Promise<string> => {
  const [key] = await app.evaluate<string[]>(
    `Object.keys(sessionStorage).filter((key) => key.startsWith('latchkey:tx:'))`,
  )
  return key!.slice('latchkey:tx:'.length)
}
const settled = async (app: Page): Promise<unknown> =>
  app.evaluate(`new Promise((done) => setTimeout(() => done(${idle}), 300))`)

onEachEngine(({ engine, profile }) => {
  // auth0-spa-js took messages from any origin until March 2026 (auth0-spa-js#1563).
  test('a provider that posts the right id with a code of its own is not heard', async () => {
    const user = await profile()
    const app = await openApp(user, stage.url())
    const popup = await openPopup(user, app)
    const id = await idOf(app)
    await popup.evaluate(
      (latchkey: string, origin: string) =>
        (window.opener as Window).postMessage(
          { latchkey, landing: `${origin}/callback?latchkey=${latchkey}&code=evil` },
          '*',
        ),
      id,
      stage.app,
    )
    expect(await settled(app)).toBe(null)
    await popup.click('#allow')
    await app.waitFor(`window.result === 'Ada'`)
  })

  // With a fixed name (auth0-spa-js and better-auth have one) the running popup goes to the
  // phisher's page, in Firefox without any gesture.
  test('a third party’s frame cannot send the popup elsewhere by a name it knows', async () => {
    const hijack = async (app: Page): Promise<void> => {
      await app.evaluate(() => {
        const names = ['auth0:authorize:popup', 'better-auth-oauth', 'latchkey', 'latchkey:popup']
        ;(document.querySelector('iframe') as HTMLIFrameElement).contentWindow!.postMessage(
          names,
          '*',
        )
      })
    }
    const user = await profile()
    const app = await openApp(user, stage.url({}, 'frame'))
    const popup = await openPopup(user, app)
    await hijack(app)
    expect(await settled(app)).toBe(null)
    expect(await popup.evaluate('document.title')).toBe('Provider')
    expect(await popup.evaluate('window.name')).toMatch(/^[\w-]{22}$/)
    await popup.click('#allow')
    await app.waitFor(`window.result === 'Ada'`)

    // That this is an attack: the same against a name that it knows.
    const theirs = await openPopup(user, app, '#named')
    await hijack(app)
    if (engine.name === 'firefox') await theirs.waitFor(`document.title === 'Phish'`)
  })

  // Reverse tabnabbing: everybody whose popup keeps its opener, which is everybody.
  test('an isolated popup cannot lead the app away', async () => {
    const user = await profile()
    const app = await openApp(user, stage.url({}, 'isolate'))
    const popup = await openPopup(user, app)
    const lead = (url: string): string => {
      try {
        ;(window.opener as Window).location.href = url
        return 'led'
      } catch (error) {
        return (error as Error).name
      }
    }
    const phish = `${stage.third}/phish`
    expect(await popup.evaluate(lead, phish)).toBe('TypeError')
    expect(await settled(app)).toBe(null)
    expect(await app.url()).toBe(stage.url({}, 'isolate'))
    await popup.click('#allow')
    await app.waitFor(`window.result === 'Ada'`)
    await popup.waitForClose()

    // That this is an attack: the same against a popup that has its opener.
    const plain = await profile()
    const led = await openApp(plain, stage.url())
    const leads = await openPopup(plain, led)
    expect(await leads.evaluate(lead, phish)).toBe('led')
    await led.waitFor(`document.title === 'Phish'`)
  })

  // Login CSRF: auth-js exchanges whatever `?code=` it finds.
  test('somebody’s callback link signs nobody in, and leads nowhere', async () => {
    const user = await profile()
    const id = 'x'.repeat(22)
    const link = await user.page(`${stage.app}/callback?code=evil&state=${id}&latchkey=${id}`)
    await link.waitFor(`location.href === '${stage.app}/callback'`)
    await link.waitFor(`document.body.innerText.includes('no sign-in to finish')`, {
      timeout: 15_000,
    })
    expect(await link.evaluate('location.href')).toBe(`${stage.app}/callback`)
  })

  // Repeated in MSAL's own issues as `no_token_request_cache_error` after a reload.
  test('a landing that is replayed finds nothing', async () => {
    const user = await profile()
    const app = await openApp(user, stage.url())
    const popup = await openPopup(user, app)
    await popup.click('#allow')
    await app.waitFor(`window.result === 'Ada'`)
    await popup.waitForClose()
    const replay = await user.page(stage.landings.at(-1)!)
    await replay.waitFor(`location.href === '${stage.app}/callback'`)
    // It calls for somebody whose sign-in that was, four times a second.
    expect(await settled(app)).toBe('Ada')
    expect(await app.evaluate('document.title')).toBe('Ada')
    expect(await replay.isClosed()).toBe(false)
  })

  test('the callback in somebody’s frame does nothing, even without the headers against it', async () => {
    const user = await profile()
    const app = await openApp(user, stage.url())
    const popup = await openPopup(user, app)
    const landing = `${stage.app}/callback?latchkey=${await idOf(app)}`
    // The headers of docs/callback.html forbid it; this callback has none of those.
    const evil = await user.page(`${stage.third}/authorize`)
    await evil.evaluate((src: string) => {
      const frame = document.createElement('iframe')
      frame.src = src
      document.body.append(frame)
      return new Promise((done) => {
        frame.onload = () => setTimeout(() => done(null), 500)
      })
    }, landing)
    expect(await settled(app)).toBe(null)
    expect(await popup.isClosed()).toBe(false)
  })

  // oidc-client-ts and MSAL address theirs, better-auth's carries the session token itself.
  test('what crosses the windows is addressed to this origin, and is no verifier and no token', async () => {
    const user = await profile()
    const app = await openApp(user, stage.url({ callback: 'spied' }))
    const popup = await openPopup(user, app)
    await app.evaluate(() => {
      const posted: unknown[] = []
      Object.assign(window, { posted })
      window.addEventListener('message', ({ data }) => posted.push(data))
    })
    await popup.click('#allow')
    await app.waitFor(`window.result === 'Ada'`)
    const addressed = await app.evaluate<string>(`localStorage.getItem('addressed')`)
    expect(new Set(addressed.trim().split(' '))).toEqual(new Set([stage.app]))
    const posted = await app.evaluate<object[]>('window.posted')
    for (const data of posted) expect(Object.keys(data).sort()).toEqual(['landing', 'latchkey'])
  })

  test('a <base> of somebody else’s does not move redirectTo', async () => {
    const user = await profile()
    const app = await openApp(user, stage.url())
    await app.evaluate((evil: string) => {
      const base = document.createElement('base')
      base.href = evil
      document.head.append(base)
      Object.assign(window, { redirectTo: 'app' })
    }, `${stage.third}/`)
    await app.click('#redirect')
    await app.click('#allow')
    await app.waitFor(`document.title === 'Ada'`)
    expect(await app.evaluate('location.origin + location.pathname')).toBe(`${stage.app}/app`)
  })

  test('all of it under the strictest Content-Security-Policy, without a violation', async () => {
    const user = await profile()
    const app = await openApp(user, stage.url({ provider: 'same-origin' }))
    const popup = await openPopup(user, app)
    await popup.click('#allow')
    await app.waitFor(`window.result === 'Ada'`)
    await app.click('#out')
    await app.waitFor(`document.title === 'unauthenticated'`)
    await app.click('#redirect')
    await app.click('#deny')
    await app.waitFor(`window.landed === 'access_denied'`)
    expect(await app.evaluate(`localStorage.getItem('violation')`)).toBe(null)
    // That one would have been noticed, on each of the two pages.
    await app.evaluate(`void document.body.setAttribute('style', 'color: red')`)
    await app.waitFor(`localStorage.getItem('violation')?.startsWith('style-src')`)
  })
})
