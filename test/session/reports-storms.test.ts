import { describe, expect, it } from 'vitest'

import { ada, json } from '../aura-server.js'
import { settle } from '../rig.js'
import { createBrowser, watch } from './scene.js'

// What users of other libraries have reported, and what it would look like here.

const MINUTE = 60_000

describe('requests that storm', () => {
  // https://github.com/better-auth/better-auth/issues/9077
  // https://github.com/better-auth/better-auth/issues/10667
  it('a component that is created over and over, on a slow backend, costs one request', async () => {
    const { world, server, open, asked, delay } = createBrowser()
    server.session = ada
    delay(3_000)
    const { auth, stop } = open()
    stop()
    for (let round = 0; round < 200; round += 1) {
      const { stop } = watch(auth)
      await world.clock.advance(10)
      stop()
    }
    await world.clock.advance(3_000)
    expect(asked()).toBe(1)
  })

  // https://github.com/better-auth/better-auth/issues/10740
  it('no request is aborted by another, nor by the component that wanted it', async () => {
    const { world, open } = createBrowser()
    const signals: AbortSignal[] = []
    world.network.respond((request) => {
      signals.push(request.signal)
      return world.network.hang()
    })
    const { auth, stop } = open()
    await settle()
    stop()
    for (let round = 0; round < 100; round += 1) {
      const { stop } = watch(auth)
      void auth.refetch()
      await settle()
      stop()
    }
    await world.clock.advance(10_000)
    expect(signals.map(({ aborted }) => aborted)).toEqual([false])
  })

  // https://github.com/better-auth/better-auth/issues/11160
  it('wishes for news during one lookup are one more lookup, and no answer is thrown away', async () => {
    const { world, server, open, asked, delay } = createBrowser()
    server.session = ada
    const { auth } = open()
    await world.clock.advance(10_000)
    delay(60)
    const all: Promise<unknown>[] = []
    for (let signal = 0; signal < 4; signal += 1) {
      all.push(auth.refetch({ fresh: true }))
      await world.clock.advance(15)
    }
    await world.clock.advance(200)
    await Promise.all(all)
    expect(asked()).toBe(3)
  })

  // https://github.com/get-convex/better-auth/issues/205
  it('a listener that asks whenever it is told something asks once more, not for ever', async () => {
    const { world, server, open, asked } = createBrowser()
    server.session = ada
    const { auth } = open({ unwatched: true })
    auth.session.listen(() => void auth.refetch({ fresh: true }))
    await world.clock.advance(30_000)
    expect(asked()).toBe(2)
  })

  // https://github.com/better-auth/better-auth/issues/9613
  it('a page that gets the focus as it loads asks once', async () => {
    const { world, server, open, asked } = createBrowser()
    server.session = ada
    const { tab, page } = open()
    tab.focus(true)
    page.show(true)
    await settle()
    page.show(true)
    await world.clock.advance(4_000)
    page.show(true)
    await settle()
    expect(asked()).toBe(1)
  })

  // https://github.com/better-auth/better-auth/pull/6186
  // https://github.com/better-auth/better-auth/pull/6110
  it('whoever switches windows all the time asks every five seconds at most', async () => {
    const { world, server, open, asked } = createBrowser()
    server.session = ada
    const { page } = open()
    for (let second = 0; second < 60; second += 1) {
      page.show(false)
      page.show(true)
      await world.clock.advance(1_000)
    }
    expect(asked()).toBeLessThanOrEqual(12)
  })

  // https://github.com/better-auth/better-auth/pull/7048
  it('a component that leaves and another that comes do not open the gate', async () => {
    const { world, server, open, asked } = createBrowser()
    server.session = ada
    const { page, auth, stop } = open()
    await world.clock.advance(500)
    stop()
    await world.clock.advance(500)
    watch(auth)
    page.show(true)
    await world.clock.advance(500)
    page.show(true)
    await settle()
    expect(asked()).toBe(1)
  })

  // https://github.com/nextauthjs/next-auth/issues/10244
  // https://github.com/nextauthjs/next-auth/pull/11470
  it('a tab does not hear itself: one lookup is not two', async () => {
    const { world, server, open, asked } = createBrowser()
    server.session = ada
    const { auth } = open()
    await auth.getSession()
    await world.clock.advance(10_000)
    expect(asked()).toBe(1)
    await auth.getSession({ fresh: true })
    await world.clock.advance(10_000)
    expect(asked()).toBe(2)
  })

  // https://github.com/thunderbird/thunderbolt/pull/935
  // https://github.com/reactive-resume/app/pull/2965
  it('an hour of work in five tabs fits any limit of requests a backend may have', async () => {
    const { world, server, open, asked } = createBrowser()
    server.session = ada
    const tabs = Array.from({ length: 5 }, () => open())
    for (let minute = 0; minute < 60; minute += 1) {
      const before = asked()
      for (let turn = 0; turn < 6; turn += 1) {
        tabs.forEach(({ page }, index) => page.show(index === turn % 5))
        const { auth } = tabs[turn % 5]!
        watch(auth).stop() // a route that comes and goes
        await world.clock.advance(MINUTE / 6)
      }
      expect(asked() - before).toBeLessThanOrEqual(6)
    }
  })

  // https://github.com/ginlix-ai/LangAlpha/pull/387
  it('a backend that says it is too much is asked less, not more', async () => {
    const { world, server, open, asked } = createBrowser({ pollInterval: 2_000 })
    server.session = ada
    open()
    await world.clock.advance(10_000)
    const before = asked()
    server.onSession = () => json(null, 429)
    await world.clock.advance(MINUTE)
    expect(asked() - before).toBeLessThanOrEqual(9)
    await world.clock.advance(10 * MINUTE)
    expect(asked() - before).toBeLessThanOrEqual(15)
  })
})

describe('the focus', () => {
  // https://github.com/TanStack/query/issues/2960
  // https://github.com/TanStack/query/issues/793
  // https://github.com/TanStack/query/issues/4980
  // https://github.com/TanStack/query/pull/4805
  it('that comes back from a dialog, a frame or a file picker asks nothing', async () => {
    const { world, server, open, asked } = createBrowser()
    server.session = ada
    const { tab, page, told } = open()
    await world.clock.advance(MINUTE)
    for (let round = 0; round < 10; round += 1) {
      tab.focus(false)
      page.dispatch('blur')
      tab.focus(true)
      page.dispatch('focus')
      page.dispatch('focusin')
      await world.clock.advance(10_000)
    }
    expect(asked()).toBe(1)
    expect(told).toHaveLength(1)
  })

  // https://github.com/supabase/auth-js/issues/579
  // https://github.com/supabase/supabase/issues/7250
  // https://github.com/supabase/auth-js/issues/634
  it('and the tab that comes back tells nobody that they are signed in, once more', async () => {
    const { world, server, open, asked } = createBrowser()
    server.session = ada
    const { page, told } = open()
    for (let round = 0; round < 20; round += 1) {
      await world.clock.advance(MINUTE)
      page.show(false)
      page.show(true)
    }
    await settle()
    expect(asked()).toBe(21)
    expect(told.map(({ status }) => status)).toEqual(['authenticated'])
  })
})
