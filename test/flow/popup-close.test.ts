import { describe, expect, it } from 'vitest'

import { ada, json } from '../aura-server.js'
import { deferred, settle } from '../rig.js'
import { expectNothingLeft, outcomeOf, setUp } from './popup-scene.js'

describe('closing', () => {
  it('rejects a second after the page has the focus back', async () => {
    const scene = await setUp()
    const { world, tab, auth, popup } = scene
    const listeners = tab.page.listeners()
    const done = outcomeOf(auth.signIn('dribbble', { popup: true }))
    await world.clock.advance(3000)
    popup().closeByUser()
    await world.clock.advance(900)
    expect(done.value).toBeUndefined()
    await world.clock.advance(700)
    expect(done.value).toMatchObject({ code: 'popup_closed' })
    // The attempt lives on for a late result until its deadline, of which nobody is told again.
    await world.clock.advance(300_000)
    expectNothingLeft(scene, listeners)
    const told = scene.events.filter(({ type }) => type === 'signIn:failed')
    expect(told).toHaveLength(1)
  })

  it('rejects after five where the focus never says anything', async () => {
    const { world, tab, auth, popup } = await setUp()
    Object.assign(tab.page, { document: { hasFocus: () => true }, dispatch: () => {} })
    const done = outcomeOf(auth.signIn('dribbble', { popup: true }))
    await world.clock.advance(1000)
    popup().closeByUser()
    await world.clock.advance(4500)
    expect(done.value).toBeUndefined()
    await world.clock.advance(1100)
    expect(done.value).toMatchObject({ code: 'popup_closed' })
  })

  it('is not believed of a severed window while somebody else has the focus', async () => {
    const { world, tab, auth, popup } = await setUp()
    const done = outcomeOf(auth.signIn('dribbble', { popup: true, timeout: 600_000 }))
    popup().sever()
    await world.clock.advance(540_000)
    expect(done.value).toBeUndefined()
    tab.focus(true)
    await world.clock.advance(900)
    expect(done.value).toBeUndefined()
    await world.clock.advance(700)
    expect(done.value).toMatchObject({ code: 'popup_closed' })
  })

  it('that comes just before the result is no close', async () => {
    const scene = await setUp()
    const { world, tab, auth, popup, server } = scene
    const done = outcomeOf(auth.signIn('dribbble', { popup: true }))
    popup().sever()
    await world.clock.advance(3000)
    tab.focus(true)
    await world.clock.advance(900)
    server.session = ada
    scene.create(popup().land(scene.landing()))
    await world.clock.advance(2000)
    expect(done.value).toMatchObject({ user: { id: '1' } })
    expect(scene.events.filter(({ type }) => type === 'signIn:failed')).toEqual([])
  })

  it('is soft: who finishes after it is signed in all the same', async () => {
    const scene = await setUp()
    const { world, tab, auth, popup, server } = scene
    const listeners = tab.page.listeners()
    const done = outcomeOf(auth.signIn('dribbble', { popup: true }))
    popup().sever()
    await world.clock.advance(2000)
    tab.focus(true) // looks at the app for a while, the popup open behind it
    await world.clock.advance(2000)
    expect(done.value).toMatchObject({ code: 'popup_closed' })
    expect(auth.session.value.status).toBe('unauthenticated')
    server.session = ada
    scene.create(popup().land(scene.landing()))
    await world.clock.advance(500)
    expect(auth.session.value).toMatchObject({ status: 'authenticated' })
    expect(done.value).toMatchObject({ code: 'popup_closed' })
    await world.clock.advance(1000)
    expectNothingLeft(scene, listeners)
  })

  it('asks the backend first: the sign-in may have gone through without a word', async () => {
    const { world, auth, popup, server } = await setUp()
    await auth.getSession()
    const done = outcomeOf(auth.signIn('dribbble', { popup: true }))
    await world.clock.advance(1000)
    server.session = ada
    popup().closeByUser()
    await world.clock.advance(2000)
    expect(done.value).toMatchObject({ user: { id: '1' } })
    expect(world.network.count('GET /auth/session')).toBe(2)
  })

  it('is not success because of somebody who was signed in before', async () => {
    const { world, auth, popup, server } = await setUp()
    server.session = ada
    const before = await auth.getSession()
    const done = outcomeOf(auth.signIn('dribbble', { popup: true }))
    await world.clock.advance(1000)
    popup().closeByUser()
    await world.clock.advance(2000)
    expect(done.value).toMatchObject({ code: 'popup_closed' })
    expect(auth.session.value.data).toBe(before)
  })

  it('is not success because of somebody nobody had asked about', async () => {
    const { world, auth, popup, server } = await setUp()
    server.session = ada
    const done = outcomeOf(auth.signIn('dribbble', { popup: true }))
    await world.clock.advance(1000)
    popup().closeByUser()
    await world.clock.advance(2000)
    expect(done.value).toMatchObject({ code: 'popup_closed' })
    expect(auth.session.value.data?.user.id).toBe('1') // who it is, is known all the same
  })

  it('does not bring back a session that was signed out while it asked', async () => {
    const { world, tab, auth, popup, server, create } = await setUp()
    const other = create(world.tab(tab.page.location.href).page)
    for (const client of [auth, other]) client.session.listen(() => {})
    await settle()
    server.session = ada
    const done = outcomeOf(auth.signIn('dribbble', { popup: true }))
    await world.clock.advance(1000)
    const answer = deferred<Response>()
    server.onSession = () => answer.promise
    popup().closeByUser()
    await world.clock.advance(1500)
    await other.signOut()
    answer.resolve(json({ success: true, session: ada }))
    await settle()
    for (const client of [auth, other]) {
      expect(client.session.value.status).toBe('unauthenticated')
    }
    expect(done.value).toMatchObject({ code: 'popup_closed' })
  })

  it('counts time and not events', async () => {
    const { world, tab, auth, popup } = await setUp()
    const done = outcomeOf(auth.signIn('dribbble', { popup: true }))
    popup().sever()
    await world.clock.advance(1000)
    tab.focus(true)
    for (const type of ['focus', 'visibilitychange', 'focus']) tab.page.dispatch(type)
    await settle()
    expect(done.value).toBeUndefined()
  })

  it('is taken back when the focus goes away again before the grace is over', async () => {
    const { world, tab, auth, popup } = await setUp()
    const done = outcomeOf(auth.signIn('dribbble', { popup: true }))
    popup().sever()
    await world.clock.advance(1000)
    tab.focus(true)
    await world.clock.advance(800)
    tab.focus(false)
    await world.clock.advance(5000)
    expect(done.value).toBeUndefined()
  })
})

describe('the end', () => {
  it('comes at the deadline, also when the clock ran while the page slept', async () => {
    const scene = await setUp()
    const { world, tab, auth, popup } = scene
    const listeners = tab.page.listeners()
    const done = outcomeOf(auth.signIn('dribbble', { popup: true }))
    world.clock.jump(300_000)
    tab.page.dispatch('visibilitychange')
    await settle()
    expect(done.value).toMatchObject({ code: 'popup_timeout' })
    expect(popup().closed()).toBe(true)
    expectNothingLeft(scene, listeners)
  })

  it('comes at the caller’s own deadline', async () => {
    const { world, auth } = await setUp()
    const done = outcomeOf(auth.signIn('dribbble', { popup: true, timeout: 20_000 }))
    await world.clock.advance(19_000)
    expect(done.value).toBeUndefined()
    await world.clock.advance(1500)
    expect(done.value).toMatchObject({ code: 'popup_timeout' })
  })

  it('comes when the caller aborts, and nothing later is heard', async () => {
    const scene = await setUp()
    const { world, tab, auth, popup, server } = scene
    const listeners = tab.page.listeners()
    const controller = new AbortController()
    const done = outcomeOf(auth.signIn('dribbble', { popup: true, signal: controller.signal }))
    controller.abort()
    await settle()
    expect(done.value).toMatchObject({ code: 'aborted' })
    expect(popup().closed()).toBe(true)
    expectNothingLeft(scene, listeners)
    server.session = ada
    tab.page.dispatch('message', {
      origin: 'http://app.test',
      data: { latchkey: popup().name, landing: scene.landing() },
    })
    await world.clock.advance(1000)
    expect(world.network.requests).toHaveLength(0)
    expect(auth.session.value.status).toBe('pending')
  })

  it('comes to the older of two, and a second click on the same brings it to the front', async () => {
    const { world, tab, auth } = await setUp()
    const first = auth.signIn('dribbble', { popup: true })
    const again = auth.signIn('dribbble', { popup: true })
    expect(again).toBe(first)
    expect(tab.popups).toHaveLength(1)
    expect(tab.popups[0]!.focused()).toBe(1)
    const done = outcomeOf(first)
    const second = outcomeOf(auth.signIn('github', { popup: true }))
    await settle()
    expect(done.value).toMatchObject({ code: 'superseded' })
    expect(tab.popups).toHaveLength(2)
    expect(tab.popups[0]!.closed()).toBe(true)
    expect(world.channels.open()).toBe(1)
    tab.blockPopups(() => null)
    await expect(auth.signIn('figma', { popup: true })).rejects.toMatchObject({
      code: 'popup_blocked',
    })
    expect(second.value).toMatchObject({ code: 'superseded' })
    expect(tab.navigations).toHaveLength(0)
  })

  it('comes with a sign-out', async () => {
    const { auth, server } = await setUp()
    server.session = ada
    const done = outcomeOf(auth.signIn('dribbble', { popup: true }))
    await auth.signOut()
    expect(done.value).toMatchObject({ code: 'superseded' })
    expect(auth.session.value.status).toBe('unauthenticated')
  })
})
