import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'

import { onEachEngine } from './lab.js'
import { buildLibrary } from './library.js'
import { serve, type Answer, type Site } from './site.js'
import type { Page } from './types.js'

const TABS = 12

let library = ''
let site: Site
/** Who the server says is signed in, in this browser. */
let user: string | null = 'Ada'
/** When each lookup was asked, in ms since the epoch. */
let asked: number[] = []
/** ms that the server takes to say so. */
let delay = 0
/** Whether the next lookup is to wait until this is called. */
let hold = false
let release: (() => void) | undefined

const answer: Answer = async ({ pathname, searchParams }) => {
  if (pathname === '/library.js') {
    return { html: library, headers: { 'content-type': 'text/javascript' } }
  }
  if (pathname === '/login') {
    user = searchParams.get('as')
    return { html: '<!doctype html><script>location.replace("/app")</script>' }
  }
  if (pathname === '/elsewhere') return { html: '<!doctype html><title>Elsewhere</title>' }
  if (pathname === '/app') {
    return {
      html: `<!doctype html><title>App</title><script type="module">
        import { createAuthClient } from '/library.js'
        const pollInterval = Number(new URLSearchParams(location.search).get('poll'))
        window.seen = []
        window.events = []
        window.auth = createAuthClient({
          baseURL: '/auth',
          session: { pollInterval },
          debug: (event) => events.push(event.type + ' ' + (event.reason ?? event.status)),
        })
        auth.session.subscribe(({ isPending, data }) => {
          if (!isPending) seen.push(data && data.user.name)
        })
      </script>`,
    }
  }
  if (!pathname.startsWith('/auth/')) return undefined
  if (pathname === '/auth/session') {
    asked.push(Date.now())
    const name = user
    await new Promise((resolve) => setTimeout(resolve, delay))
    if (hold) {
      hold = false
      await new Promise<void>((resolve) => (release = resolve))
    }
    return json({
      success: name !== null,
      session: name && { user: { sub: name, name }, expires: '2999-01-01T00:00:00.000Z' },
    })
  }
  if (pathname === '/auth/signOut') user = null
  return json({ success: true, csrfToken: 'token' })
}

const json = (body: unknown) => ({
  html: JSON.stringify(body),
  headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
})

beforeAll(async () => {
  library = await buildLibrary()
  site = await serve(answer)
})
afterAll(async () => site.close())
beforeEach(() => {
  user = 'Ada'
  asked = []
  delay = 0
  hold = false
})
afterEach(() => release?.())

const shows = async (page: Page, name: string | null): Promise<unknown> =>
  page.waitFor(`window.seen?.length > 0 && seen.at(-1) === ${JSON.stringify(name)}`)
const seen = async (page: Page): Promise<unknown> => page.evaluate('window.seen')
/** How many lookups the server sees in the next 20 s. */
const countPolls = async (): Promise<number> => {
  const before = asked.length
  await new Promise((resolve) => setTimeout(resolve, 20_000))
  return asked.length - before
}

onEachEngine(({ engine, profile }) => {
  test('two tabs hear a sign-out, and nobody asks', async () => {
    const { window } = await profile()
    const [one, two] = [await window(`${site.app}/app`), await window(`${site.app}/app`)]
    await shows(one, 'Ada')
    await shows(two, 'Ada')
    const before = asked.length
    await one.evaluate('auth.signOut()')
    await shows(two, null)
    expect(asked.length - before).toBe(0)
  })

  test('a page from the back/forward cache asks once, and hears again', async () => {
    const { window } = await profile()
    const page = await window(`${site.app}/app`)
    await shows(page, 'Ada')
    await page.follow(`${site.app}/elsewhere`)
    user = 'Grace'
    const before = asked.length
    await page.goBack()
    await shows(page, 'Grace')
    expect(asked.length - before).toBe(1)
    const other = await window(`${site.app}/app`)
    await shows(other, 'Grace')
    await other.evaluate('auth.signOut()')
    await shows(page, null)
    if (engine.name === 'chromium') expect(await seen(page)).toEqual(['Ada', 'Grace', null])
  })

  // Other engines have no way to be told to show twelve windows at once, or to crash.
  if (engine.name !== 'chromium') return
  describe(`with ${TABS} tabs`, () => {
    test('polls as often as with one', async () => {
      const { window } = await profile()
      const pages = [await window(`${site.app}/app?poll=2000`)]
      await shows(pages[0]!, 'Ada')
      const alone = await countPolls()
      while (pages.length < TABS) pages.push(await window(`${site.app}/app?poll=2000`))
      for (const page of pages) await shows(page, 'Ada')
      for (const page of pages) {
        expect(await page.evaluate('document.visibilityState')).toBe('visible')
      }
      const together = await countPolls()
      expect(alone).toBeGreaterThanOrEqual(8)
      expect(Math.abs(together - alone)).toBeLessThanOrEqual(1)
      for (const page of pages) expect(await seen(page)).toEqual(['Ada']) // and nobody was told

      const before = asked.length
      await pages[0]!.evaluate('auth.signOut()')
      for (const page of pages) await shows(page, null)
      expect(asked.length - before).toBe(0)
    }, 120_000)

    test.each([0, 300, 3000])(
      'restored at once, asks twice at most: server takes %i ms',
      async (ms) => {
        delay = ms
        const { restore } = await profile()
        const pages = await restore(Array.from({ length: TABS }, () => `${site.app}/app`))
        for (const page of pages) await shows(page, 'Ada')
        expect(asked.length).toBeLessThanOrEqual(2)
      },
      60_000,
    )

    test('never shows a new tab who was signed in before it, and tells the others', async () => {
      const { window } = await profile()
      const old = await window(`${site.app}/app`)
      await shows(old, 'Ada')
      // A lookup of the old tab is under way while the new one signs in as somebody else.
      hold = true
      await old.evaluate('void auth.refetch()')
      await expect.poll(() => asked.length).toBe(2)
      const fresh = await window(`${site.app}/login?as=Grace`)
      await fresh.waitFor(`location.pathname === '/app' && window.auth !== undefined`)
      release?.()
      await shows(fresh, 'Grace')
      await shows(old, 'Grace')
      expect(await seen(fresh)).toEqual(['Grace'])
    })

    test('a tab that dies while it asks is replaced by another', async () => {
      const { window } = await profile()
      const [one, two] = [await window(`${site.app}/app`), await window(`${site.app}/app`)]
      await shows(one, 'Ada')
      await shows(two, 'Ada')
      const nobodyAsks = `navigator.locks.query().then(({ held }) => held.length === 0)`
      await two.waitFor(nobodyAsks)
      hold = true
      user = 'Grace'
      await one.goto(`${site.app}/app`)
      await expect.poll(() => asked.length).toBe(3)
      const third = await window(`${site.app}/app`)
      const died = Date.now()
      await one.goto('chrome://crash').catch(() => null)
      await shows(third, 'Grace')
      expect(asked.length).toBe(4)
      expect(asked[3]! - died).toBeLessThan(5_000)
    })
  })
})
