import { describe, expect, it } from 'vitest'

import { ada, json } from '../aura-server.js'
import { deferred, settle } from '../rig.js'
import { createBrowser } from './scene.js'

describe('a lookup that nobody asked for by name', () => {
  it('keeps five seconds from the one before, whatever came of that', async () => {
    const { world, server, open, asked } = createBrowser()
    server.session = ada
    const { page, told, events } = open()
    await settle()
    page.show(true)
    await world.clock.advance(4_999)
    page.show(true)
    await settle()
    expect(asked()).toBe(1)
    expect(events.at(-1)).toEqual({ type: 'load:skipped', reason: 'gap' })
    await world.clock.advance(1)
    page.show(true)
    page.show(true)
    await settle()
    page.show(true)
    await settle()
    expect(asked()).toBe(2)
    expect(told).toHaveLength(1)
  })

  it('is one when the user comes back twenty times in a second, and tells nobody', async () => {
    const { world, server, open, asked } = createBrowser()
    server.session = ada
    const { page, told } = open()
    await world.clock.advance(10_000)
    for (let round = 0; round < 20; round += 1) {
      page.show(false)
      page.show(true)
      await world.clock.advance(50)
    }
    expect(asked()).toBe(2)
    expect(told).toHaveLength(1)
  })

  it('keeps its distance from a refetch and from a sign-in, too', async () => {
    const { world, server, open, asked } = createBrowser()
    server.session = ada
    const { page, auth } = open()
    await world.clock.advance(60_000)
    await auth.refetch()
    page.show(true)
    await settle()
    expect(asked()).toBe(2)
    await world.clock.advance(60_000)
    await auth.signOut()
    page.show(true)
    await settle()
    expect(asked()).toBe(2)
  })

  it('keeps its distance from what a server knew, but not for ever', async () => {
    const { world, open, asked } = createBrowser({ initial: null })
    const { page } = open()
    await settle()
    page.show(true)
    await settle()
    expect(asked()).toBe(0)
    await world.clock.advance(5_000)
    page.show(true)
    await settle()
    expect(asked()).toBe(1)
  })

  it('waits for the one that is running, however long that takes', async () => {
    const { world, server, open, asked } = createBrowser()
    const answer = deferred<Response>()
    server.onSession = () => answer.promise
    const { page } = open()
    await world.clock.advance(10_000)
    page.show(true)
    await settle()
    page.connect(true)
    await settle()
    expect(asked()).toBe(1)
    answer.resolve(json(null, 401))
    await settle()
    expect(asked()).toBe(1)
  })
})

describe('a lookup that somebody asked for by name', () => {
  it('goes at once, however soon it is and however badly it went before', async () => {
    const { server, open, asked } = createBrowser()
    server.onSession = () => json(null, 429, { 'retry-after': '3600' })
    const { auth } = open()
    await settle()
    await auth.refetch()
    await auth.refetch()
    expect(asked()).toBe(3)
  })

  it('joins the one that a listener has started', async () => {
    const { server, open, asked } = createBrowser()
    const answer = deferred<Response>()
    server.onSession = () => answer.promise
    const { auth } = open()
    await settle()
    const refetched = auth.refetch()
    answer.resolve(json({ success: true, session: ada }))
    expect((await refetched).status).toBe('authenticated')
    expect(asked()).toBe(1)
  })
})

describe('coming back to the page', () => {
  it('is noticed by what becomes visible, not by the focus', async () => {
    const { world, server, open, asked } = createBrowser()
    server.session = ada
    const { tab, page, events } = open()
    await world.clock.advance(60_000)
    for (const focused of [false, true, false, true]) tab.focus(focused)
    await world.clock.advance(60_000)
    expect(asked()).toBe(1)
    page.show(false)
    await settle()
    expect(asked()).toBe(1)
    page.show(true)
    await settle()
    expect(asked()).toBe(2)
    expect(events).toContainEqual({ type: 'load:start', reason: 'visible' })
  })

  it('is not a page that is shown for the first time', async () => {
    const { world, open, asked } = createBrowser()
    const { page } = open()
    await world.clock.advance(60_000)
    page.dispatch('pageshow', { persisted: false })
    await settle()
    expect(asked()).toBe(1)
  })

  it('asks nothing where nobody listens', async () => {
    const { world, open, asked } = createBrowser()
    const { page, stop } = open()
    await settle()
    stop()
    await world.clock.advance(600)
    await world.clock.advance(60_000)
    page.show(true)
    page.connect(true)
    page.dispatch('pageshow', { persisted: true })
    await world.clock.advance(60_000)
    expect(asked()).toBe(1)
  })
})

describe('the back/forward cache', () => {
  // Which of the two events comes first is not the same in every browser.
  const returns = ['pageshow, then visible', 'visible, then pageshow'] as const
  const others = ['with locks', 'without locks'] as const
  it.each(returns.flatMap((order) => others.map((how) => [order, how] as const)))(
    'gives a page back that asks once: %s, %s',
    async (order, how) => {
      const { world, server, open, asked } = createBrowser()
      server.session = ada
      const { tab, page, auth } = open({
        change: ({ navigator }) => {
          if (how === 'without locks') Object.assign(navigator, { locks: undefined })
        },
      })
      await world.clock.advance(2_000)
      tab.leave()
      await world.clock.advance(1_000)
      server.session = null
      if (order === 'pageshow, then visible') tab.back()
      else {
        page.show(true)
        page.dispatch('pageshow', { persisted: true })
      }
      await settle()
      expect(auth.session.value.error?.code).toBe('session_expired')
      expect(asked()).toBe(2)
    },
  )

  it('takes a page that has no channel open', async () => {
    const { world, open } = createBrowser()
    const { tab } = open()
    await world.clock.advance(2_000)
    expect(world.channels.open()).toBe(1)
    tab.leave()
    expect(world.channels.open()).toBe(0)
    tab.back()
    await settle()
    expect(world.channels.open()).toBe(1)
  })

  it('gives a page back that does not take an answer from before it left', async () => {
    const { world, server, open, asked } = createBrowser()
    server.session = ada
    const { tab, auth, told } = open()
    await world.clock.advance(10_000)
    const late = deferred<Response>()
    server.onSession = () => late.promise
    void auth.refetch()
    await settle()
    tab.leave()
    server.onSession = null
    server.session = null // signed out elsewhere meanwhile
    tab.back()
    late.resolve(json({ success: true, session: { ...ada, user: { sub: '2' } } }))
    await settle()
    expect(told.map(({ data }) => data?.user.id)).toEqual(['1', undefined])
    expect(asked()).toBe(3)
  })

  it('gives a page back that asks, even if it left as it was about to', async () => {
    const { world, server, open, asked } = createBrowser()
    server.session = ada
    const { tab, page, auth } = open()
    await world.clock.advance(10_000)
    page.show(true)
    tab.leave()
    server.session = null
    tab.back()
    await world.clock.advance(6_000)
    expect(asked()).toBe(2)
    expect(auth.session.value.status).toBe('unauthenticated')
  })
})
