import { describe, expect, it } from 'vitest'

import { ada, json } from '../aura-server.js'
import { settle } from '../rig.js'
import { createBrowser, watch } from './scene.js'

// What users of other libraries have reported, and what it would look like here.

const MINUTE = 60_000
const down = (): never => {
  throw new TypeError('Failed to fetch')
}

describe('a failure that looks like a sign-out', () => {
  // https://github.com/nextauthjs/next-auth/issues/9139
  it('does not: the session stays through it, and is asked for again after it', async () => {
    const { world, server, open, asked } = createBrowser()
    server.session = ada
    const { page, auth, told } = open()
    await world.clock.advance(MINUTE)
    server.onSession = down
    page.show(false)
    page.show(true)
    await settle()
    expect(auth.session.value.status).toBe('authenticated')
    server.onSession = null
    const before = asked()
    await world.clock.advance(2_000)
    expect(asked()).toBeGreaterThan(before)
    expect(auth.session.value).toMatchObject({ status: 'authenticated', error: null })
    expect(told.every(({ data }) => data?.user.id === '1')).toBe(true)
  })

  // https://github.com/nextauthjs/next-auth/issues/9139
  it('that is the first of all does not stop the asking', async () => {
    const { world, server, open } = createBrowser()
    server.onSession = down
    const { auth } = open()
    await world.clock.advance(MINUTE)
    expect(auth.session.value.status).toBe('error')
    server.onSession = null
    server.session = ada
    await world.clock.advance(5 * MINUTE)
    expect(auth.session.value.status).toBe('authenticated')
  })

  // https://github.com/nextauthjs/next-auth/issues/2215
  // https://github.com/nextauthjs/next-auth/issues/987
  it('when the browser is offline: the user stays, and it notices the network by itself', async () => {
    const { world, server, open, asked } = createBrowser()
    server.session = ada
    const { page, auth, told } = open()
    await world.clock.advance(MINUTE)
    page.connect(false)
    page.show(false)
    page.show(true)
    await world.clock.advance(60 * MINUTE)
    expect(auth.session.value.status).toBe('authenticated')
    server.session = { ...ada, user: { ...ada.user, name: 'Ada W.' } }
    page.connect(true)
    await settle()
    expect(asked()).toBe(2)
    expect(told.map(({ data }) => data?.user.name)).toEqual(['Ada Winter', 'Ada W.'])
  })

  // https://github.com/nextauthjs/next-auth/issues/4935
  // https://github.com/nextauthjs/next-auth/pull/4940
  it('of a poll while offline: there is none', async () => {
    const { world, server, open, asked } = createBrowser({ pollInterval: MINUTE })
    server.session = ada
    const { page, told } = open()
    await world.clock.advance(2_000)
    page.connect(false)
    await world.clock.advance(60 * MINUTE)
    expect(asked()).toBe(1)
    expect(told).toHaveLength(1)
  })

  // https://github.com/better-auth/better-auth/issues/977
  it('because the backend has had too many requests', async () => {
    const { server, open } = createBrowser()
    server.session = ada
    const { auth } = open()
    await settle()
    server.onSession = () => json({ message: 'Too many requests' }, 429)
    await auth.refetch()
    expect(auth.session.value).toMatchObject({
      status: 'authenticated',
      error: { code: 'rate_limited' },
    })
    expect((await auth.getSession())?.user.id).toBe('1')
  })

  // https://github.com/better-auth/better-fetch/issues/90
  it('in the moment in which a phone is back online but cannot reach anything yet', async () => {
    const { world, server, open } = createBrowser()
    server.session = ada
    const { page, told } = open()
    await world.clock.advance(MINUTE)
    page.connect(false)
    server.onSession = down
    page.connect(true)
    await settle()
    server.onSession = null
    await world.clock.advance(2_000)
    expect(told.map(({ data, error }) => [data?.user.id, error?.code])).toEqual([
      ['1', undefined],
      ['1', 'network'],
      ['1', undefined],
    ])
  })

  // https://github.com/auth0/nextjs-auth0/issues/618
  it('can be told from one: 401 is a sign-out, no network is none', async () => {
    const { server, open } = createBrowser()
    server.onSession = down
    const { auth } = open()
    await settle()
    expect(auth.session.value).toMatchObject({ status: 'error', error: { code: 'network' } })
    server.onSession = () => json({ success: false, session: null }, 401)
    await auth.refetch()
    expect(auth.session.value).toMatchObject({ status: 'unauthenticated', error: null })
  })

  // https://github.com/nextauthjs/next-auth/issues/11934
  it('nor does a failure look like a sign-in, whatever the backend sends with it', async () => {
    const { server, open } = createBrowser()
    const { auth } = open({ unwatched: true })
    for (const status of [200, 500]) {
      server.onSession = () => json({ message: 'There was a problem.' }, status)
      expect((await auth.refetch()).status).toBe('error')
    }
  })
})

describe('a spinner for ever', () => {
  // https://github.com/better-auth/better-auth/issues/569
  it('after a sign-out and a reload: the answer ends what is pending', async () => {
    const { server, open } = createBrowser()
    server.session = ada
    const one = open()
    await settle()
    await one.auth.signOut()
    one.page.dispatch('pagehide', { persisted: false })
    one.tab.crash()
    one.tab.load('http://app.test/')
    const two = open({ tab: one.tab })
    await settle()
    expect(two.told.map(({ status }) => status)).toEqual(['unauthenticated'])
    expect(two.auth.fetching.value).toBe(false)
  })

  // https://github.com/better-auth/better-auth/pull/10687
  it('on a request that hangs: nobody joins it for ever', async () => {
    const { world, server, open } = createBrowser()
    server.onSession = () => world.network.hang()
    const { auth } = open()
    const joined = [auth.refetch(), auth.ready(), auth.getSession()]
    joined[2]!.catch(() => null)
    await world.clock.advance(15_000)
    expect(auth.session.value.error?.code).toBe('timeout')
    await Promise.allSettled(joined)
    server.onSession = null
    server.session = ada
    await world.clock.advance(2_000)
    expect(auth.session.value.status).toBe('authenticated')
  })

  // https://github.com/foundation50/classroom50/pull/187
  // https://github.com/boardsesh/boardsesh/issues/4001
  it('on a page that starts without a network, which is no sign-out either', async () => {
    const { server, open } = createBrowser()
    server.onSession = down
    const { auth, told } = open({ change: (page) => page.connect(false) })
    await settle()
    expect(told.map(({ status }) => status)).toEqual(['error'])
    await expect(auth.getSession()).rejects.toMatchObject({ code: 'network' })
  })
})

describe('a client that stands still', () => {
  // https://github.com/supabase/auth-js/issues/762
  // https://github.com/supabase/supabase-js/issues/1594
  // https://github.com/supabase/supabase-js/issues/2013
  it('does not, when a listener waits for the client that is telling it', async () => {
    const { world, server, open, asked } = createBrowser()
    server.session = ada
    const { auth } = open({ unwatched: true })
    const answers: unknown[] = []
    const ask = async (): Promise<void> => {
      answers.push((await auth.getSession())?.user.id)
      answers.push((await auth.ready()).status)
      answers.push((await auth.refetch()).status)
      answers.push((await auth.getSession({ fresh: true }))?.user.id)
    }
    auth.session.listen(() => void ask())
    await world.clock.advance(2_000)
    expect(answers).toEqual(['1', 'authenticated', 'authenticated', '1'])
    expect(asked()).toBeLessThanOrEqual(3)
    expect(world.locks.held()).toEqual([])
  })

  // https://github.com/supabase/supabase-js/issues/2344
  it('does not, when a listener comes while it starts and the session is about to end', async () => {
    const { world, server, open, delay } = createBrowser()
    server.session = { ...ada, expires: new Date(world.clock.now() + 30_000).toISOString() }
    delay(500)
    const { auth } = open()
    const first = auth.getSession()
    const { told } = watch(auth)
    await world.clock.advance(10_000)
    expect((await first)?.user.id).toBe('1')
    expect(told).toHaveLength(1)
    expect(world.locks.held()).toEqual([])
  })

  // https://github.com/nextauthjs/next-auth/issues/9504
  // https://github.com/nextauthjs/next-auth/issues/10877
  it('does not: who signed in somewhere else is found at the next look, or by name', async () => {
    const { world, server, open } = createBrowser()
    const { page, auth } = open()
    await world.clock.advance(10_000)
    server.session = ada
    expect((await auth.getSession({ fresh: true }))?.user.id).toBe('1')
    expect(auth.session.value.status).toBe('authenticated')
    server.session = null
    await world.clock.advance(10_000)
    page.show(true)
    await settle()
    expect(auth.session.value.status).toBe('unauthenticated')
  })
})
