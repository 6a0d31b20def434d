import { describe, expect, it } from 'vitest'

import { ada, json } from '../aura-server.js'
import { deferred, settle } from '../rig.js'
import { grace } from './code-backend.js'
import { setUp as setUpCode, type CodeScene } from './code-scene.js'
import { expectNothingLeft, outcomeOf, setUp } from './popup-scene.js'

describe('a popup that was closed', () => {
  it('is said to be within half a second, however long the backend takes', async () => {
    const { world, auth, popup, server } = await setUp()
    await auth.getSession()
    const done = outcomeOf(auth.signIn('dribbble', { popup: true }))
    await world.clock.advance(1000)
    server.onSession = () => world.network.hang()
    popup().closeByUser()
    await world.clock.advance(1000)
    expect(done.value).toBeUndefined()
    await world.clock.advance(1000)
    expect(done.value).toMatchObject({ code: 'popup_closed' })
  })

  it('signs in all the same when the backend says so later', async () => {
    const { world, auth, popup, server } = await setUp()
    await auth.getSession()
    const done = outcomeOf(auth.signIn('dribbble', { popup: true }))
    await world.clock.advance(1000)
    const answer = deferred<Response>()
    server.onSession = () => answer.promise
    popup().closeByUser()
    await world.clock.advance(5000)
    answer.resolve(json({ success: true, session: ada }))
    await settle()
    expect(done.value).toMatchObject({ code: 'popup_closed' })
    expect(auth.session.value).toMatchObject({ data: { user: { id: '1' } } })
  })

  it('can still be aborted, and then nothing is left of it', async () => {
    const scene = await setUp()
    const { world, tab, auth, popup } = scene
    const listeners = tab.page.listeners()
    const controller = new AbortController()
    const done = outcomeOf(auth.signIn('dribbble', { popup: true, signal: controller.signal }))
    popup().sever()
    await world.clock.advance(2000)
    tab.focus(true)
    await world.clock.advance(2000)
    expect(done.value).toMatchObject({ code: 'popup_closed' })
    expect(world.channels.open()).toBe(1)
    controller.abort()
    expectNothingLeft(scene, listeners)
  })
})

describe('a sign-in right after an abort', () => {
  it('of the same provider is a new one, in a new window', async () => {
    const { tab, auth } = await setUp()
    const controller = new AbortController()
    const first = outcomeOf(auth.signIn('dribbble', { popup: true, signal: controller.signal }))
    controller.abort()
    const second = outcomeOf(auth.signIn('dribbble', { popup: true }))
    await settle()
    expect(first.value).toMatchObject({ code: 'aborted' })
    expect(second.value).toBeUndefined()
    expect(tab.popups.map((popup) => popup.closed())).toEqual([true, false])
  })

  it('of another provider fails the first no second time', async () => {
    const { auth, events } = await setUp()
    const controller = new AbortController()
    const first = outcomeOf(auth.signIn('dribbble', { popup: true, signal: controller.signal }))
    controller.abort()
    void auth.signIn('github', { popup: true }).catch(() => null)
    await settle()
    expect(first.value).toMatchObject({ code: 'aborted' })
    expect(events.filter(({ type }) => type === 'signIn:failed')).toHaveLength(1)
  })
})

describe('an exchange under way', () => {
  const exchanging = async (): Promise<{
    scene: CodeScene
    auth: ReturnType<CodeScene['create']>
    done: { value?: unknown }
    answer: () => Promise<void>
  }> => {
    const scene = setUpCode('http://app.test/projects')
    const auth = await scene.open()
    const token = deferred<Response>()
    scene.world.network.respond(() => token.promise)
    const done = outcomeOf(auth.signIn('google', { popup: true }))
    const [popup] = scene.tab.popups
    popup!.land(scene.landing(popup!.urls[0]!))
    await scene.world.clock.advance(1000)
    expect(scene.exchanges()).toBe(1)
    const answer = async (): Promise<void> => {
      token.resolve(json(grace))
      await settle()
    }
    return { scene, auth, done, answer }
  }

  it('signs in nobody after a sign-out', async () => {
    const { auth, done, answer } = await exchanging()
    await auth.signOut()
    await answer()
    expect(done.value).toMatchObject({ code: 'superseded' })
    expect(auth.session.value).toMatchObject({ status: 'unauthenticated', data: null })
  })

  it('signs in nobody after the client’s end', async () => {
    const { auth, done, answer } = await exchanging()
    auth.dispose()
    await answer()
    expect(done.value).toMatchObject({ code: 'superseded' })
    expect(auth.session.value).toMatchObject({ status: 'pending', data: null })
  })
})

describe('a provider of the app’s own origin', () => {
  it('is sent the id, too, and its pages are no landing', async () => {
    const scene = setUpCode('http://app.test/projects', {
      start: ({ id, landing }) => {
        const params = new URLSearchParams({ state: id, redirect_uri: landing.href })
        return { url: `http://app.test/idp/authorize?${params}` }
      },
    })
    const auth = await scene.open()
    const done = outcomeOf(auth.signIn('google', { popup: true }))
    const [popup] = scene.tab.popups
    popup!.show(popup!.urls[0]!, 'Log in')
    await scene.world.clock.advance(2000)
    expect(done.value).toBeUndefined()
    expect(popup!.closed()).toBe(false)
    expect(scene.exchanges()).toBe(0)
    popup!.land(scene.landing(popup!.urls[0]!))
    await scene.world.clock.advance(2000)
    expect(done.value).toMatchObject({ user: { id: '7' } })
    expect(scene.exchanges()).toBe(1)
  })
})
