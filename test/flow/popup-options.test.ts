import { describe, expect, it } from 'vitest'

import type { Start } from '../../src/types.js'
import { deferred, settle } from '../rig.js'
import { setUp } from './code-scene.js'
import { outcomeOf } from './popup-scene.js'
import { setUp as setUpPage } from './scene.js'

const home = 'http://app.test/projects'
const later = { start: async () => ({ url: 'http://provider.test/authorize' }) }
/** The page is in a frame of another site. */
const embed = (page: object): unknown =>
  Object.defineProperty(page, 'top', {
    value: {
      get location() {
        throw new DOMException('cross-origin')
      },
    },
  })

describe('a popup', () => {
  it('gets a marker of its own and no copy of the sign-in', async () => {
    const scene = setUp(home)
    void (await scene.open()).signIn('google', { popup: true })
    const [popup] = scene.tab.popups
    expect([...popup!.storage]).toEqual([['latchkey:popup', popup!.name]])
    expect([...scene.tab.storage.keys()]).toEqual([`latchkey:tx:${popup!.name}`, 'latchkey:open'])
  })

  it('gets it also where it was opened before the code for it had come', async () => {
    const scene = setUp(home)
    const auth = scene.create()
    void auth.signIn('google', { popup: true })
    await auth.prepare()
    await settle()
    const [popup] = scene.tab.popups
    const id = new URL(popup!.urls[0]!).searchParams.get('state')
    expect([...popup!.storage]).toEqual([['latchkey:popup', id]])
  })

  it('says what it is for while it is blank', async () => {
    const scene = setUp(home, later)
    void (await scene.open()).signIn('google', { popup: true })
    const [popup] = scene.tab.popups
    expect(popup!.urls).toEqual([])
    expect(popup!.blank).toEqual({ title: 'Signing in…', body: { textContent: 'Signing in…' } })
  })

  it('is opened blank, and sent on once, however long the URL takes', async () => {
    const answer = deferred<Start>()
    const scene = setUp(home, { start: () => answer.promise })
    void (await scene.open()).signIn('google', { popup: true })
    const [popup] = scene.tab.popups
    await scene.world.clock.advance(3000)
    expect(popup!.urls).toEqual([])
    answer.resolve({ url: 'http://provider.test/authorize' })
    await scene.world.clock.advance(10_000)
    expect(popup!.urls).toEqual(['http://provider.test/authorize'])
    expect(scene.tab.popups).toHaveLength(1)
  })

  it('and whatever else is told or shown never learns the secret', async () => {
    const { world, tab, events, landing, ...scene } = setUp(home)
    const signingIn = (await scene.open()).signIn('google', { popup: true })
    const [popup] = tab.popups
    const secret = `verifier of ${popup!.name}`
    expect([...tab.storage.values()].join()).toContain(secret)
    const page = popup!.land(landing(popup!.urls[0]!))
    scene.create(page)
    await world.clock.advance(300)
    expect(await signingIn).toMatchObject({ user: { id: '7' } })
    const told = [world.channels.posted, events, popup!.urls, [...popup!.storage]]
    expect(JSON.stringify(told)).toContain(popup!.name)
    expect(JSON.stringify(told)).not.toContain('verifier')
    expect(page.location.href + tab.page.location.href).not.toContain('verifier')
    expect(world.network.requests.map(({ body }) => body.includes(secret))).toEqual([true])
  })

  it.each([
    ['at once', {}],
    ['later', later],
  ])('that is isolated has no opener when it leaves, %s', async (_, changes) => {
    const scene = setUp(home, changes)
    const auth = await scene.open()
    void auth.signIn('google', { popup: { isolate: true } })
    await settle()
    expect(scene.tab.popups[0]!.opener()).toBe(null)
    expect(scene.tab.popups[0]!.urls).toHaveLength(1)
    const plain = setUp(home, changes)
    void (await plain.open()).signIn('google', { popup: true })
    await settle()
    expect(plain.tab.popups[0]!.opener()).not.toBe(null)
  })

  it('keeps its opener in a frame of another site, where nothing else is heard', async () => {
    const scene = setUp(home)
    embed(scene.tab.page)
    void (await scene.open()).signIn('google', { popup: { isolate: true } })
    expect(scene.tab.popups[0]!.opener()).not.toBe(null)
  })
})

describe('a window of the caller’s', () => {
  const open = (scene: ReturnType<typeof setUp>): Window => {
    scene.tab.page.open('about:blank', 'own', '')
    return scene.tab.popups[0]!.handle as Window
  }

  it.each([true, false])('is used, and no other opened (prepared: %s)', async (prepared) => {
    const scene = setUp(home)
    const auth = prepared ? await scene.open() : scene.create()
    const window = open(scene)
    const done = outcomeOf(auth.signIn('google', { popup: { window } }))
    await auth.prepare()
    await settle()
    expect(scene.tab.popups).toHaveLength(1)
    const [popup] = scene.tab.popups
    expect(popup!.urls).toHaveLength(1)
    popup!.sever()
    scene.create(popup!.land(scene.landing(popup!.urls[0]!)))
    await scene.world.clock.advance(300)
    expect(done.value).toMatchObject({ user: { id: '7' } })
  })

  it('is left open by nothing that goes wrong', async () => {
    const scene = setUp(home)
    const window = open(scene)
    await expect((await scene.open()).signIn('../', { popup: { window } })).rejects.toMatchObject({
      code: 'invalid_provider',
    })
    expect(scene.tab.popups[0]!.closed()).toBe(true)
  })

  it.each([
    ['null', null],
    ['closed', { closed: true } as Window],
  ])('that is %s was blocked: a redirect', async (_, window) => {
    const scene = setUp(home)
    void (await scene.open()).signIn('google', { popup: { window } })
    expect(scene.tab.navigations).toHaveLength(1)
    expect(scene.tab.popups).toHaveLength(0)
  })
})

describe('in a frame of another site', () => {
  it('a popup that looks closed is given up after five seconds, and said why it may be', async () => {
    const scene = setUp(home)
    embed(scene.tab.page)
    const done = outcomeOf((await scene.open()).signIn('google', { popup: true }))
    await scene.world.clock.advance(1000)
    scene.tab.popups[0]!.sever()
    await scene.world.clock.advance(4500)
    expect(done.value).toBeUndefined()
    await scene.world.clock.advance(1000)
    expect(done.value).toMatchObject({ code: 'popup_closed', hint: 'embedded_coop' })
  })

  it('the deadline says so too; elsewhere neither does', async () => {
    const scene = setUp(home)
    const auth = await scene.open()
    const plain = outcomeOf(auth.signIn('google', { popup: true, timeout: 3000 }))
    scene.tab.popups[0]!.sever()
    await scene.world.clock.advance(3000)
    expect(plain.value).toMatchObject({ code: 'popup_timeout' })
    expect(plain.value).not.toHaveProperty('hint')
    embed(scene.tab.page)
    const done = outcomeOf(auth.signIn('google', { popup: true, timeout: 3000 }))
    scene.tab.popups[1]!.sever()
    await scene.world.clock.advance(3000)
    expect(done.value).toMatchObject({ code: 'popup_timeout', hint: 'embedded_coop' })
  })
})

describe('where what a click needs cannot be loaded', () => {
  const broken = async (
    popup: object | true,
    href = 'http://app.test/projects?q=1#h',
  ): Promise<ReturnType<typeof setUpPage> & { done: { value?: unknown } }> => {
    const scene = setUpPage(href)
    const { aura } = await import('../../src/adapters/aura/index.js')
    const { createClient } = await import('../../src/client.js')
    const factory: ReturnType<typeof aura> = (config) => ({
      ...aura()(config),
      prepare: () => Promise.reject(new TypeError('Failed to fetch dynamically imported module')),
    })
    const auth = createClient({ baseURL: '/auth' }, factory, scene.tab.page)
    const done = outcomeOf(auth.signIn('dribbble', { popup }))
    await settle()
    await settle()
    return { ...scene, done }
  }

  it('the sign-in goes on in this tab', async () => {
    const { tab, done } = await broken(true)
    expect(tab.navigations).toEqual(['http://app.test/auth/signIn/dribbble?redirectTo=%2Fprojects'])
    expect(done.value).toBeUndefined()
    expect(tab.popups[0]!.closed()).toBe(true)
  })

  it('with the whole of its path', async () => {
    const { tab } = await broken(true, 'http://app.test/r&d/a%20b+c?q=1#h')
    const { searchParams } = new URL(tab.navigations[0]!)
    expect([...searchParams]).toEqual([['redirectTo', '/r&d/a%20b+c']])
  })

  it('and takes nothing along of what a link has put in its URL', async () => {
    const { tab } = await broken(true, `http://app.test/shop?state=${'A'.repeat(22)}`)
    expect(tab.navigations).toEqual(['http://app.test/auth/signIn/dribbble?redirectTo=%2Fshop'])
  })

  it('unless a redirect is not wanted', async () => {
    const { tab, done } = await broken({ fallback: 'none' })
    expect(tab.navigations).toEqual([])
    expect(tab.popups[0]!.closed()).toBe(true)
    expect(done.value).toMatchObject({ code: 'network' })
  })
})
