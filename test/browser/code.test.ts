import { afterAll, beforeAll, expect, test } from 'vitest'

import { startCodeStage, type CodeStage } from './code-stage.js'
import { onEachEngine } from './lab.js'
import { openPopup } from './stage.js'
import type { Page, Profile } from './types.js'

// A landing that carries a code, which is good for one exchange.

let stage: CodeStage

beforeAll(async () => {
  stage = await startCodeStage()
})
afterAll(async () => stage.close())

const open = async ({ page }: Profile, path = '/app'): Promise<Page> => {
  const app = await page(stage.app + path)
  await isReady(app)
  return app
}
const isReady = async (app: Page): Promise<unknown> => app.waitFor('window.isReady === true')
const isSignedIn = async (app: Page): Promise<unknown> => app.waitFor(`document.title === 'Ada'`)
const leave = async (app: Page): Promise<void> => {
  await app.click('#redirect')
  await app.waitFor(`document.title === 'Provider'`)
  await app.click('#allow')
}
const allow = async (popup: Page): Promise<void> => {
  await popup.click('#allow')
  await popup.waitForClose()
}
/** How many codes have been spent since. */
const counting = (): (() => number) => {
  const before = stage.spent.length
  return () => stage.spent.length - before
}

onEachEngine(({ profile }) => {
  test('is out of the address before anything is asked, and the page’s own state stays', async () => {
    const app = await open(await profile())
    const spent = counting()
    await leave(app)
    await isSignedIn(app)
    const clean = `${stage.app}/app#/a?b`
    expect(stage.landings.at(-1)).toContain('code=')
    expect(await app.evaluate('[clean, asked, location.href, landed]')).toEqual([
      clean,
      0,
      clean,
      clean,
    ])
    expect(await app.evaluate('history.state')).toEqual({ router: 1 })
    expect(await app.evaluate('sessionStorage.length + localStorage.length')).toBe(0)
    expect(spent()).toBe(1)
  })

  test('is out of it also when the exchange fails, after which it works again', async () => {
    const app = await open(await profile())
    stage.token.status = 400
    await leave(app)
    await app.waitFor(`window.landed === 'exchange_failed'`)
    stage.token.status = 200
    expect(await app.url()).toBe(`${stage.app}/app#/a?b`)
    expect(await app.evaluate('sessionStorage.length')).toBe(0)
    await isReady(app)
    await leave(app)
    await isSignedIn(app)
  })

  test('is spent once, whoever goes back, forward, or reloads', async () => {
    const app = await open(await profile())
    const spent = counting()
    await leave(app)
    await isSignedIn(app)
    await app.goBack()
    expect(await app.evaluate('location.search')).not.toContain('code=')
    await app.evaluate('void setTimeout(() => history.forward())')
    await app.waitFor(`location.pathname === '/app' && window.isReady === true`)
    expect(await app.url()).toBe(`${stage.app}/app#/a?b`)
    await app.reload()
    await isReady(app)
    expect(await app.evaluate('window.landed')).toBe(null)
    expect(spent()).toBe(1)
  })

  test('is gone with a reload during the exchange, and the next sign-in works', async () => {
    const app = await open(await profile())
    const spent = counting()
    let release!: () => void
    stage.token.hold = new Promise((resolve) => (release = resolve))
    await leave(app)
    await expect.poll(spent).toBe(1)
    await app.reload()
    await isReady(app)
    stage.token.hold = undefined
    release()
    expect(await app.evaluate('[landed, document.title, sessionStorage.length]')).toEqual([
      null,
      'unauthenticated',
      0,
    ])
    expect(spent()).toBe(1)
    await leave(app)
    await isSignedIn(app)
    expect(spent()).toBe(2)
  })

  test('by way of the static callback page is handed on once, to its own client', async () => {
    const app = await open(await profile(), '/static')
    const spent = counting()
    await leave(app)
    await isSignedIn(app)
    expect(await app.url()).toBe(`${stage.app}/static#/a?b`)
    expect(await app.evaluate(`create('/other').completeSignIn()`)).toBe(null)
    expect(await app.evaluate('sessionStorage.length')).toBe(0)
    await app.reload()
    await isReady(app)
    expect(await app.evaluate('window.landed')).toBe(null)
    expect(spent()).toBe(1)
  })

  test('replayed after a popup has spent it, is spent nowhere', async () => {
    const user = await profile()
    const app = await open(user, '/static')
    const spent = counting()
    await allow(await openPopup(user, app))
    await app.waitFor(`window.result === 'Ada'`)
    const replay = await user.page(stage.landings.at(-1)!)
    await replay.waitFor(`document.body.innerText.includes('no sign-in to finish')`, {
      timeout: 15_000,
    })
    expect(await replay.url()).toBe(`${stage.app}/callback`)
    expect(spent()).toBe(1)
  })

  test('of two tabs, finished in the other order, is each tab’s own', async () => {
    const user = await profile()
    const one = await open(user, '/static')
    const first = await openPopup(user, one)
    const two = await open(user, '/static')
    const second = await openPopup(user, two)
    const ids = [await first.evaluate('window.name'), await second.evaluate('window.name')]
    const before = stage.spent.length
    await allow(second)
    await two.waitFor(`window.result === 'Ada'`)
    expect(await one.evaluate('sessionStorage.length')).toBeGreaterThan(0)
    await allow(first)
    await isSignedIn(one)
    expect(stage.spent.slice(before).map(({ verifier }) => verifier)).toEqual([
      `verifier of ${String(ids[1])}`,
      `verifier of ${String(ids[0])}`,
    ])
    for (const app of [one, two]) expect(await app.evaluate('sessionStorage.length')).toBe(0)
  })

  test('signs in also where the app’s own listener throws, and leaves nothing', async () => {
    const user = await profile()
    const app = await open(user, '/static')
    await app.evaluate(`void auth.session.listen(() => { throw new Error('the bug of the app') })`)
    await allow(await openPopup(user, app))
    await app.waitFor(`window.result === 'Ada'`)
    expect(await app.evaluate('sessionStorage.length + localStorage.length')).toBe(0)
  })
})
