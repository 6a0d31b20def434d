import { describe, expect, it } from 'vitest'

import { ada } from '../aura-server.js'
import { leaveFor, setUp, showCallbackPage } from './scene.js'

describe('landing', () => {
  it('without an id is taken where only one sign-in could have led there', async () => {
    const path = `/${'a'.repeat(90)}`
    const scene = setUp()
    leaveFor(await scene.open(), path)
    scene.tab.load(`http://app.test/elsewhere?error=access_denied`)
    expect(await (await scene.open()).completeSignIn()).toBe(null)
    scene.tab.load(`http://app.test${path}?error=access_denied`)
    await expect((await scene.open()).completeSignIn()).rejects.toMatchObject({
      code: 'access_denied',
    })
    expect(scene.tab.page.location.href).toBe(`http://app.test${path}`)
  })

  it('belongs to the client that left', async () => {
    const scene = setUp()
    const blue = { baseURL: 'http://app.test/blue' }
    leaveFor(await scene.open(blue), '/dashboard')
    scene.tab.load(`${scene.landing().href}&error=access_denied`)
    expect(await (await scene.open()).completeSignIn()).toBe(null)
    expect(scene.tab.page.location.href).toContain('error=access_denied')
    await expect((await scene.open(blue)).completeSignIn()).rejects.toMatchObject({
      code: 'access_denied',
    })
    expect(scene.tab.page.location.href).toBe('http://app.test/dashboard')
  })

  it('survives a transaction that somebody has tampered with', async () => {
    const scene = setUp()
    scene.server.session = ada
    leaveFor(await scene.open(), '/dashboard')
    const [[key, text]] = [...scene.tab.storage] as [[string, string]]
    const transaction = JSON.parse(text) as object
    const redirectTo = 'http://app.test//evil.com'
    scene.tab.storage.set(key, JSON.stringify({ ...transaction, redirectTo }))
    scene.tab.load(scene.landing().href)
    expect(await (await scene.open()).completeSignIn()).toMatchObject({
      redirectTo: 'http://app.test/',
    })
    scene.tab.storage.set(`latchkey:tx:${'y'.repeat(22)}`, '{nonsense')
    leaveFor(await scene.open())
    expect(scene.tab.storage.size).toBe(1)
  })

  it('on the callback page goes on to redirectTo', async () => {
    const scene = setUp()
    scene.server.session = ada
    const options = { callbackURL: '/auth-callback' }
    leaveFor(await scene.open(options), '/caf%C3%A9?q=a%20b')
    expect(scene.landing().pathname).toBe('/auth-callback')
    scene.tab.load(scene.landing().href)
    const auth = await scene.open(options)
    expect((await auth.completeSignIn())?.redirectTo).toBe('http://app.test/caf%C3%A9?q=a%20b')
    expect(scene.tab.navigations.at(-1)).toBe('http://app.test/caf%C3%A9?q=a%20b')
  })

  it('on the one-line callback page is finished where the user wanted to be, in one request', async () => {
    const scene = setUp()
    scene.server.session = ada
    const options = { callbackURL: '/callback.html' }
    leaveFor(await scene.open(options), '/dashboard?tab=a#deep')
    const landing = scene.landing()
    expect(landing.pathname).toBe('/callback.html')
    await showCallbackPage(scene.tab, landing.href)
    const handedOn = scene.tab.navigations.at(-1)!
    expect(handedOn).toMatch(/^http:\/\/app\.test\/dashboard\?tab=a&latchkey=[\w-]{22}#deep$/)
    const asked = scene.world.network.requests.length
    scene.tab.load(handedOn)
    const auth = scene.create(options)
    auth.session.listen(() => {})
    expect(await auth.completeSignIn()).toMatchObject({
      session: { user: { id: '1' } },
      redirectTo: 'http://app.test/dashboard?tab=a#deep',
    })
    expect(scene.world.network.requests.length - asked).toBe(1)
    expect(scene.tab.page.location.href).toBe('http://app.test/dashboard?tab=a#deep')
    expect(scene.tab.navigations.at(-1)).toBe(handedOn)
    expect(scene.tab.storage.size).toBe(0)
  })

  it.each(['http://app.test//evil.com', 'blob:http://app.test/x', 'https://evil.com/x?y'])(
    'on the one-line callback page never leaves the origin, whatever is stored: %s',
    async (redirectTo) => {
      const scene = setUp()
      const options = { callbackURL: '/callback.html' }
      leaveFor(await scene.open(options), '/dashboard')
      const landing = scene.landing().href
      const [[key, text]] = [...scene.tab.storage] as [[string, string]]
      scene.tab.storage.set(key, JSON.stringify({ ...(JSON.parse(text) as object), redirectTo }))
      await showCallbackPage(scene.tab, landing)
      expect(new URL(scene.tab.navigations.at(-1)!).origin).toBe('http://app.test')
    },
  )

  it('on the callback page goes on by the app’s router, and never back to itself', async () => {
    const scene = setUp('http://app.test/auth-callback')
    scene.server.session = ada
    const gone: string[] = []
    const options = { callbackURL: '/auth-callback', navigate: (url: string) => gone.push(url) }
    await expect(
      (await scene.open(options)).signIn('dribbble', { redirectTo: '/auth-callback' }),
    ).rejects.toMatchObject({
      code: 'invalid_redirect',
    })
    leaveFor(await scene.open(options))
    scene.tab.load(scene.landing().href)
    await (await scene.open(options)).completeSignIn()
    expect(gone).toEqual(['http://app.test/'])
  })

  it('can be handed in by an app that got to the URL first', async () => {
    const scene = setUp()
    scene.server.session = ada
    leaveFor(await scene.open(), '/dashboard')
    scene.tab.load('http://app.test/')
    const auth = await scene.open()
    expect(await auth.completeSignIn()).toBe(null)
    const { href } = scene.landing()
    const [first, second] = await Promise.all([
      auth.completeSignIn(href),
      auth.completeSignIn(href),
    ])
    expect(first?.session.user.id).toBe('1')
    expect(second).toBe(first)
    expect(scene.world.network.requests).toHaveLength(1)
  })
})
