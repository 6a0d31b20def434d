import { describe, expect, it } from 'vitest'

import { ada } from '../aura-server.js'
import { settle } from '../rig.js'
import { expectNothingLeft, outcomeOf, setUp, type Scene } from './popup-scene.js'

describe('a result', () => {
  /** The user allows it: the popup's page of the app hands the landing over. */
  async function allow(scene: Scene, parameters = ''): Promise<void> {
    await settle()
    const page = scene.popup().land(scene.landing() + parameters)
    scene.create(page)
    await scene.world.clock.advance(1)
    await settle()
  }

  it.each([false, true])('signs in, the page untouched (severed by COOP: %s)', async (severed) => {
    const scene = await setUp()
    const { tab, auth, server, popup } = scene
    const listeners = tab.page.listeners()
    const done = outcomeOf(auth.signIn('dribbble', { popup: true }))
    if (severed) popup().sever()
    server.session = ada
    await allow(scene)
    expect(done.value).toMatchObject({ user: { name: 'Ada Winter' } })
    expect(auth.session.value).toMatchObject({ status: 'authenticated', error: null })
    expect(popup().closed()).toBe(true)
    expect(tab.navigations).toHaveLength(0)
    expect(tab.page.location.href).toBe('http://app.test/projects?q=1')
    await scene.world.clock.advance(1000)
    expectNothingLeft(scene, listeners)
  })

  it('that comes on both channels is used once', async () => {
    const scene = await setUp()
    const done = outcomeOf(scene.auth.signIn('dribbble', { popup: true }))
    scene.server.session = ada
    await allow(scene)
    await scene.world.clock.advance(2000)
    expect(done.value).toMatchObject({ user: { id: '1' } })
    // One by the page, one by the page in the popup.
    expect(scene.world.network.count('GET /auth/session')).toBe(2)
  })

  it('is asked for anew, whatever was known before', async () => {
    const scene = await setUp()
    const { auth, server } = scene
    auth.session.listen(() => {})
    await settle()
    expect(auth.session.value.status).toBe('unauthenticated')
    const first = outcomeOf(auth.signIn('dribbble', { popup: true }))
    server.session = ada
    await allow(scene)
    expect(first.value).toMatchObject({ user: { id: '1' } })
    const second = outcomeOf(auth.signIn('dribbble', { popup: true }))
    server.session = { ...ada, user: { sub: '2', name: 'Grace Summer' } }
    await allow(scene)
    expect(second.value).toMatchObject({ user: { id: '2', name: 'Grace Summer' } })
    expect(auth.session.value.data?.user.id).toBe('2')
  })

  it('is heard by the other tabs', async () => {
    const scene = await setUp()
    const other = scene.create(scene.world.tab('http://app.test/').page)
    other.session.listen(() => {})
    await settle()
    const asked = scene.world.network.requests.length
    void scene.auth.signIn('dribbble', { popup: true })
    scene.server.session = ada
    await allow(scene)
    await settle()
    expect(other.session.value.data?.user.id).toBe('1')
    expect(scene.world.network.requests.length - asked).toBe(2) // the page, and the popup's page
  })

  it('that is a refusal carries the provider’s words and leaves an earlier session alone', async () => {
    const scene = await setUp()
    const { tab, auth, server, popup } = scene
    server.session = ada
    const before = await auth.getSession()
    await scene.world.clock.advance(1000)
    const listeners = tab.page.listeners()
    const done = outcomeOf(auth.signIn('dribbble', { popup: true }))
    await allow(scene, '&error=access_denied&error_description=The+user+said+no.')
    expect(done.value).toMatchObject({
      code: 'access_denied',
      source: 'provider',
      description: 'The user said no.',
    })
    expect(popup().closed()).toBe(true)
    expect(auth.session.value.data).toBe(before)
    await scene.world.clock.advance(1000)
    expectNothingLeft(scene, listeners)
  })

  it('whose cookie never arrives says so', async () => {
    const scene = await setUp()
    const done = outcomeOf(scene.auth.signIn('dribbble', { popup: true }))
    await allow(scene)
    expect(done.value).toMatchObject({ code: 'cookie_blocked' })
  })

  it('carries only the landing across', async () => {
    const scene = await setUp()
    void scene.auth.signIn('dribbble', { popup: true })
    scene.server.session = ada
    await allow(scene)
    const landings = scene.world.channels.posted.filter(({ name }) => !name.includes('/'))
    expect(landings.length).toBeGreaterThan(0)
    for (const { message } of landings) {
      expect(Object.keys(message as object).sort()).toEqual(['landing', 'latchkey'])
    }
  })

  it('that is forged, of the wrong kind, or about another sign-in changes nothing', async () => {
    const { world, tab, auth, landing } = await setUp()
    const done = outcomeOf(auth.signIn('dribbble', { popup: true }))
    const url = landing()
    const id = /latchkey=(.{22})/.exec(url)![1]!
    const message = { latchkey: id, landing: url }
    const say = (data: unknown, origin = 'http://app.test'): void =>
      tab.page.dispatch('message', { data, origin, source: null })
    say(message, 'http://evil.test')
    say(message, 'null')
    for (const data of [
      null,
      42,
      'x'.repeat(1_000_000),
      {},
      [],
      { landing: url },
      { latchkey: id },
      { ...message, latchkey: 'y'.repeat(22) },
      { ...message, landing: 42 },
      { ...message, landing: 'x' },
      { ...message, landing: url.replace(id, 'y'.repeat(22)) },
      { ...message, landing: `http://evil.test/?latchkey=${id}` },
      { ...message, landing: `http://app.test.evil.test/?latchkey=${id}` },
      { ...message, landing: `http://app.test@evil.test/?latchkey=${id}` },
    ])
      say(data)
    await settle()
    expect(done.value).toBeUndefined()
    expect(world.network.requests).toHaveLength(0)
    say(message)
    await settle()
    expect(done.value).toMatchObject({ code: 'cookie_blocked' })
  })
})
