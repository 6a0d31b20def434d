import { describe, expect, it } from 'vitest'

import { ada, json, type AuraPayload } from '../aura-server.js'
import { settle, type World } from '../rig.js'
import { createBrowser, type Browser } from './scene.js'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

const lasting = (world: World, ms: number): AuraPayload => ({
  ...ada,
  expires: new Date(world.clock.now() + ms).toISOString(),
})

/** A backend that gives everybody who asks another `ms`. */
function renewing({ world, server }: Browser, ms: number): void {
  server.onSession = () => json({ success: true, session: lasting(world, ms) })
}

describe('a session that is about to end', () => {
  it('is asked for once, a minute before, and renewed', async () => {
    const browser = createBrowser()
    const { world, open, asked } = browser
    renewing(browser, 5 * MINUTE)
    const { told, events } = open()
    await world.clock.advance(4 * MINUTE - 1)
    expect(asked()).toBe(1)
    await world.clock.advance(1)
    expect(asked()).toBe(2)
    expect(events).toContainEqual({ type: 'load:start', reason: 'expiry' })
    await world.clock.advance(20 * MINUTE)
    expect(asked()).toBe(7)
    expect(told).toHaveLength(1)
  })

  it('is asked for in its last fifth when it lives for less than five minutes', async () => {
    const browser = createBrowser()
    const { world, open, asked } = browser
    renewing(browser, 50 * SECOND)
    open()
    await world.clock.advance(40 * SECOND - 1)
    expect(asked()).toBe(1)
    await world.clock.advance(1)
    expect(asked()).toBe(2)
  })

  it('is asked for as early as the app says', async () => {
    const browser = createBrowser({ leeway: 3 * MINUTE })
    const { world, open, asked } = browser
    renewing(browser, 5 * MINUTE)
    open()
    await world.clock.advance(2 * MINUTE - 1)
    expect(asked()).toBe(1)
    await world.clock.advance(1)
    expect(asked()).toBe(2)
  })

  it('is no poll in its last minute when it cannot be renewed', async () => {
    const { world, server, open, asked } = createBrowser()
    server.session = lasting(world, HOUR)
    const { auth } = open()
    await world.clock.advance(HOUR - MINUTE - 1)
    expect(asked()).toBe(1)
    await world.clock.advance(MINUTE)
    expect(asked()).toBeLessThanOrEqual(6)
    server.session = null
    await world.clock.advance(MINUTE)
    expect(auth.session.value).toMatchObject({
      status: 'unauthenticated',
      error: { code: 'session_expired' },
    })
    const before = asked()
    await world.clock.advance(DAY)
    expect(asked()).toBe(before)
  })

  it('is asked for ever more rarely when it is over and the backend does not mind', async () => {
    const { world, server, open, asked } = createBrowser()
    server.session = lasting(world, MINUTE)
    const { auth } = open()
    await world.clock.advance(MINUTE + 5 * MINUTE)
    expect(asked()).toBeLessThanOrEqual(14)
    const before = asked()
    await world.clock.advance(HOUR)
    expect(asked() - before).toBeLessThanOrEqual(13)
    expect(auth.session.value.status).toBe('authenticated')
  })

  it('of ninety days needs one request, and no timer that a browser would overflow', async () => {
    const { world, server, open, asked } = createBrowser()
    server.session = lasting(world, 90 * DAY)
    const { page } = open()
    const waits: number[] = []
    const { setTimeout } = page
    Object.assign(page, {
      setTimeout: (run: () => void, ms: number) => {
        waits.push(ms)
        return setTimeout(run, ms)
      },
    })
    await world.clock.advance(HOUR)
    expect(asked()).toBe(1)
    expect(waits.length).toBeGreaterThan(100)
    expect(Math.max(...waits)).toBeLessThanOrEqual(30 * SECOND)
  })

  it('without a known end is left alone', async () => {
    const { world, server, open, asked } = createBrowser()
    server.session = { ...ada, expires: 'never' }
    const { auth } = open()
    await world.clock.advance(DAY)
    expect(auth.session.value.data?.expiresAt).toBe(null)
    expect(asked()).toBe(1)
  })

  it('waits for the user when nobody looks, and is then asked for at once', async () => {
    const browser = createBrowser()
    const { world, open, asked } = browser
    renewing(browser, 5 * MINUTE)
    const { page } = open()
    await settle()
    page.show(false)
    await world.clock.advance(DAY)
    expect(asked()).toBe(1)
    page.show(true)
    await settle()
    expect(asked()).toBe(2)
  })
})

describe('a laptop that slept for eight hours', () => {
  it('asks within half a minute, although nothing told it', async () => {
    const browser = createBrowser()
    const { world, open, asked } = browser
    renewing(browser, HOUR)
    open()
    await world.clock.advance(10 * MINUTE)
    world.clock.jump(8 * HOUR)
    await world.clock.advance(30 * SECOND)
    expect(asked()).toBe(2)
    await world.clock.advance(10 * MINUTE)
    expect(asked()).toBe(2)
  })

  it('asks once, also when everything tells it at the same time', async () => {
    const browser = createBrowser({ pollInterval: MINUTE })
    const { world, open, asked } = browser
    renewing(browser, HOUR)
    const { page } = open()
    await world.clock.advance(10 * SECOND)
    page.show(false)
    world.clock.jump(8 * HOUR)
    page.show(true)
    page.connect(false)
    page.connect(true)
    page.show(true)
    await world.clock.advance(5 * SECOND)
    expect(asked()).toBe(2)
  })

  it('in a crowd of tabs is one tab that asks', async () => {
    const browser = createBrowser()
    const { world, open, asked } = browser
    renewing(browser, HOUR)
    for (let tab = 0; tab < 12; tab += 1) open()
    await world.clock.advance(10 * MINUTE)
    const before = asked()
    world.clock.jump(8 * HOUR)
    await world.clock.advance(30 * SECOND)
    expect(asked() - before).toBeLessThanOrEqual(2)
  })
})
