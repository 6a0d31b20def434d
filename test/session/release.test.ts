import { describe, expect, it } from 'vitest'

import { ada, json } from '../aura-server.js'
import { deferred, settle } from '../rig.js'
import { createBrowser, watch } from './scene.js'

const MINUTE = 60_000

describe('a second after the last listener', () => {
  it('nothing is left: no timer, listener, channel or lock', async () => {
    const { world, server, open, leftovers } = createBrowser({ pollInterval: 10_000 })
    server.session = ada
    const one = open()
    const two = watch(one.auth)
    await world.clock.advance(25_000)
    expect(one.page.listeners()).toBe(4)
    one.stop()
    await world.clock.advance(2_000)
    expect(leftovers()).toBeGreaterThan(0)
    two.stop()
    await world.clock.advance(1_000)
    expect(leftovers()).toBe(0)
    expect(one.auth.session.value.data?.user.id).toBe('1')
  })

  it.each(['a retry', 'the end of the session', 'an answer', 'its turn', 'a moment'])(
    'nothing is left of a page that was waiting for %s',
    async (what) => {
      const { world, server, open, asked, leftovers } = createBrowser()
      const answer = deferred<Response>()
      const pending = (): Promise<Response> => answer.promise
      const busy = what === 'its turn' ? open() : undefined
      if (what === 'a retry') server.onSession = () => json(null, 503)
      else if (what === 'the end of the session') server.session = ada
      else if (what !== 'a moment') server.onSession = pending
      const { auth, stop } = open()
      await settle()
      stop()
      busy?.stop()
      await world.clock.advance(999)
      answer.resolve(json({ success: true, session: ada }))
      await world.clock.advance(1)
      expect(leftovers()).toBe(0)
      const before = asked()
      await world.clock.advance(60 * MINUTE)
      expect(asked()).toBe(before)
      expect(auth.session.lc).toBe(0)
    },
  )

  it('nothing is left of a lookup that was still running, once it ends', async () => {
    const { world, server, open, leftovers } = createBrowser()
    const answer = deferred<Response>()
    server.onSession = () => answer.promise
    const { auth, stop } = open()
    await settle()
    stop()
    await world.clock.advance(5_000)
    answer.resolve(json({ success: true, session: ada }))
    await settle()
    expect(leftovers()).toBe(0)
    expect(auth.session.value.status).toBe('authenticated')
    expect(auth.fetching.value).toBe(false)
  })

  it('is counted anew by everybody who comes and goes', async () => {
    const { world, server, open, asked } = createBrowser()
    server.session = ada
    const { auth, stop } = open()
    await settle()
    stop()
    for (let round = 0; round < 50; round += 1) {
      await world.clock.advance(900)
      const { stop } = watch(auth)
      await settle()
      stop()
      stop() // some frameworks clean up twice
    }
    expect(world.channels.open()).toBe(1)
    expect(asked()).toBe(1)
    await world.clock.advance(1_000)
    expect(world.channels.open()).toBe(0)
  })
})

it('is nothing that happens to a page to which a listener came back in time', async () => {
  const { world, server, open, asked } = createBrowser({ pollInterval: 10_000 })
  server.session = { ...ada, expires: '2999-01-01T00:00:00.000Z' }
  const { page, auth, stop } = open()
  await settle()
  stop()
  await world.clock.advance(500)
  watch(auth)
  await world.clock.advance(19_000)
  expect(world.channels.open()).toBe(1)
  expect(page.listeners()).toBe(4)
  expect(asked()).toBe(2)
})

describe('a page that nobody listened to for a while', () => {
  it('shows what it knew at once, and asks, having heard nothing', async () => {
    const { world, server, open, asked } = createBrowser()
    server.session = ada
    const { auth, stop } = open()
    await settle()
    stop()
    await world.clock.advance(1_100) // less than the gap between two lookups
    server.session = null
    const { told } = watch(auth)
    expect(auth.session.value.status).toBe('authenticated')
    await settle()
    expect(asked()).toBe(2)
    expect(told.map(({ status }) => status)).toEqual(['unauthenticated'])
  })

  it('asks again behind `getSession()`, which answers at once', async () => {
    const { world, server, open, asked, leftovers } = createBrowser()
    server.session = ada
    const { auth } = open({ unwatched: true })
    expect((await auth.getSession())?.user.id).toBe('1')
    await world.clock.advance(2_000)
    expect(leftovers()).toBe(0)
    server.session = null
    expect((await auth.getSession())?.user.id).toBe('1')
    await settle()
    expect(asked()).toBe(2)
    expect(await auth.getSession()).toBe(null)
    await world.clock.advance(1_000)
    expect(leftovers()).toBe(0)
  })

  it.each(['getSession', 'ready'] as const)('hears other tabs behind `%s()`', async (call) => {
    const { world, server, open, asked } = createBrowser()
    server.session = ada
    const one = open({ unwatched: true })
    await one.auth[call]()
    const two = open()
    await world.clock.advance(500)
    await two.auth.signOut()
    await settle()
    const before = asked()
    expect(one.auth.session.value.status).toBe('unauthenticated')
    expect(await one.auth.getSession()).toBe(null)
    expect(asked()).toBe(before)
  })

  it('is asked about once by a hundred calls in one second', async () => {
    const { server, open, asked } = createBrowser()
    server.session = ada
    const { auth } = open({ unwatched: true })
    await Promise.all(Array.from({ length: 50 }, () => auth.getSession()))
    await Promise.all(Array.from({ length: 50 }, () => auth.ready()))
    await settle()
    expect(asked()).toBe(1)
  })
})

describe('a client that is disposed of', () => {
  it('leaves nothing and asks nothing, whatever it was about to do', async () => {
    const { world, server, open, asked, leftovers } = createBrowser({ pollInterval: 1_000 })
    server.session = ada
    const { page, auth, told } = open()
    await settle()
    auth.dispose()
    expect(world.channels.open() + page.listeners() + world.clock.pending()).toBe(0)
    await settle()
    expect(leftovers()).toBe(0)
    watch(auth)
    await auth.refetch()
    await auth.ready()
    page.show(true)
    page.connect(true)
    await world.clock.advance(10 * MINUTE)
    expect(asked()).toBe(1)
    expect(told).toHaveLength(1)
  })

  it('takes no answer any more, and lets nobody wait for one', async () => {
    const { world, server, open, leftovers } = createBrowser()
    const answer = deferred<Response>()
    server.onSession = () => answer.promise
    const { auth } = open()
    const ready = auth.ready()
    await settle()
    auth.dispose()
    expect((await ready).status).toBe('pending')
    answer.resolve(json({ success: true, session: ada }))
    await world.clock.advance(1_000)
    expect(auth.session.value.status).toBe('pending')
    expect(leftovers()).toBe(0)
  })

  it.each(['dispose()', 'the last listener'])(
    'does not ask after %s what was waiting for the end of its turn',
    async (end) => {
      const { world, server, open, asked, leftovers } = createBrowser()
      server.session = ada
      const { page, auth, stop } = open()
      await settle()
      if (end === 'dispose()') {
        page.show(true)
        auth.dispose()
      } else {
        await world.clock.advance(1)
        stop()
        page.show(true)
      }
      await world.clock.advance(2_000)
      expect(asked()).toBe(1)
      expect(leftovers()).toBe(0)
    },
  )

  it('does not send the lookup that was to follow the one that runs', async () => {
    const { server, open, asked } = createBrowser()
    const answer = deferred<Response>()
    server.onSession = () => answer.promise
    const { auth } = open()
    await settle()
    const fresh = auth.refetch({ fresh: true })
    auth.dispose()
    answer.resolve(json({ success: true, session: ada }))
    expect((await fresh).status).toBe('pending')
    expect(asked()).toBe(1)
  })
})
