import { describe, expect, it } from 'vitest'

import { ada, json } from '../aura-server.js'
import { settle } from '../rig.js'
import { createBrowser } from './scene.js'

const MINUTE = 60_000
/** Signed in for as long as these tests run. */
const forever = { ...ada, expires: '2999-01-01T00:00:00.000Z' }

describe('a backend that fails twelve tabs', () => {
  it('is asked about as often as by one of them', async () => {
    const { world, server, open, asked } = createBrowser()
    server.onSession = () => json(null, 503)
    const tabs = Array.from({ length: 12 }, () => open())
    await world.clock.advance(10_000)
    expect(asked()).toBeLessThanOrEqual(8)
    for (const { auth } of tabs) expect(auth.session.value.error?.code).toBe('server_error')
    server.onSession = null
    server.session = forever
    await world.clock.advance(MINUTE)
    for (const { auth } of tabs) expect(auth.session.value.status).toBe('authenticated')
  })

  it('and says to one of them when to come again, is left alone by all', async () => {
    const { world, server, open, asked } = createBrowser({ pollInterval: 10_000 })
    server.session = forever
    const tabs = Array.from({ length: 12 }, () => open())
    await world.clock.advance(20_000)
    const before = asked()
    server.onSession = () => json(null, 429, { 'retry-after': '60' })
    await world.clock.advance(MINUTE)
    expect(asked() - before).toBeLessThanOrEqual(2)
    for (const { auth } of tabs) expect(auth.session.value.status).toBe('authenticated')
  })

  it('one after the other as they are visited, is asked by the first', async () => {
    const { world, server, open, asked } = createBrowser()
    server.session = forever
    const tabs = Array.from({ length: 12 }, () => open())
    await world.clock.advance(MINUTE)
    const before = asked()
    server.onSession = () => json(null, 429, { 'retry-after': '60' })
    for (const { page } of tabs) {
      page.show(true)
      await settle()
    }
    expect(asked() - before).toBe(1)
  })
})
