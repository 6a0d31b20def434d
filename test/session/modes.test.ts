import { describe, expect, it } from 'vitest'

import { aura } from '../../src/adapters/aura/index.js'
import type { AuraSession } from '../../src/index.js'
import type { AdapterFactory } from '../../src/types.js'
import { ada, json, type AuraPayload } from '../aura-server.js'
import { settle, type Page } from '../rig.js'
import { createBrowser } from './scene.js'

const grace: AuraPayload = { ...ada, user: { sub: '2', name: 'Grace Summer' } }

/** An adapter whose credential is this tab's own. */
const tokens: AdapterFactory<AuraSession> = (config) =>
  Object.assign(aura()(config), { reach: 'tab' as const })

describe('tabs with a credential each', () => {
  it('ask when another signs in, since its session is not theirs', async () => {
    const { world, server, open, asked } = createBrowser()
    const [one, two] = [open({ adapter: tokens }), open({ adapter: tokens })]
    await world.clock.advance(10_000)
    const before = asked()
    // What another tab says after a sign-in.
    const channel = new one.page.BroadcastChannel!('latchkey:http://app.test/auth')
    one.auth.dispose()
    server.session = grace
    const user = { id: 'x', name: 'Not me', email: null, image: null }
    channel.postMessage({ session: { user, expiresAt: null, raw: {} } })
    await settle()
    expect(two.auth.session.value.data?.user.name).toBe('Grace Summer')
    expect(asked() - before).toBe(1)
    expect(two.told.map(({ data }) => data?.user.name)).toEqual([undefined, 'Grace Summer'])
  })

  it.each<[string, (page: Page) => void, (page: Page) => void]>([
    ['hidden', (page) => page.show(false), (page) => page.show(true)],
    ['offline', (page) => page.connect(false), (page) => page.connect(true)],
  ])('wait with that while %s, and then ask at once', async (_, away, back) => {
    const { world, server, open, asked } = createBrowser()
    const [one, two] = [open({ adapter: tokens }), open({ adapter: tokens })]
    await world.clock.advance(10_000)
    away(two.page)
    await two.auth.refetch()
    server.session = grace
    const channel = new one.page.BroadcastChannel!('latchkey:http://app.test/auth')
    one.auth.dispose()
    const before = asked()
    channel.postMessage({ session: { user: { id: '2' }, expiresAt: null, raw: {} } })
    await world.clock.advance(2_000)
    expect(asked()).toBe(before)
    back(two.page)
    await settle()
    expect(asked() - before).toBe(1)
    expect(two.auth.session.value.data?.user.name).toBe('Grace Summer')
  })

  it('take over that another signed out', async () => {
    const { world, server, open, asked } = createBrowser()
    server.session = ada
    const [one, two] = [open({ adapter: tokens }), open({ adapter: tokens })]
    await world.clock.advance(10_000)
    const before = asked()
    await one.auth.signOut()
    await settle()
    expect(two.auth.session.value).toMatchObject({ status: 'unauthenticated', error: null })
    expect(asked()).toBe(before)
  })

  it('neither tell nor take an answer', async () => {
    const { world, server, open } = createBrowser({ tabs: 'ask' })
    server.session = ada
    const [one, two] = [open(), open()]
    await world.clock.advance(10_000)
    server.session = grace
    await one.auth.refetch()
    await settle()
    expect(two.auth.session.value.data?.user.name).toBe('Ada Winter')
    expect(world.channels.posted).toEqual([])
  })

  it('ask each for itself, and nobody waits for a turn', async () => {
    const { server, open, asked } = createBrowser({ tabs: 'ask' })
    server.onSession = () => new Promise(() => {})
    for (let tab = 0; tab < 3; tab += 1) open()
    await settle()
    expect(asked()).toBe(3)
  })

  it('come back from the back/forward cache with one request', async () => {
    const { world, server, open, asked } = createBrowser({ tabs: 'ask' })
    server.session = ada
    const { tab, page } = open()
    await world.clock.advance(2_000)
    tab.leave()
    page.show(true) // before `pageshow`, as HTML has it
    page.dispatch('pageshow', { persisted: true })
    await settle()
    expect(asked()).toBe(2)
  })
})

describe('tabs that are off', () => {
  it('neither tell nor hear anything', async () => {
    const { world, server, open } = createBrowser({ tabs: 'off' })
    server.session = ada
    const [one, two] = [open(), open()]
    await world.clock.advance(10_000)
    await one.auth.signOut()
    await settle()
    expect(two.auth.session.value.status).toBe('authenticated')
    expect(world.channels.posted).toEqual([])
    expect(world.channels.open()).toBe(0)
  })

  it('still keep themselves fresh', async () => {
    const { world, server, open, asked } = createBrowser({ tabs: 'off', pollInterval: 10_000 })
    server.session = { ...ada, expires: '2999-01-01T00:00:00.000Z' }
    open()
    await world.clock.advance(35_000)
    expect(asked()).toBe(4)
  })
})

describe('what is said between tabs', () => {
  it('is what a page shows, and never a token', async () => {
    const { world, server, open } = createBrowser({ pollInterval: 10_000 })
    server.session = ada
    const [one, two] = [open(), open()]
    await world.clock.advance(30_000)
    await two.auth.refetch({ fresh: true })
    await one.auth.signOut()
    await settle()
    expect(world.channels.posted.length).toBeGreaterThan(3)
    const keys = new Set(world.channels.posted.flatMap(({ message }) => Object.keys(message!)))
    expect(keys).toEqual(new Set(['session', 'at']))
    expect(JSON.stringify(world.channels.posted)).not.toMatch(/token|csrf|cookie|secret|bearer/i)
  })

  it('is not heard by a client of another realm', async () => {
    const { world, server, open } = createBrowser()
    server.session = ada
    const one = open()
    await world.clock.advance(2_000)
    const two = open({ baseURL: 'http://other.test/auth' })
    const third = open()
    await world.clock.advance(2_000)
    world.network.respond(() => json({ csrfToken: 'x', success: false, session: null }))
    await two.auth.refetch()
    await two.auth.signOut().catch(() => null)
    await settle()
    for (const { auth } of [one, third]) expect(auth.session.value.status).toBe('authenticated')
    expect(world.channels.posted.map(({ name }) => name)).toContain('latchkey:http://app.test/auth')
  })

  const user = { id: '1', name: 'Ada Winter', email: null, image: null }
  it.each([
    ['a time in words', { session: { user }, at: 'yesterday' }],
    ['no number', { session: { user }, at: Number.NaN }],
    ['a time far ahead', { session: { user }, at: 9e15 }],
    ['a question with more to it', { at: 0, session: undefined, version: 2 }],
    ['a session of another shape', { session: { user, tabs: [1] }, at: 1 }],
    ['a ping', { event: 'session', data: { trigger: 'getSession' } }],
  ])('may come from another version of the app: %s', async (_, message) => {
    const { world, server, open, asked, leftovers } = createBrowser({ pollInterval: 10_000 })
    server.session = { ...ada, expires: '2999-01-01T00:00:00.000Z' }
    const { page, auth, stop } = open()
    await world.clock.advance(15_000)
    const other = new page.BroadcastChannel!('latchkey:http://app.test/auth')
    other.postMessage(message)
    await settle()
    const before = asked()
    await world.clock.advance(60_000)
    expect(asked() - before).toBeGreaterThanOrEqual(3)
    expect(asked() - before).toBeLessThanOrEqual(7)
    expect(auth.session.value.data?.user.id).toBe('1')
    other.close()
    stop()
    await world.clock.advance(1_000)
    expect(leftovers()).toBe(0)
  })
})

// https://github.com/mozilla/fxa/issues/2347, https://github.com/trezor/connect/pull/737
// Safari before 15.4 has none, and Firefox throws where the user blocks cookies.
describe('where `BroadcastChannel`', () => {
  it.each(['is missing', 'is refused'])('%s, a tab is alone, and works', async (how) => {
    const { world, server, open, asked, leftovers } = createBrowser({ pollInterval: 60_000 })
    server.session = { ...ada, expires: '2999-01-01T00:00:00.000Z' }
    class Refused {
      constructor() {
        throw new DOMException('Storage is blocked.', 'SecurityError')
      }
    }
    const { auth, stop } = open({
      change: (page) =>
        Object.assign(page, { BroadcastChannel: how === 'is missing' ? undefined : Refused }),
    })
    await world.clock.advance(2_000)
    expect(auth.session.value.status).toBe('authenticated')
    await world.clock.advance(70_000)
    expect(asked()).toBe(2)
    await auth.signOut()
    expect(auth.session.value.status).toBe('unauthenticated')
    stop()
    await world.clock.advance(1_000)
    expect(leftovers()).toBe(0)
  })
})
