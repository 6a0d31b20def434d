import { describe, expect, it } from 'vitest'

import { ada, json } from '../aura-server.js'
import { settle } from '../rig.js'
import { createBrowser } from './scene.js'

const MINUTE = 60_000

describe('a backend that fails', () => {
  it('is tried again by itself, four to six times in ten seconds', async () => {
    const { world, server, open, asked } = createBrowser()
    server.onSession = () => json(null, 503)
    const { auth, events } = open()
    await world.clock.advance(10_000)
    expect(asked()).toBeGreaterThanOrEqual(4)
    expect(asked()).toBeLessThanOrEqual(6)
    expect(events).toContainEqual({ type: 'load:start', reason: 'retry' })
    server.onSession = null
    server.session = ada
    await world.clock.advance(MINUTE)
    expect(auth.session.value).toMatchObject({ status: 'authenticated', error: null })
    const before = asked()
    await world.clock.advance(10 * MINUTE)
    expect(asked()).toBe(before)
  })

  it('is left alone for longer and longer, but never longer than five minutes', async () => {
    const { world, server, open } = createBrowser()
    const at: number[] = []
    server.onSession = () => {
      at.push(world.clock.now())
      return json(null, 503)
    }
    open()
    await world.clock.advance(60 * MINUTE)
    const waits = at.slice(1).map((time, index) => time - at[index]!)
    waits.forEach((wait, index) => {
      const most = Math.min(1_000 * 2 ** index, 5 * MINUTE)
      expect(wait).toBeGreaterThanOrEqual(most / 2)
      expect(wait).toBeLessThanOrEqual(most)
    })
    expect(at.length).toBeGreaterThan(15)
    expect(at.length).toBeLessThan(35)
  })

  it('starts again at a second after any answer', async () => {
    const { world, server, open, asked } = createBrowser()
    server.onSession = () => json(null, 503)
    const { auth } = open()
    await world.clock.advance(10 * MINUTE)
    server.onSession = null
    await auth.refetch()
    server.onSession = () => json(null, 503)
    await auth.refetch()
    const before = asked()
    await world.clock.advance(1_000)
    expect(asked() - before).toBe(1)
  })

  it('loses nobody, through minutes of it, and is asked when it is back', async () => {
    const { world, server, open } = createBrowser()
    server.session = ada
    const { page, auth, told } = open()
    await world.clock.advance(MINUTE)
    server.onSession = () => {
      throw new TypeError('Failed to fetch')
    }
    page.show(true)
    await world.clock.advance(5 * MINUTE)
    expect(auth.session.value).toMatchObject({
      status: 'authenticated',
      error: { code: 'network' },
    })
    server.onSession = null
    await world.clock.advance(5 * MINUTE)
    expect(auth.session.value.error).toBe(null)
    expect(new Set(told.map(({ data }) => data?.user.name))).toEqual(new Set(['Ada Winter']))
  })

  it('is not woken by whoever looks at the page or mounts something', async () => {
    const { world, server, open, asked } = createBrowser()
    server.onSession = () => json(null, 503)
    const { page, auth, events } = open()
    await world.clock.advance(30_000)
    const before = asked()
    for (let round = 0; round < 20; round += 1) {
      page.show(true)
      page.connect(true)
      auth.session.listen(() => {})()
      await settle()
    }
    expect(asked()).toBe(before)
    expect(events).toContainEqual({ type: 'load:skipped', reason: 'pause' })
  })
})

describe('Retry-After', () => {
  const limited = (seconds: string) => () => json(null, 429, { 'retry-after': seconds })

  it('is waited for, and whoever looks at the page before has to wait, too', async () => {
    const { world, server, open, asked } = createBrowser()
    server.onSession = limited('60')
    const { page } = open()
    await settle()
    await world.clock.advance(30_000)
    page.show(false)
    page.show(true)
    page.connect(true)
    await settle()
    await world.clock.advance(29_999)
    expect(asked()).toBe(1)
    server.onSession = null
    await world.clock.advance(1)
    expect(asked()).toBe(2)
  })

  it('is as long as the backend says, when that is an hour', async () => {
    const { world, server, open, asked } = createBrowser({ pollInterval: 1_000 })
    server.session = ada
    const { page } = open()
    await settle()
    server.onSession = limited('3600')
    await world.clock.advance(2_000)
    expect(asked()).toBe(2)
    for (let minute = 1; minute < 60; minute += 1) {
      await world.clock.advance(MINUTE - 50)
      page.show(true)
    }
    expect(asked()).toBe(2)
    await world.clock.advance(2 * MINUTE)
    expect(asked()).toBeGreaterThan(2)
  })

  it('is no reason to come sooner than otherwise', async () => {
    const { world, server, open, asked } = createBrowser()
    server.onSession = limited('0')
    open()
    await world.clock.advance(10_000)
    expect(asked()).toBeLessThanOrEqual(6)
  })

  it('outlives the components: the next one does not ask sooner', async () => {
    const { world, server, open, asked } = createBrowser()
    server.onSession = limited('60')
    const { auth, stop } = open()
    await settle()
    stop()
    await world.clock.advance(10_000)
    auth.session.listen(() => {})
    await world.clock.advance(49_000)
    expect(asked()).toBe(1)
    server.onSession = null
    await world.clock.advance(1_000)
    expect(asked()).toBe(2)
  })

  it('counts from when it was said, not from when the first component came', async () => {
    const { world, server, open, asked } = createBrowser()
    server.onSession = limited('60')
    const { auth } = open({ unwatched: true })
    await auth.refetch()
    await world.clock.advance(61_000)
    server.onSession = null
    auth.session.listen(() => {})
    await settle()
    expect(asked()).toBe(2)
  })

  it('ends with the first answer that anybody gets', async () => {
    const { world, server, open, asked } = createBrowser()
    server.onSession = limited('3600')
    const { page, auth } = open()
    await settle()
    server.onSession = null
    server.session = ada
    await auth.refetch()
    await world.clock.advance(5_000)
    page.show(true)
    await settle()
    expect(asked()).toBe(3)
  })
})

describe('without a network', () => {
  it('says so at once instead of asking, and asks once when it is back', async () => {
    const { world, server, open, asked } = createBrowser()
    server.session = ada
    const { page, auth, told } = open({ change: (page) => page.connect(false) })
    await settle()
    expect(auth.session.value).toMatchObject({ status: 'error', error: { code: 'network' } })
    await expect(auth.ready()).resolves.toMatchObject({ status: 'error' })
    await world.clock.advance(10 * MINUTE)
    expect(asked()).toBe(0)
    page.connect(true)
    await settle()
    expect(asked()).toBe(1)
    expect(told.map(({ status }) => status)).toEqual(['error', 'authenticated'])
  })

  it('answers whoever waits for the first answer', async () => {
    const { open } = createBrowser()
    const { auth } = open({ unwatched: true, change: (page) => page.connect(false) })
    await expect(auth.ready()).resolves.toMatchObject({ status: 'error' })
  })

  it('keeps what is known, does not poll, and catches up', async () => {
    const { world, server, open, asked } = createBrowser({ pollInterval: 10_000 })
    server.session = ada
    const { page, auth, told } = open()
    await settle()
    page.connect(false)
    await world.clock.advance(10 * MINUTE)
    expect(asked()).toBe(1)
    expect(auth.session.value.status).toBe('authenticated')
    page.connect(true)
    await settle()
    expect(asked()).toBe(2)
    await world.clock.advance(11_000)
    expect(asked()).toBe(3)
    expect(told).toHaveLength(1)
  })

  it('that comes and goes, asks no more often than every five seconds', async () => {
    const { world, server, open, asked } = createBrowser()
    server.session = ada
    const { page } = open()
    await settle()
    for (let round = 0; round < 100; round += 1) {
      page.connect(false)
      page.connect(true)
      await world.clock.advance(100)
    }
    expect(asked()).toBeLessThanOrEqual(3)
  })
})
