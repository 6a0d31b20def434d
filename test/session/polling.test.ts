import { afterEach, describe, expect, it, vi } from 'vitest'

import { ada, json } from '../aura-server.js'
import { settle } from '../rig.js'
import { createBrowser } from './scene.js'

afterEach(() => vi.restoreAllMocks())

/** Signed in for as long as these tests run. */
const forever = { ...ada, expires: '2999-01-01T00:00:00.000Z' }

describe('polling', () => {
  it('is off unless it is asked for', async () => {
    const { world, server, open, asked } = createBrowser()
    server.session = forever
    open()
    await world.clock.advance(24 * 3_600_000)
    expect(asked()).toBe(1)
  })

  it('asks every interval, and up to a tenth later, so that tabs do not ask together', async () => {
    const { world, server, open, asked } = createBrowser({ pollInterval: 10_000 })
    server.session = forever
    const random = vi.spyOn(Math, 'random').mockReturnValue(0)
    open()
    await world.clock.advance(35_000)
    expect(asked()).toBe(4)
    random.mockReturnValue(0.999)
    await world.clock.advance(5_000)
    const before = asked()
    await world.clock.advance(10_900)
    expect(asked() - before).toBe(0)
    await world.clock.advance(100)
    expect(asked() - before).toBe(1)
  })

  it('tells nobody of an answer that says nothing new', async () => {
    const { world, server, open, asked } = createBrowser({ pollInterval: 10_000 })
    server.session = forever
    const { told, events } = open()
    await world.clock.advance(120_000)
    expect(asked()).toBeGreaterThan(10)
    expect(told).toHaveLength(1)
    expect(events).toContainEqual({ type: 'load:start', reason: 'poll' })
  })

  it('counts from the last lookup, whoever asked for it', async () => {
    const { world, server, open, asked } = createBrowser({ pollInterval: 10_000 })
    server.session = forever
    const { auth } = open()
    await world.clock.advance(9_000)
    await auth.refetch()
    await world.clock.advance(9_999)
    expect(asked()).toBe(2)
  })

  // [interval, how long the backend takes]
  it.each([
    [1_000, 0],
    [1_000, 300],
    [2_000, 1_500],
    [5_000, 4_500],
    [1_000, 3_000],
  ])('goes on every %i ms when an answer takes %i ms', async (pollInterval, takes) => {
    const { world, server, open, asked } = createBrowser({ pollInterval })
    const { page, auth } = open({ unwatched: true })
    server.onSession = () =>
      new Promise((resolve) => {
        page.setTimeout(() => resolve(json({ success: true, session: forever })), takes)
      })
    auth.session.listen(() => {})
    await world.clock.advance(60_000)
    const before = asked()
    await world.clock.advance(60_000)
    expect(asked() - before).toBeGreaterThan(60_000 / (Math.max(pollInterval, 1_000) + takes) / 2)
  })

  it.each([1, 5, 999])(
    'is never more often than every second, also for %i ms',
    async (pollInterval) => {
      const { world, server, open, asked } = createBrowser({ pollInterval })
      server.session = forever
      open()
      await world.clock.advance(60_000)
      expect(asked()).toBeGreaterThanOrEqual(50)
      expect(asked()).toBeLessThanOrEqual(61)
    },
  )

  it('is for those who are signed in', async () => {
    const { world, open, asked } = createBrowser({ pollInterval: 10_000 })
    open()
    await world.clock.advance(600_000)
    expect(asked()).toBe(1)
  })

  it('starts with a sign-in and ends with a sign-out', async () => {
    const { world, server, open, asked } = createBrowser({ pollInterval: 10_000 })
    const { auth } = open()
    await world.clock.advance(60_000)
    server.session = forever
    await auth.refetch()
    await world.clock.advance(35_000)
    expect(asked()).toBeGreaterThanOrEqual(5)
    await auth.signOut()
    const before = asked()
    await world.clock.advance(60_000)
    expect(asked()).toBe(before)
  })

  it('stops while nobody looks, catches up when somebody does, and goes on', async () => {
    const { world, server, open, asked } = createBrowser({ pollInterval: 10_000 })
    server.session = forever
    const { page } = open()
    await world.clock.advance(5_000)
    page.show(false)
    await world.clock.advance(3_600_000)
    expect(asked()).toBe(1)
    expect(world.clock.pending()).toBe(0)
    page.show(true)
    await settle()
    expect(asked()).toBe(2)
    await world.clock.advance(11_000)
    expect(asked()).toBe(3)
  })

  it('does not start in a page that was opened behind another', async () => {
    const { world, server, open, asked } = createBrowser({ pollInterval: 10_000 })
    server.session = forever
    const { page, auth } = open({ change: (page) => page.show(false) })
    await world.clock.advance(60_000)
    expect(auth.session.value.status).toBe('authenticated')
    expect(asked()).toBe(1)
    page.show(true)
    await world.clock.advance(11_000)
    expect(asked()).toBe(3)
  })

  it('asks at the interval and no sooner when the expiry is far', async () => {
    const { world, server, open, asked } = createBrowser({ pollInterval: 3_600_000 })
    server.session = forever
    open()
    await world.clock.advance(3_599_000)
    expect(asked()).toBe(1)
    await world.clock.advance(361_000)
    expect(asked()).toBe(2)
  })
})
