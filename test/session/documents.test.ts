import { describe, expect, it } from 'vitest'

import { ada, json, type AuraPayload } from '../aura-server.js'
import { deferred, settle } from '../rig.js'
import { createBrowser } from './scene.js'

// Cookies change by navigating, and only the server knows: what was asked for before a document
// began says nothing about who is signed in to that document.

const grace: AuraPayload = { ...ada, user: { sub: '2', name: 'Grace Summer' } }
const nameOf = (data: { user: { name: string | null } } | null): unknown => data?.user.name

describe('a tab that was opened after an answer was asked for', () => {
  it('does not take it, and asks for itself', async () => {
    const { world, server, open, asked, delay } = createBrowser()
    server.session = ada
    delay(3_000)
    const old = open()
    await world.clock.advance(1_000)
    server.session = grace // the new tab came by way of a sign-in at the server's own URL
    server.onSession = null
    const fresh = open()
    await world.clock.advance(10_000)
    expect(fresh.told.map(({ data }) => nameOf(data))).toEqual(['Grace Summer'])
    expect(nameOf(old.auth.session.value.data)).toBe('Grace Summer')
    expect(asked()).toBe(2)
  })

  it('does not take it, also when both wait for the same turn', async () => {
    const { world, server, open, asked } = createBrowser({ pollInterval: 10_000 })
    server.session = ada
    const old = open()
    await world.clock.advance(9_000)
    const answers: ((response: Response) => void)[] = []
    server.onSession = () => new Promise((resolve) => answers.push(resolve))
    while (answers.length === 0) await world.clock.advance(100)
    // The old tab has the turn. Now somebody signs in as another user, in a new tab.
    server.session = grace
    const fresh = open()
    await settle()
    answers[0]!(json({ success: true, session: ada }))
    await settle()
    expect(fresh.auth.session.value.status).toBe('pending')
    server.onSession = null
    await world.clock.advance(6_000)
    expect(fresh.told.map(({ data }) => nameOf(data))).toEqual(['Grace Summer'])
    expect(nameOf(old.auth.session.value.data)).toBe('Grace Summer')
    expect(asked()).toBe(3)
  })

  it('is not told what the tab beside it was told before', async () => {
    const { world, server, open } = createBrowser()
    server.session = ada
    open() // still answers for others
    await world.clock.advance(300)
    server.session = grace
    const fresh = open()
    await world.clock.advance(5_000)
    expect(fresh.told.map(({ data }) => nameOf(data))).toEqual(['Grace Summer'])
  })

  it('shows the sign-in page to whoever it signed out by the server’s own URL', async () => {
    const { world, server, open } = createBrowser()
    server.session = ada
    const old = open()
    await world.clock.advance(300)
    server.session = null
    const fresh = open()
    await world.clock.advance(5_000)
    expect(fresh.told).toEqual([
      expect.objectContaining({ status: 'unauthenticated', error: null }),
    ])
    expect(old.auth.session.value.error?.code).toBe('session_expired')
  })

  it('counts from the answer to its own navigation, not from when it left the one before', async () => {
    const { world, server, open } = createBrowser()
    server.session = ada
    const { page: blank } = world.tab('http://app.test/')
    const tab = world.tab('http://app.test/')
    // Clicked two seconds ago, answered just now: the redirects between have changed the cookies.
    await world.clock.advance(2_000)
    Object.assign(tab.page, {
      performance: {
        now: () => world.clock.now() - started,
        getEntriesByType: () => [{ responseStart: 2_000 }],
      },
    })
    const started = world.clock.now() - 2_000
    const channel = new blank.BroadcastChannel!('latchkey:http://app.test/auth')
    const answer = deferred<Response>()
    server.onSession = () => answer.promise
    const { auth } = open({ tab })
    await settle()
    const user = { id: '9', name: 'Stale', email: null, image: null }
    const session = { user, expiresAt: null, raw: {} }
    channel.postMessage({ session, at: started + 1_000 })
    await settle()
    expect(auth.session.value.status).toBe('pending')
    answer.resolve(json({ success: true, session: ada }))
    await settle()
    expect(nameOf(auth.session.value.data)).toBe('Ada Winter')
  })
})

describe('twelve documents that came together', () => {
  it('ask twice at most, although their scripts run one after the other', async () => {
    const { world, server, open, asked } = createBrowser()
    server.session = ada
    const tabs = Array.from({ length: 12 }, () => world.tab('http://app.test/'))
    for (const { page } of tabs) {
      Object.assign(page.performance, { getEntriesByType: () => [{ responseStart: 1 }] })
    }
    await world.clock.advance(100)
    for (const tab of tabs) {
      open({ tab })
      await world.clock.advance(60)
    }
    await world.clock.advance(10_000)
    expect(asked()).toBeLessThanOrEqual(2)
  })
})

describe('a page from the back/forward cache', () => {
  it('does not take an answer that was asked for before it was back', async () => {
    const { world, server, open } = createBrowser({ pollInterval: 10_000 })
    server.session = ada
    const old = open()
    const back = open()
    await world.clock.advance(2_000)
    back.tab.leave()
    const answers: ((response: Response) => void)[] = []
    server.onSession = () => new Promise((resolve) => answers.push(resolve))
    while (answers.length === 0) await world.clock.advance(100)
    // The old tab has the turn. In the other one somebody signs in as another user, and goes back.
    await world.clock.advance(100)
    server.session = grace
    back.tab.back()
    await settle()
    const { length } = back.told
    answers[0]!(json({ success: true, session: { ...ada, user: { ...ada.user, name: 'Stale' } } }))
    server.onSession = null
    await world.clock.advance(6_000)
    expect(old.told.map(({ data }) => nameOf(data))).toContain('Stale')
    expect(back.told.slice(length).map(({ data }) => nameOf(data))).toEqual(['Grace Summer'])
  })
})

describe('an answer of another tab', () => {
  it('that is older than what is known here is not taken', async () => {
    const { world, server, open, delay } = createBrowser()
    server.session = ada
    const [slow, quick] = [open(), open()]
    await world.clock.advance(10_000)
    delay(3_000)
    const late = slow.auth.refetch()
    await world.clock.advance(1_000)
    server.onSession = null
    server.session = { ...ada, user: { ...ada.user, name: 'Ada W.' } }
    await quick.auth.refetch()
    await world.clock.advance(5_000)
    await late
    for (const { auth } of [slow, quick]) expect(nameOf(auth.session.value.data)).toBe('Ada W.')
  })

  it('that is newer is taken, and overtakes the lookup that runs here', async () => {
    const { world, server, open, delay, asked } = createBrowser()
    server.session = ada
    const [slow, quick] = [open(), open()]
    await world.clock.advance(10_000)
    delay(3_000)
    void slow.auth.refetch()
    await world.clock.advance(1_000)
    server.onSession = null
    server.session = grace
    await quick.auth.refetch()
    await settle()
    expect(nameOf(slow.auth.session.value.data)).toBe('Grace Summer')
    await world.clock.advance(5_000)
    expect(slow.told.map(({ data }) => nameOf(data))).toEqual(['Ada Winter', 'Grace Summer'])
    expect(asked()).toBe(3)
  })

  it('that brings another user brings a new identity, whole', async () => {
    const { world, server, open } = createBrowser()
    const team = { id: 7 }
    server.session = { ...ada, user: { ...ada.user, team } }
    const [one, two] = [open(), open()]
    await world.clock.advance(10_000)
    const before = two.auth.session.value.data
    server.session = { ...grace, user: { ...grace.user, team } }
    await one.auth.refetch()
    await settle()
    const after = two.auth.session.value
    expect(after).toMatchObject({ status: 'authenticated', error: null })
    expect(after.data?.user.id).toBe('2')
    expect(after.data).not.toBe(before)
    expect(after.data?.user).not.toBe(before?.user)
    expect(two.told).toHaveLength(2)
  })

  it('that ends a failure ends it here, too', async () => {
    const { world, server, open, asked } = createBrowser()
    server.session = ada
    const [one, two] = [open(), open()]
    await world.clock.advance(10_000)
    server.onSession = () => json(null, 429, { 'retry-after': '600' })
    await two.auth.refetch()
    expect(two.auth.session.value.error?.code).toBe('rate_limited')
    server.onSession = null
    await one.auth.refetch()
    await settle()
    expect(two.auth.session.value).toMatchObject({ status: 'authenticated', error: null })
    const before = asked()
    await world.clock.advance(600_000)
    expect(asked()).toBe(before)
  })
})

describe('two clients of one page', () => {
  it('that are the same, such as in two bundles, ask once and agree', async () => {
    const { world, server, open, asked } = createBrowser()
    server.session = ada
    const one = open()
    const two = open({ tab: one.tab })
    await world.clock.advance(2_000)
    expect(asked()).toBe(1)
    await one.auth.signOut()
    await settle()
    expect(two.auth.session.value.status).toBe('unauthenticated')
  })
})
