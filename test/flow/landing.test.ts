import { describe, expect, it } from 'vitest'

import { aura } from '../../src/adapters/aura/index.js'
import { createClient } from '../../src/client.js'
import { ada } from '../aura-server.js'
import { settle } from '../rig.js'
import { comeBack, leaveFor, setUp, unclaimed } from './scene.js'

describe('landing', async () => {
  it('is cleaned out of the URL before anything is awaited', async () => {
    const scene = setUp()
    scene.server.session = ada
    scene.tab.page.history.replaceState({ router: 1 }, '', '/')
    leaveFor(await scene.open(), '/dashboard?tab=a&flag#deep')
    const { pathname, search, hash } = scene.landing()
    const page = scene.tab.load(`http://app.test${pathname}${search}${hash}`)
    page.history.replaceState({ router: 2 }, '', page.location.href)
    const auth = scene.create()
    expect(page.location.href).toBe('http://app.test/dashboard?tab=a&flag#deep')
    expect(page.history.state).toEqual({ router: 2 })
    expect(await auth.completeSignIn()).toMatchObject({
      session: { user: { id: '1' } },
      redirectTo: 'http://app.test/dashboard?tab=a&flag#deep',
    })
    expect(scene.tab.storage.size).toBe(0)
    expect(scene.tab.navigations).toHaveLength(1)
  })

  it('asks for the session once, whoever else wants it', async () => {
    const scene = setUp()
    scene.server.session = ada
    leaveFor(await scene.open(), '/dashboard')
    scene.tab.load(scene.landing().href)
    const auth = scene.create()
    const seen: string[] = []
    auth.session.subscribe(({ status }) => seen.push(status))
    await Promise.all([
      auth.completeSignIn(),
      auth.completeSignIn(),
      auth.getSession(),
      auth.ready(),
    ])
    expect(scene.world.network.count('GET /auth/session')).toBe(1)
    expect(seen).toEqual(['pending', 'authenticated'])
  })

  it('is believed over what a server rendered before it', async () => {
    const scene = setUp()
    scene.server.session = ada
    leaveFor(await scene.open(), '/dashboard')
    scene.tab.load(scene.landing().href)
    const auth = scene.create({ session: { initial: null } })
    expect(await auth.completeSignIn()).toMatchObject({ session: { user: { id: '1' } } })
  })

  it.each([
    '/login?error=access_denied&error_description=Call+1-900&keep=1',
    `/login?latchkey=${'x'.repeat(22)}&keep=1`,
  ])('carries nothing that a link had left in the page’s URL: %s', async (path) => {
    const scene = setUp(`http://app.test${path}`)
    scene.server.session = ada
    leaveFor(await scene.open())
    expect(scene.landing().href).toMatch(/^http:\/\/app\.test\/login\?keep=1&latchkey=[\w-]{22}$/)
    scene.tab.load(scene.landing().href)
    expect(await scene.create().completeSignIn()).toMatchObject({ session: { user: { id: '1' } } })
  })

  it('carries the provider’s own refusal', async () => {
    const scene = setUp()
    const auth = await comeBack(
      scene,
      '&error=access_denied&error_description=The+resource+owner+denied+the+request.',
    )
    expect(scene.tab.page.location.href).toBe('http://app.test/dashboard?tab=a')
    await expect(auth.completeSignIn()).rejects.toMatchObject({
      code: 'access_denied',
      source: 'provider',
      description: 'The resource owner denied the request.',
      message: 'The resource owner denied the request.',
    })
    expect(scene.events.some(({ type }) => type === 'signIn:failed')).toBe(true)
  })

  it('keeps a code no RFC knows, and no more than 500 characters of what it says', async () => {
    const scene = setUp()
    const text = `<img src=x onerror=alert(1)>${'x'.repeat(10_000)}`
    const auth = await comeBack(
      scene,
      `&error=application_suspended&error_description=${encodeURIComponent(text)}`,
    )
    await expect(auth.completeSignIn()).rejects.toMatchObject({
      code: 'application_suspended',
      description: text.slice(0, 500),
    })
  })

  it('leaves an earlier session alone when refused', async () => {
    const scene = setUp()
    scene.server.session = ada
    const auth = await comeBack(scene, '&error=access_denied')
    auth.session.listen(() => {})
    await expect(auth.completeSignIn()).rejects.toMatchObject({ code: 'access_denied' })
    await settle()
    expect(auth.session.value).toMatchObject({ status: 'authenticated', error: null })
    expect(scene.world.network.requests).toHaveLength(1)
  })

  it('is told apart from a sign-in whose cookie never arrives', async () => {
    const scene = setUp()
    const auth = await comeBack(scene)
    await expect(auth.completeSignIn()).rejects.toMatchObject({ code: 'cookie_blocked' })
    expect(auth.session.value).toMatchObject({ status: 'unauthenticated', error: null })
  })

  it('fails as the lookup fails, and the next answer signs in', async () => {
    const scene = setUp()
    scene.server.onSession = () => {
      throw new TypeError('x')
    }
    const auth = await comeBack(scene)
    await expect(auth.completeSignIn()).rejects.toMatchObject({ code: 'network' })
    scene.server.onSession = null
    scene.server.session = ada
    expect((await auth.refetch()).status).toBe('authenticated')
  })

  it('is done once: a reload and a replay find nothing', async () => {
    const scene = setUp()
    const auth = await comeBack(scene, '&error=access_denied')
    await expect(auth.completeSignIn()).rejects.toMatchObject({ code: 'access_denied' })
    scene.tab.load(scene.tab.page.location.href)
    expect(await (await scene.open()).completeSignIn()).toBe(null)
    scene.tab.load(`${scene.landing().href}&error=access_denied`)
    expect(await unclaimed(scene.world, await scene.open())).toMatchObject({
      code: 'state_unknown',
    })
  })

  it('expires with the backend’s own sign-in', async () => {
    const scene = setUp()
    leaveFor(await scene.open(), '/dashboard')
    scene.world.clock.jump(300_001)
    scene.tab.load(`${scene.landing().href}&error=access_denied`)
    expect(await unclaimed(scene.world, await scene.open())).toMatchObject({
      code: 'state_unknown',
    })
    expect(scene.tab.storage.size).toBe(0)
  })

  it('in another tab is what the backend says it is', async () => {
    const scene = setUp()
    leaveFor(await scene.open(), '/dashboard')
    const other = scene.world.tab(scene.landing().href)
    const options = { baseURL: '/auth', fetch: scene.world.network.fetch }
    scene.server.session = ada
    const auth = createClient(options, aura(), other.page)
    expect(await unclaimed(scene.world, auth)).toMatchObject({ session: { user: { id: '1' } } })
    expect(other.page.location.href).toBe('http://app.test/dashboard')
  })

  it('that somebody made up changes nothing but the URL', async () => {
    const scene = setUp(`http://app.test/?a=1&latchkey=${'x'.repeat(22)}&error=access_denied`)
    scene.server.session = ada
    const auth = await scene.open()
    expect(scene.tab.page.location.href).toBe('http://app.test/?a=1')
    expect(await unclaimed(scene.world, auth)).toMatchObject({ code: 'state_unknown' })
    expect((await auth.getSession())?.user.id).toBe('1')
    expect(scene.world.network.requests).toHaveLength(1)
  })

  it.each([
    '/?code=abc&state=xyz',
    '/?error=access_denied',
    '/?latchkey=1',
    '/?latchkey',
    '/#access_token=x',
    '/?%E0%A4%A',
    '/?a=b?c=d',
  ])('of somebody else is left alone: %s', async (path) => {
    const scene = setUp(`http://app.test${path}`)
    const { href } = scene.tab.page.location
    expect(await (await scene.open()).completeSignIn()).toBe(null)
    expect(scene.tab.page.location.href).toBe(href)
    expect(scene.world.network.requests).toHaveLength(0)
  })
})
