import { describe, expect, it } from 'vitest'

import { ada, json } from '../aura-server.js'
import { settle } from '../rig.js'
import { createBrowser } from './scene.js'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE

/** The server's session, for this long by the server's clock, which is `behind` ours. */
const answer = (now: number, { lasts = HOUR, behind = 0, date = false } = {}): Response => {
  const server = now - behind
  const headers = date ? { date: new Date(server).toUTCString() } : {}
  const session = { ...ada, expires: new Date(server + lasts).toISOString() }
  return json({ success: true, session }, 200, headers as Record<string, string>)
}

describe('a clock that is two hours', () => {
  it.each([
    ['fast', 2 * HOUR],
    ['slow', -2 * HOUR],
  ])('%s makes no difference where the server says what time it is', async (_, behind) => {
    const { world, server, open, asked } = createBrowser()
    server.onSession = () => answer(world.clock.now(), { behind, date: true })
    const { auth } = open()
    await settle()
    expect(auth.session.value.data?.expiresAt).toBe(world.clock.now() + HOUR)
    await world.clock.advance(58 * MINUTE)
    expect(asked()).toBe(1)
    await world.clock.advance(2 * MINUTE)
    expect(asked()).toBe(2)
  })

  it('fast costs a dozen requests in the first minute, at most, and nobody is signed out', async () => {
    const { world, server, open, asked } = createBrowser()
    server.onSession = () => answer(world.clock.now(), { behind: 2 * HOUR })
    const { auth } = open()
    await world.clock.advance(MINUTE)
    expect(asked()).toBeLessThanOrEqual(13)
    const before = asked()
    await world.clock.advance(HOUR)
    expect(asked() - before).toBeLessThanOrEqual(13)
    expect(auth.session.value.status).toBe('authenticated')
  })

  it('slow finds out at the next look that the session is over', async () => {
    const { world, server, open, asked } = createBrowser()
    server.onSession = () => answer(world.clock.now(), { behind: -2 * HOUR })
    const { page, auth } = open()
    await world.clock.advance(2 * HOUR)
    expect(asked()).toBe(1)
    server.onSession = null
    page.show(true)
    await settle()
    expect(auth.session.value.error?.code).toBe('session_expired')
  })

  it('fast, and put right, does not keep the gate shut', async () => {
    const { world, server, open, asked } = createBrowser()
    server.session = ada
    const { page } = open()
    await world.clock.advance(MINUTE)
    world.clock.jump(-2 * HOUR)
    page.show(true) // takes note of it
    await world.clock.advance(5 * SECOND)
    page.show(true)
    await settle()
    expect(asked()).toBe(2)
  })

  it('fast, and put right, does not stop the polls', async () => {
    const { world, server, open, asked } = createBrowser({ pollInterval: 10 * SECOND })
    server.session = ada
    open()
    await world.clock.advance(MINUTE)
    const before = asked()
    world.clock.jump(-2 * HOUR)
    await world.clock.advance(2 * MINUTE)
    expect(asked() - before).toBeGreaterThanOrEqual(8)
    expect(asked() - before).toBeLessThanOrEqual(13)
  })

  it('fast, and put right, does not lengthen the pause of a backend that failed', async () => {
    const { world, server, open, asked } = createBrowser()
    server.onSession = () => json(null, 503)
    open()
    await settle()
    world.clock.jump(-2 * HOUR)
    await world.clock.advance(MINUTE)
    expect(asked()).toBeGreaterThanOrEqual(4)
  })

  it('slow, and put right, asks for a session that is over by now, once', async () => {
    const { world, server, open, asked } = createBrowser()
    server.onSession = () => answer(world.clock.now())
    open()
    await world.clock.advance(MINUTE)
    world.clock.jump(2 * HOUR)
    await world.clock.advance(30 * SECOND)
    expect(asked()).toBe(2)
  })
})

describe('a clock that is set back', () => {
  it('swallows no sign-out and no sign-in of another tab', async () => {
    const { world, server, open } = createBrowser()
    server.session = ada
    const [one, two] = [open(), open()]
    await world.clock.advance(MINUTE)
    world.clock.jump(-2 * HOUR)
    await one.auth.signOut()
    await settle()
    expect(two.auth.session.value.status).toBe('unauthenticated')
  })

  it('leaves one tab asking for all of them', async () => {
    const { world, server, open, asked } = createBrowser({ pollInterval: 10 * SECOND })
    server.session = { ...ada, expires: '2999-01-01T00:00:00.000Z' }
    for (let tab = 0; tab < 5; tab += 1) open()
    await world.clock.advance(MINUTE)
    world.clock.jump(-2 * HOUR)
    await world.clock.advance(20 * SECOND)
    const before = asked()
    await world.clock.advance(5 * MINUTE)
    expect(asked() - before).toBeLessThanOrEqual(30)
  })

  it('brings no answer back that was asked for before a sign-out', async () => {
    const { world, server, open } = createBrowser()
    server.session = ada
    const one = open()
    const two = open({ unwatched: true }) // hears nothing
    await world.clock.advance(MINUTE)
    let late!: (response: Response) => void
    server.onSession = () => new Promise((resolve) => (late = resolve))
    const asking = two.auth.refetch()
    await world.clock.advance(SECOND)
    server.onSession = null
    await one.auth.signOut()
    world.clock.jump(-2 * HOUR)
    late(json({ success: true, session: ada }))
    await asking
    await settle()
    expect(one.auth.session.value.status).toBe('unauthenticated')
  })
})

it('takes the time from the page at each look, so that a test may replace it', async () => {
  const { world, server, open, asked } = createBrowser()
  server.session = ada
  const { page } = open()
  await world.clock.advance(2 * SECOND)
  Object.assign(page, { Date: { now: () => world.clock.now() + HOUR } })
  page.show(true)
  await settle()
  expect(asked()).toBe(2)
})
