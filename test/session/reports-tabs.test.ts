import { describe, expect, it } from 'vitest'

import { ada, json, type AuraPayload } from '../aura-server.js'
import { settle } from '../rig.js'
import { createBrowser } from './scene.js'

// What users of other libraries have reported, and what it would look like here.

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const forever: AuraPayload = { ...ada, expires: '2999-01-01T00:00:00.000Z' }

describe('tabs', () => {
  // https://github.com/better-auth/better-auth/pull/8177
  it('are told of a sign-out and of a change, without the focus and without a request', async () => {
    const { world, server, open, asked } = createBrowser()
    server.session = ada
    const [one, two] = [open(), open()]
    two.page.show(false)
    await world.clock.advance(MINUTE)
    server.session = { ...ada, user: { ...ada.user, name: 'Ada W.' } }
    const before = asked()
    await one.auth.refetch()
    await settle()
    expect(two.auth.session.value.data?.user.name).toBe('Ada W.')
    await one.auth.signOut()
    await settle()
    expect(two.auth.session.value.status).toBe('unauthenticated')
    expect(asked() - before).toBe(1)
  })

  // https://github.com/nextauthjs/next-auth/issues/6682
  it('that are open render nothing and ask nothing when another is opened', async () => {
    const { world, server, open, asked } = createBrowser()
    server.session = ada
    const old = open()
    await world.clock.advance(MINUTE)
    for (let tab = 0; tab < 4; tab += 1) {
      open()
      await world.clock.advance(MINUTE)
    }
    expect(old.told).toHaveLength(1)
    expect(old.events.filter(({ type }) => type === 'load:start')).toHaveLength(1)
    expect(asked()).toBe(5)
  })

  // https://github.com/nextauthjs/next-auth/pull/5730
  // https://github.com/nextauthjs/next-auth/issues/596
  it('show what the tab that asked shows, and that tab does, too', async () => {
    const { world, server, open } = createBrowser()
    server.session = ada
    const [one, two] = [open(), open()]
    await world.clock.advance(MINUTE)
    server.session = { ...ada, user: { ...ada.user, groups: ['a'] } }
    await one.auth.getSession({ fresh: true })
    await settle()
    for (const { auth } of [one, two]) {
      expect(auth.session.value.data?.user['groups']).toEqual(['a'])
    }
  })

  // https://github.com/nextauthjs/next-auth/issues/2071
  // https://github.com/nextauthjs/next-auth/pull/2171
  it('can be told to keep to themselves', async () => {
    const { world, server, open } = createBrowser({ tabs: 'off' })
    server.session = ada
    const [one, two] = [open(), open()]
    await world.clock.advance(MINUTE)
    await one.auth.signOut()
    await settle()
    expect(two.told).toHaveLength(1)
    expect(world.channels.posted).toEqual([])
  })

  // https://github.com/supabase/auth-js/issues/213
  // https://github.com/supabase/auth-js/issues/441
  // https://github.com/supabase/auth-js/pull/461
  // https://github.com/supabase/supabase-js/issues/2696
  it('do not sign each other out by renewing one session at the same time', async () => {
    const { world, server, open } = createBrowser()
    let renewals = 0
    let running = 0
    const { page: outside } = world.tab('http://server.test/')
    server.onSession = async () => {
      running += 1
      expect(running).toBe(1) // a second one at the same time would be taken for theft
      await new Promise<void>((done) => outside.setTimeout(done, 300))
      running -= 1
      renewals += 1
      const expires = new Date(world.clock.now() + 5 * MINUTE).toISOString()
      return json({ success: true, session: { ...ada, expires } })
    }
    const tabs = [open()]
    for (let tab = 1; tab < 5; tab += 1) {
      await world.clock.advance(1_000)
      tabs.push(open())
    }
    await world.clock.advance(HOUR)
    expect(renewals).toBeLessThanOrEqual(21)
    for (const { auth, told } of tabs) {
      expect(auth.session.value).toMatchObject({ status: 'authenticated', error: null })
      expect(told).toHaveLength(1)
    }
  })

  // https://github.com/authts/oidc-client-ts/issues/430
  // https://github.com/authts/oidc-client-ts/pull/434
  it('renew once between them, although nobody is their leader', async () => {
    const { world, server, open, asked } = createBrowser()
    server.onSession = () => {
      const expires = new Date(world.clock.now() + 5 * MINUTE).toISOString()
      return json({ success: true, session: { ...ada, expires } })
    }
    const [first, ...others] = Array.from({ length: 5 }, () => open())
    await world.clock.advance(10 * MINUTE)
    const before = asked()
    first!.tab.crash()
    await world.clock.advance(40 * MINUTE)
    expect(asked() - before).toBeLessThanOrEqual(11)
    expect(asked() - before).toBeGreaterThanOrEqual(9)
    for (const { auth } of others) expect(auth.session.value.status).toBe('authenticated')
  })

  // https://github.com/Mininglamp-OSS/octo-web/pull/1596
  // https://github.com/dabblewriter/tab-election/issues/3
  it('that nobody sees are not the ones that poll, whoever was first', async () => {
    const { world, server, open } = createBrowser({ pollInterval: 10_000 })
    server.session = forever
    const first = open()
    await world.clock.advance(2_000)
    const second = open()
    first.page.show(false)
    await world.clock.advance(10 * MINUTE)
    const polls = second.events.filter((event) => event.type === 'load:start')
    expect(polls.length).toBeGreaterThan(50)
    second.page.show(false)
    first.page.show(true)
    const before = first.events.length
    await world.clock.advance(10 * MINUTE)
    expect(first.events.length - before).toBeGreaterThan(50)
  })

  // https://github.com/sidebase/nuxt-auth/issues/70
  it('on the sign-in page notice that somebody has signed in', async () => {
    const { world, server, open, asked } = createBrowser()
    const waiting = open()
    await world.clock.advance(MINUTE)
    server.session = ada
    open() // where the sign-in came back to
    await settle()
    expect(waiting.auth.session.value.status).toBe('authenticated')
    expect(asked()).toBe(2)
  })
})

describe('clocks', () => {
  const ahead = 2 * HOUR

  // https://github.com/supabase/auth-js/issues/926
  // https://github.com/firebase/firebase-js-sdk/issues/6032
  // https://github.com/zitadel/zitadel/issues/9419
  it('that are ahead of the backend’s make no loop and sign nobody out', async () => {
    const { world, server, open, asked } = createBrowser()
    server.onSession = () => {
      const expires = new Date(world.clock.now() - ahead + HOUR).toISOString()
      return json({ success: true, session: { ...ada, expires } })
    }
    const { auth, told } = open()
    await world.clock.advance(MINUTE)
    expect(asked()).toBeLessThanOrEqual(4)
    await world.clock.advance(10 * MINUTE)
    expect(asked()).toBeLessThanOrEqual(6)
    expect(auth.session.value.status).toBe('authenticated')
    expect(told).toHaveLength(1)
  })

  // https://github.com/authts/oidc-client-ts/issues/251
  // https://github.com/damienbod/angular-auth-oidc-client/issues/605
  it('that went on while the laptop slept are noticed', async () => {
    const { world, server, open, asked } = createBrowser()
    server.session = { ...ada, expires: new Date(world.clock.now() + HOUR).toISOString() }
    const { auth } = open()
    await world.clock.advance(MINUTE)
    server.session = null
    world.clock.jump(8 * HOUR)
    await world.clock.advance(30_000)
    expect(asked()).toBe(2)
    expect(auth.session.value.error?.code).toBe('session_expired')
  })
})

describe('timers', () => {
  // https://github.com/keycloak/keycloak-js/issues/107
  // https://github.com/descope/descope-js/pull/287
  // https://github.com/onyx-dot-app/onyx/issues/12645
  it.each([25, 30, 90, 365])('do not ring at once for a session of %i days', async (days) => {
    const { world, server, open, asked } = createBrowser({ pollInterval: 30 * 24 * HOUR })
    server.session = {
      ...ada,
      expires: new Date(world.clock.now() + days * 24 * HOUR).toISOString(),
    }
    open({
      change: (page) => {
        const later = page.setTimeout
        // As browsers do with what does not fit 31 bits.
        Object.assign(page, {
          setTimeout: (run: () => void, ms: number) => later(run, ms > 2_147_483_647 ? 1 : ms),
        })
      },
    })
    await world.clock.advance(HOUR)
    expect(asked()).toBe(1)
  })
})
