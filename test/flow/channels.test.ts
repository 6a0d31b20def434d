import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'

import { settle, type Page, type PopupWindow } from '../rig.js'
import { setUp, type CodeScene } from './code-scene.js'
import { outcomeOf } from './popup-scene.js'
import { showCallbackPage } from './scene.js'

const home = 'http://app.test/projects'

/** A page whose browser has no `BroadcastChannel`, as Safari before 15.4. */
const without = (page: object): unknown =>
  Object.defineProperty(page, 'BroadcastChannel', { value: undefined })

const start = async (
  scene: CodeScene,
): Promise<{ done: { value?: unknown }; landing: string; id: string }> => {
  const auth = await scene.open()
  const done = outcomeOf(auth.signIn('google', { popup: true }))
  const [popup] = scene.tab.popups
  await vi.dynamicImportSettled()
  return { done, landing: scene.landing(popup!.urls[0]!), id: popup!.name }
}

describe('without BroadcastChannel and without an opener', () => {
  it('a landing goes by localStorage, which is empty afterwards', async () => {
    const scene = setUp(home)
    without(scene.tab.page)
    const { done, landing } = await start(scene)
    const [popup] = scene.tab.popups
    popup!.sever()
    const page = popup!.land('http://app.test/blank')
    without(page)
    page.history.replaceState(null, '', landing)
    scene.create(page)
    await vi.dynamicImportSettled()
    await scene.world.clock.advance(1000)
    expect(done.value).toMatchObject({ user: { id: '7' } })
    expect(popup!.closed()).toBe(true)
    expect(scene.exchanges()).toBe(1)
    expect(scene.world.local.of('http://app.test').size).toBe(0)
    expect(scene.world.clock.pending()).toBe(0)
  })

  it('tokens do not: every page of the origin could read them there', async () => {
    const scene = setUp(home)
    without(scene.tab.page)
    const { done } = await start(scene)
    const [popup] = scene.tab.popups
    popup!.sever()
    const page = popup!.land('http://app.test/blank')
    without(page)
    page.history.replaceState(null, '', `${home}?latchkey=${popup!.name}#access_token=secret`)
    scene.create(page)
    await vi.dynamicImportSettled()
    await scene.world.clock.advance(3000)
    expect(done.value).toBeUndefined()
    expect(scene.world.local.of('http://app.test').size).toBe(0)
  })
})

// Firefox has it and throws, where the user blocks cookies.
describe('where BroadcastChannel is refused', () => {
  class Refused {
    constructor() {
      throw new DOMException('Storage is blocked.', 'SecurityError')
    }
  }
  const refuse = (page: Page): Page => Object.assign(page, { BroadcastChannel: Refused })
  /** Its page, which the one that waits cannot see: only a message tells. */
  const unseen = (popup: PopupWindow, landing: string): Page => {
    const page = refuse(popup.land(landing))
    popup.show('http://provider.test/', '')
    return page
  }

  it('to the page that opens a popup, the popup opens and its landing is heard', async () => {
    const scene = setUp(home)
    refuse(scene.tab.page)
    const { done, landing } = await start(scene)
    expect(done.value).toBeUndefined()
    const [popup] = scene.tab.popups
    expect(popup!.closed()).toBe(false)
    scene.create(popup!.land(landing))
    await vi.dynamicImportSettled()
    await scene.world.clock.advance(1000)
    expect(done.value).toMatchObject({ user: { id: '7' } })
    expect(scene.exchanges()).toBe(1)
  })

  it('to the popup, its landing goes straight to the page that waits', async () => {
    const scene = setUp(home)
    const { done, landing } = await start(scene)
    const popup = scene.create(unseen(scene.tab.popups[0]!, landing))
    const told = outcomeOf(popup.completeSignIn())
    await vi.dynamicImportSettled()
    await scene.world.clock.advance(1000)
    expect(done.value).toMatchObject({ user: { id: '7' } })
    expect(told.value).not.toBeInstanceOf(DOMException)
    expect(scene.exchanges()).toBe(1)
  })

  it('to the callback page, so does its landing', async () => {
    const scene = setUp(home)
    const { done, landing } = await start(scene)
    const load = (href: string): Page => unseen(scene.tab.popups[0]!, href)
    await showCallbackPage({ ...scene.tab, load }, landing)
    await vi.dynamicImportSettled()
    await scene.world.clock.advance(1000)
    expect(done.value).toMatchObject({ user: { id: '7' } })
    expect(scene.exchanges()).toBe(1)
  })
})

describe('a message', () => {
  const scene = setUp(home)

  it('of this origin from another window than the popup is none, until a reload', async () => {
    const own = setUp(home)
    const { done, landing, id } = await start(own)
    const say = (source: unknown): void =>
      own.tab.page.dispatch('message', {
        origin: 'http://app.test',
        data: { latchkey: id, landing },
        source,
      })
    say({ postMessage: () => {} })
    await settle()
    expect(done.value).toBeUndefined()
    expect(own.exchanges()).toBe(0)
    say(Object.assign(own.tab.popups[0]!.handle, { postMessage: () => {} }))
    await settle()
    expect(done.value).toMatchObject({ user: { id: '7' } })
  })

  it('that is forged changes nothing: 10,000 payloads', async () => {
    const { done, landing, id } = await start(scene)
    const { page } = scene.tab
    const kept = JSON.stringify([...scene.tab.storage])
    const evil = fc.oneof(
      fc.webUrl(),
      fc.string(),
      fc.constantFrom(
        landing.replace(id, 'y'.repeat(22)),
        landing.replace('http://app.test', 'http://app.test.evil.test'),
        landing.replace('http://app.test', 'http://app.test@evil.test'),
        `javascript:alert(1)//${landing}`,
        `//app.test/?state=${id}`,
        `blob:${landing}`,
      ),
    )
    const payload = fc.oneof(
      // Right in everything but the landing.
      fc.record({ latchkey: fc.constant(id), landing: fc.oneof(evil, fc.anything()) }),
      // Right in everything but the id.
      fc.record({ latchkey: fc.anything(), landing: fc.constant(landing) }),
      fc.record({ latchkey: fc.constant([id]), landing: fc.constant(landing) }),
      fc.constant(JSON.parse(`{"__proto__":{"latchkey":"${id}","landing":"${landing}"}}`)),
      fc.anything({ withBigInt: true, withMap: true, withNullPrototype: true }),
    )
    const elsewhere = fc.constantFrom('http://provider.test', 'null', '', 'http://app.test:81', '*')
    fc.assert(
      fc.property(payload, (data) => {
        page.dispatch('message', { origin: 'http://app.test', data, source: null })
      }),
      { numRuns: 8_000 },
    )
    fc.assert(
      fc.property(elsewhere, (origin) => {
        page.dispatch('message', { origin, data: { latchkey: id, landing }, source: null })
      }),
      { numRuns: 2_000 },
    )
    await settle()
    expect(done.value).toBeUndefined()
    expect(scene.exchanges()).toBe(0)
    expect(scene.tab.popups[0]!.closed()).toBe(false)
    expect(JSON.stringify([...scene.tab.storage])).toBe(kept)
    expect(({} as { landing?: unknown }).landing).toBeUndefined()
    page.dispatch('message', {
      origin: 'http://app.test',
      data: { latchkey: id, landing },
      source: null,
    })
    await settle()
    expect(done.value).toMatchObject({ user: { id: '7' } })
  })
})
