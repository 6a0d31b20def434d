import { describe, expect, it } from 'vitest'

import { ada, json, type AuraPayload } from '../aura-server.js'
import { deferred } from '../rig.js'
import { createBrowser } from './scene.js'

const bob: AuraPayload = { ...ada, user: { sub: '2', name: 'Bob Frost' } }
const link = `http://app.test/?latchkey=${'A'.repeat(22)}`

// What a landing is told is shared with the time it was asked at: by then it may be old.
describe('the slow answer to a landing', () => {
  it('is not shown to a tab that was opened after it was asked for, as another user', async () => {
    const { world, server, open, asked } = createBrowser()
    const [slow, slower] = [deferred<Response>(), deferred<Response>()]
    server.onSession = () => slow.promise
    const landed = open({ tab: world.tab(link) })
    await world.clock.advance(100)
    server.onSession = () => slower.promise // by a sign-in at the server's own URL
    const fresh = open()
    await world.clock.advance(700)
    slow.resolve(json({ success: true, session: ada }))
    await world.clock.advance(50)
    expect(landed.auth.session.value.data?.user.name).toBe('Ada Winter')
    expect(fresh.auth.session.value.status).toBe('pending')
    slower.resolve(json({ success: true, session: bob }))
    await world.clock.advance(20_000)
    expect(fresh.told.map(({ data }) => data?.user.name)).toEqual(['Bob Frost'])
    expect(asked()).toBe(2)
  })

  it('undoes no sign-out, whoever made that link', async () => {
    const { world, server, open } = createBrowser()
    server.session = ada
    const one = open()
    await world.clock.advance(10_000)
    const slow = deferred<Response>()
    server.onSession = () => slow.promise
    open({ tab: world.tab(link), unwatched: true })
    await world.clock.advance(100)
    await one.auth.signOut()
    expect(one.auth.session.value.status).toBe('unauthenticated')
    slow.resolve(json({ success: true, session: ada }))
    await world.clock.advance(1_000)
    expect(one.told.map(({ status }) => status)).toEqual(['authenticated', 'unauthenticated'])
  })
})

describe('an answer from another tab', () => {
  it('counts for nothing where something later is known', async () => {
    const { world, server, open } = createBrowser()
    server.session = ada
    const one = open()
    await world.clock.advance(10_000)
    const at = world.clock.now() - 1_000
    server.session = bob
    await one.auth.refetch()
    await world.clock.advance(10)
    const { page } = world.tab('http://app.test/')
    const other = new page.BroadcastChannel!('latchkey:http://app.test/auth')
    const user = { id: '1', name: 'Ada Winter', email: null, image: null }
    other.postMessage({ session: { user, expiresAt: null, raw: {} }, at })
    await world.clock.advance(10)
    expect(one.told.map(({ data }) => data?.user.name)).toEqual(['Ada Winter', 'Bob Frost'])
    other.postMessage({ session: null, at: world.clock.now() })
    await world.clock.advance(10)
    expect(one.auth.session.value.status).toBe('unauthenticated')
  })
})

describe('a page back from the back/forward cache while another tab asks', () => {
  it('waits half a second for it and not five: it may show somebody else', async () => {
    const { world, server, open, asked } = createBrowser()
    server.session = ada
    const back = open()
    await world.clock.advance(3_000)
    back.tab.leave()
    await world.clock.advance(10_000)
    server.onSession = () => world.network.hang() // and the tab that asks is frozen
    open()
    await world.clock.advance(20)
    server.onSession = null
    server.session = bob
    const before = asked()
    back.tab.back()
    await world.clock.advance(1_000)
    expect(back.auth.session.value.data?.user.name).toBe('Bob Frost')
    expect(asked() - before).toBe(1)
  })
})
