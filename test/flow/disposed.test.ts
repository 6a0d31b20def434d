import { describe, expect, it, vi } from 'vitest'

import { settle } from '../rig.js'
import { setUp } from './code-scene.js'
import { outcomeOf } from './popup-scene.js'

const home = 'http://app.test/projects'

describe('a client that is disposed of', () => {
  it('while the code for its popup loads closes the blank window', async () => {
    const scene = setUp(home)
    const auth = scene.create()
    const done = outcomeOf(auth.signIn('google', { popup: true }))
    auth.dispose()
    await auth.prepare()
    await settle()
    expect(done.value).toMatchObject({ name: 'AuthError', code: 'aborted' })
    expect(scene.tab.popups.map((popup) => popup.closed())).toEqual([true])
  })

  it.each([
    ['with its code there', true, { popup: true }],
    ['with its code there', true, {}],
    ['before its code came', false, { popup: true }],
    ['before its code came', false, {}],
  ])('signs in nobody, %s (%s, %j)', async (_, isReady, options) => {
    const scene = setUp(home)
    const auth = isReady ? await scene.open() : scene.create()
    auth.dispose()
    await expect(auth.signIn('google', options)).rejects.toMatchObject({
      name: 'AuthError',
      code: 'aborted',
    })
    expect(scene.tab.popups).toEqual([])
    expect(scene.tab.navigations).toEqual([])
    expect(scene.tab.storage.size).toBe(0)
    expect(scene.events).toEqual([])
  })

  it('leaves for no provider whose address comes later', async () => {
    let answer: (start: { url: string }) => void = () => {}
    const scene = setUp(home, { start: () => new Promise((resolve) => (answer = resolve)) })
    const auth = await scene.open()
    const done = outcomeOf(auth.signIn('google'))
    auth.dispose()
    answer({ url: 'http://provider.test/authorize' })
    await settle()
    expect(done.value).toMatchObject({ code: 'aborted' })
    expect(scene.tab.navigations).toEqual([])
    expect(scene.tab.storage.size).toBe(0)
  })

  it('calls no other tab any more, and leaves nothing', async () => {
    const scene = setUp(home)
    const stranger = scene.world.tab(`${home}?code=abc&latchkey=${'x'.repeat(22)}`)
    const auth = scene.create(stranger.page)
    const done = outcomeOf(auth.completeSignIn())
    await scene.world.clock.advance(1_000)
    const calls = scene.world.channels.posted.length
    expect(calls).toBeGreaterThan(2)
    auth.dispose()
    await scene.world.clock.advance(20_000)
    expect(scene.world.channels.posted).toHaveLength(calls)
    expect(scene.world.channels.open() + stranger.page.listeners()).toBe(0)
    expect(done.value).toMatchObject({ code: 'aborted' })
  })

  it('looks for no popup of the page before it, when its code comes late', async () => {
    const scene = setUp(home)
    void (await scene.open()).signIn('google', { popup: true }).catch(() => null)
    await settle()
    scene.tab.page.discard()
    const page = scene.tab.load(home)
    const auth = scene.create(page)
    auth.dispose()
    await auth.prepare()
    await vi.dynamicImportSettled()
    expect(page.listeners() + scene.world.channels.open()).toBe(0)
  })
})
