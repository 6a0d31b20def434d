import { describe, expect, it } from 'vitest'

import { ada, json, type AuraPayload } from '../aura-server.js'
import { settle, type Page } from '../rig.js'
import { createBrowser, type Browser, type Viewer } from './scene.js'

const MINUTE = 60_000

/** Signed in for as long as these tests run. */
const forever: AuraPayload = { ...ada, expires: '2999-01-01T00:00:00.000Z' }
const grace: AuraPayload = { ...forever, user: { sub: '2', name: 'Grace Summer' } }

const openAll = (count: number, { open }: Browser, change?: (page: Page) => void): Viewer[] =>
  Array.from({ length: count }, () => open(change ? { change } : {}))
const names = (viewers: readonly Viewer[]): unknown[] => [
  ...new Set(viewers.map(({ auth }) => auth.session.value.data?.user.name)),
]

describe('tabs that poll', () => {
  it('ask as often as one of them would', async () => {
    const browser = createBrowser({ pollInterval: MINUTE })
    const { world, server, asked } = browser
    server.session = forever
    const viewers = openAll(5, browser)
    await world.clock.advance(10 * MINUTE)
    expect(asked()).toBeGreaterThanOrEqual(9)
    expect(asked()).toBeLessThanOrEqual(10)
    for (const { told } of viewers) expect(told).toHaveLength(1)
  })

  it('all show what one of them was told', async () => {
    const browser = createBrowser({ pollInterval: MINUTE })
    const { world, server, asked } = browser
    server.session = forever
    const viewers = openAll(5, browser)
    await world.clock.advance(30_000)
    server.session = { ...forever, user: { ...forever.user, name: 'Ada W.' } }
    const before = asked()
    await world.clock.advance(37_000)
    expect(asked() - before).toBe(1)
    expect(names(viewers)).toEqual(['Ada W.'])
    server.session = null
    await world.clock.advance(67_000)
    expect(asked() - before).toBe(2)
    for (const { auth } of viewers) {
      expect(auth.session.value.error?.code).toBe('session_expired')
    }
  })

  it('ask as often as one when the backend takes its time', async () => {
    const browser = createBrowser({ pollInterval: 10_000 })
    const { world, server, asked, delay } = browser
    server.session = forever
    delay(2_000)
    openAll(5, browser)
    await world.clock.advance(MINUTE)
    const before = asked()
    await world.clock.advance(5 * MINUTE)
    expect(asked() - before).toBeLessThanOrEqual(31)
  })

  it('go on when those who could be seen are hidden', async () => {
    const browser = createBrowser({ pollInterval: 10_000 })
    const { world, server, asked } = browser
    server.session = forever
    const [first, ...others] = openAll(5, browser)
    await world.clock.advance(20_000)
    for (const { page } of others) page.show(false)
    const before = asked()
    await world.clock.advance(60_000)
    expect(asked() - before).toBeGreaterThanOrEqual(5)
    first!.page.show(false)
    const hidden = asked()
    await world.clock.advance(60_000)
    expect(asked()).toBe(hidden)
  })

  it('ask once between them when the user comes back to all at the same time', async () => {
    const browser = createBrowser()
    const { world, server, asked } = browser
    server.session = forever
    const viewers = openAll(5, browser)
    await world.clock.advance(MINUTE)
    const before = asked()
    for (const { page } of viewers) page.show(true)
    await world.clock.advance(10_000)
    expect(asked() - before).toBe(1)
  })
})

describe('twelve tabs restored at once', () => {
  it.each([0, 300, 3_000])('ask twice at most: the backend takes %i ms', async (ms) => {
    const browser = createBrowser()
    const { world, server, asked, delay } = browser
    server.session = forever
    if (ms > 0) delay(ms)
    const viewers = openAll(12, browser)
    await world.clock.advance(ms + 10_000)
    expect(names(viewers)).toEqual(['Ada Winter'])
    expect(asked()).toBeLessThanOrEqual(2)
    for (const { told } of viewers) expect(told).toHaveLength(1)
  })

  it('are no crowd at the door of a backend that takes eight seconds', async () => {
    const browser = createBrowser()
    const { world, server, asked, delay } = browser
    server.session = forever
    delay(8_000)
    const viewers = openAll(12, browser)
    await world.clock.advance(20_000)
    expect(names(viewers)).toEqual(['Ada Winter'])
    expect(asked()).toBeLessThanOrEqual(3)
  })

  it('and visited one after the other afterwards ask no more', async () => {
    const browser = createBrowser()
    const { world, server, asked } = browser
    server.session = forever
    const viewers = openAll(12, browser)
    await world.clock.advance(2_000)
    const before = asked()
    for (const { page } of viewers) {
      page.show(true)
      await world.clock.advance(100)
    }
    expect(asked()).toBe(before)
  })
})

describe('a tab that dies while it asks', () => {
  it('is replaced by another within five seconds', async () => {
    const browser = createBrowser()
    const { world, server, open, asked } = browser
    server.onSession = () => world.network.hang()
    const first = open()
    await settle()
    server.onSession = null
    server.session = forever
    const others = openAll(3, browser)
    await settle()
    first.tab.crash()
    await world.clock.advance(5_000)
    expect(names(others)).toEqual(['Ada Winter'])
    expect(asked()).toBeLessThanOrEqual(3)
  })

  it('is replaced in a poll, too', async () => {
    const browser = createBrowser({ pollInterval: 10_000 })
    const { world, server, asked } = browser
    server.session = forever
    const viewers = openAll(3, browser)
    await world.clock.advance(9_000)
    let asking = 0
    server.onSession = () => {
      asking += 1
      return world.network.hang()
    }
    while (asking === 0) await world.clock.advance(10)
    const died = viewers.find(({ auth }) => auth.fetching.value)!
    died.tab.crash()
    server.onSession = null
    server.session = grace
    const before = asked()
    await world.clock.advance(6_000)
    expect(names(viewers.filter((viewer) => viewer !== died))).toEqual(['Grace Summer'])
    expect(asked() - before).toBeLessThanOrEqual(2)
  })

  it('or stands still keeps nobody from asking', async () => {
    const browser = createBrowser({ pollInterval: 10_000 })
    const { world, server, asked } = browser
    server.session = forever
    const { page } = world.tab('http://app.test/')
    void page.navigator.locks!.request(
      'latchkey:http://app.test/auth',
      { ifAvailable: true },
      async () => new Promise(() => {}),
    )
    const viewers = openAll(3, browser)
    await world.clock.advance(5_000)
    expect(names(viewers)).toEqual(['Ada Winter'])
    const before = asked()
    await world.clock.advance(MINUTE)
    expect(asked() - before).toBeGreaterThanOrEqual(3)
    expect(asked() - before).toBeLessThanOrEqual(12)
  })
})

describe('without Web Locks', () => {
  const without = (page: Page): void => void Object.assign(page.navigator, { locks: undefined })
  const refusing = (page: Page): void => {
    const request = (): Promise<never> =>
      Promise.reject(new DOMException('No origin.', 'SecurityError'))
    Object.assign(page.navigator, { locks: { request } })
  }

  it.each([
    ['that are missing', without],
    ['that are refused', refusing],
  ])('%s everybody is told, with more requests', async (_, change) => {
    const browser = createBrowser({ pollInterval: MINUTE })
    const { world, server, asked } = browser
    server.session = forever
    const viewers = openAll(5, browser, change)
    await world.clock.advance(10_000)
    expect(names(viewers)).toEqual(['Ada Winter'])
    expect(asked()).toBeLessThanOrEqual(5)
    const before = asked()
    await world.clock.advance(10 * MINUTE)
    expect(asked() - before).toBeGreaterThanOrEqual(9)
    expect(asked() - before).toBeLessThanOrEqual(20)
    await viewers[0]!.auth.signOut()
    await settle()
    expect(names(viewers)).toEqual([undefined])
  })

  it('that never answer a tab goes on after a second, and once', async () => {
    const { world, server, open, asked, leftovers } = createBrowser({ pollInterval: MINUTE })
    server.session = forever
    let answer: (lock: unknown) => unknown = () => null
    const request = (...[, , granted]: unknown[]): Promise<never> =>
      new Promise(() => (answer = granted as typeof answer))
    const { auth, stop } = open({
      change: ({ navigator }) => void Object.assign(navigator, { locks: { request } }),
    })
    await world.clock.advance(999)
    expect(asked()).toBe(0)
    await world.clock.advance(1)
    expect(auth.session.value.status).toBe('authenticated')
    await world.clock.advance(2_000)
    void answer({ name: 'late' })
    await settle()
    expect(asked()).toBe(1)
    await world.clock.advance(2 * MINUTE)
    expect(asked()).toBeGreaterThanOrEqual(2)
    stop()
    await world.clock.advance(2_000)
    expect(leftovers()).toBe(0)
  })

  it('that are refused a failing backend is not asked twice for it', async () => {
    const { server, open, asked } = createBrowser()
    server.onSession = () => json(null, 503)
    open({ change: refusing })
    await settle()
    expect(asked()).toBe(1)
  })
})
