import { describe, expect, it } from 'vitest'

import { aura } from '../../src/adapters/aura/index.js'
import type { AuthClient, ClientOptions } from '../../src/api.js'
import { createClient } from '../../src/client.js'
import type { AuraSession } from '../../src/index.js'
import { ada, auraServer, json, type AuraServer } from '../aura-server.js'
import { createWorld, settle, type Page, type PopupWindow, type Tab, type World } from '../rig.js'

interface Scene {
  readonly world: World
  readonly server: AuraServer
  readonly tab: Tab
  readonly auth: AuthClient<AuraSession>
  readonly popup: () => PopupWindow
  /** The landing that the last popup was told to come back to. */
  readonly landing: () => string
  readonly create: (page: Page) => AuthClient<AuraSession>
}

async function setUp(options: ClientOptions<AuraSession> = {}): Promise<Scene> {
  const world = createWorld()
  const server = auraServer(world.network)
  const tab = world.tab('http://app.test/projects?q=1')
  const create = (page: Page): AuthClient<AuraSession> =>
    createClient({ baseURL: '/auth', fetch: world.network.fetch, ...options }, aura(), page)
  const auth = create(tab.page)
  await auth.prepare()
  const popup = (): PopupWindow => tab.popups.at(-1)!
  return {
    world,
    server,
    tab,
    auth,
    popup,
    create,
    landing: () => {
      const start = new URL(popup().urls[0]!)
      return new URL(start.searchParams.get('redirectTo')!, start.origin).href
    },
  }
}

/** What a promise came to, without waiting for it. */
function outcomeOf(promise: Promise<unknown>): { value?: unknown } {
  const outcome: { value?: unknown } = {}
  promise.then(
    (value) => (outcome.value = value),
    (error: unknown) => (outcome.value = error),
  )
  return outcome
}

/** The page still listens to exactly what it listened to before, and nothing rings later. */
function expectNothingLeft({ world, tab }: Scene, listeners: number): void {
  expect(tab.page.listeners()).toBe(listeners)
  expect(world.clock.pending()).toBe(0)
  expect(world.channels.open()).toBe(0)
  expect(tab.storage.size).toBe(0)
}

describe('opening', () => {
  it('happens in the click, straight on the provider’s way, under a name nobody can know', async () => {
    const { world, tab, auth, popup } = await setUp()
    void auth.signIn('dribbble', { popup: true })
    expect(tab.popups).toHaveLength(1)
    expect(popup().urls).toHaveLength(1)
    expect(popup().urls[0]).toMatch(/^http:\/\/app\.test\/auth\/signIn\/dribbble\?redirectTo=/)
    expect(popup().name).toMatch(/^[\w-]{22}$/)
    expect(popup().features).toBe('popup,width=480,height=640,left=400,top=80')
    expect(world.network.requests).toHaveLength(0)
    expect(tab.navigations).toHaveLength(0)
  })

  it('happens in the click even when the code for it has not arrived', async () => {
    const { world, tab, create } = await setUp()
    const auth = create(tab.page)
    const done = outcomeOf(auth.signIn('dribbble', { popup: true }))
    expect(tab.popups).toHaveLength(1)
    expect(tab.popups[0]!.urls).toHaveLength(0)
    await auth.prepare()
    await settle()
    expect(tab.popups).toHaveLength(1)
    expect(tab.popups[0]!.urls[0]).toContain('/auth/signIn/dribbble')
    tab.popups[0]!.closeByUser()
    await world.clock.advance(2000)
    expect(done.value).toMatchObject({ code: 'popup_closed' })
  })

  it('leaves no blank window behind when the input turns out to be bad', async () => {
    const { tab, create } = await setUp()
    const auth = create(tab.page)
    const done = outcomeOf(auth.signIn('dribbble', { popup: true, redirectTo: '//evil.com' }))
    expect(tab.popups).toHaveLength(1)
    await auth.prepare()
    await settle()
    expect(done.value).toMatchObject({ code: 'invalid_redirect' })
    expect(tab.popups[0]!.closed()).toBe(true)
  })

  it('takes a size, and a second screen to the left', async () => {
    const { tab, auth, popup } = await setUp()
    Object.assign(tab.page, { screenX: -1920, outerWidth: 1920 })
    void auth.signIn('dribbble', { popup: { width: 500, height: 700 } })
    expect(popup().features).toBe('popup,width=500,height=700,left=-1210,top=50')
  })

  it('comes back to the callback page where there is one, else to the page that started', async () => {
    const plain = await setUp()
    void plain.auth.signIn('dribbble', { popup: true, redirectTo: '/elsewhere' })
    expect(plain.landing()).toMatch(/^http:\/\/app\.test\/projects\?q=1&latchkey=[\w-]{22}$/)
    const callback = await setUp({ callbackURL: '/callback.html' })
    void callback.auth.signIn('dribbble', { popup: true, redirectTo: '/elsewhere' })
    expect(callback.landing()).toMatch(/^http:\/\/app\.test\/callback\.html\?latchkey=[\w-]{22}$/)
  })

  it('never happens for bad input', async () => {
    const { tab, auth } = await setUp()
    for (const [provider, options, code] of [
      ['../x', {}, 'invalid_provider'],
      ['dribbble', { redirectTo: 'https://evil.com' }, 'invalid_redirect'],
      ['dribbble', { signal: AbortSignal.abort() }, 'aborted'],
    ] as const) {
      await expect(auth.signIn(provider, { popup: true, ...options })).rejects.toMatchObject({
        code,
      })
    }
    expect(tab.popups).toHaveLength(0)
    expect(tab.navigations).toHaveLength(0)
  })

  it.each([
    ['null', () => null],
    ['undefined', () => undefined],
    ['a closed window', () => ({ closed: true })],
    [
      'an exception',
      () => {
        throw new Error('blocked')
      },
    ],
  ])('that is blocked becomes a redirect in the same click: %s', async (_, answer) => {
    const { tab, auth } = await setUp()
    tab.blockPopups(answer)
    void auth.signIn('dribbble', { popup: true, redirectTo: '/dashboard' })
    expect(tab.navigations).toHaveLength(1)
    expect(decodeURIComponent(tab.navigations[0]!)).toMatch(/redirectTo=\/dashboard\?latchkey=/)
    expect(tab.storage.size).toBe(1)
  })

  it('that answers this very window (Android) becomes a redirect', async () => {
    const { tab, auth } = await setUp()
    tab.blockPopups(() => tab.page)
    void auth.signIn('dribbble', { popup: true })
    expect(tab.navigations).toHaveLength(1)
  })

  it('that is blocked rejects where no redirect is wanted or allowed', async () => {
    const { tab, auth } = await setUp()
    tab.blockPopups(() => null)
    await expect(auth.signIn('dribbble', { popup: { fallback: 'none' } })).rejects.toMatchObject({
      code: 'popup_blocked',
    })
    Object.defineProperty(tab.page, 'top', {
      get: () => ({
        get location() {
          throw new DOMException('cross-origin')
        },
      }),
    })
    await expect(auth.signIn('dribbble', { popup: true })).rejects.toMatchObject({
      code: 'popup_blocked',
    })
    expect(tab.navigations).toHaveLength(0)
    expect(tab.storage.size).toBe(0)
  })
})

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

  it('that is a refusal carries the provider’s words and leaves an earlier session alone', async () => {
    const scene = await setUp()
    const { tab, auth, server, popup } = scene
    server.session = ada
    const before = await auth.getSession()
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
    await world.clock.advance(300_000)
    expectNothingLeft(scene, listeners)
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
    const { world, auth, popup } = await setUp()
    const done = outcomeOf(auth.signIn('dribbble', { popup: true }))
    popup().sever()
    await world.clock.advance(240_000)
    expect(done.value).toBeUndefined()
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
    expect(auth.session.value.status).toBe('pending')
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
    const done = outcomeOf(auth.signIn('dribbble', { popup: true }))
    await world.clock.advance(1000)
    server.session = ada
    popup().closeByUser()
    await world.clock.advance(2000)
    expect(done.value).toMatchObject({ user: { id: '1' } })
    expect(world.network.count('GET /auth/session')).toBe(1)
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
    const { tab, auth } = await setUp()
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

describe('a real Aura, which never comes back with a failure', () => {
  const page = 'http://app.test/auth/callback/dribbble'

  it.each([
    [
      'access_denied',
      `${page}?error=access_denied&state=x`,
      { type: 'VALIDATION', code: 'UNPROCESSABLE_ENTITY' },
    ],
    [
      'state_mismatch',
      `${page}?code=x&state=y`,
      { type: 'AUTH_FLOW', code: 'AUTH_MISMATCHING_STATE' },
    ],
    ['state_mismatch', `${page}?code=x&state=y`, { code: 'COOKIE_INVALID_VALUE' }],
    ['exchange_failed', `${page}?code=x&state=y`, { code: 'INVALID_OAUTH_ACCESS_TOKEN_RESPONSE' }],
    [
      'unknown_provider',
      'http://app.test/auth/signIn/nope',
      { code: 'UNPROCESSABLE_ENTITY', details: { oauth: { code: 'x' } } },
    ],
    [
      'rate_limited',
      'http://app.test/auth/signIn/dribbble',
      { error: 'Too Many Requests', retryAfter: 900_000 },
    ],
  ])('is read where it is stuck: %s', async (code, url, body) => {
    const scene = await setUp()
    const { world, tab, auth, popup } = scene
    const listeners = tab.page.listeners()
    const done = outcomeOf(auth.signIn('dribbble', { popup: true }))
    popup().show(url, '')
    await world.clock.advance(500)
    expect(done.value).toBeUndefined()
    popup().show(url, JSON.stringify(body))
    await world.clock.advance(500)
    expect(done.value).toMatchObject({ code })
    expect(popup().closed()).toBe(true)
    expectNothingLeft(scene, listeners)
  })

  it('is asked when the popup ends up on a page that knows nothing of sign-ins', async () => {
    const { world, auth, server, popup } = await setUp()
    const done = outcomeOf(auth.signIn('dribbble', { popup: true }))
    popup().show('http://app.test/', 'Welcome')
    await world.clock.advance(5000)
    expect(done.value).toBeUndefined()
    expect(world.network.count('GET /auth/session')).toBe(1)
    server.session = ada
    popup().show('http://app.test/home', 'Welcome')
    await world.clock.advance(500)
    expect(done.value).toMatchObject({ user: { id: '1' } })
    expect(popup().closed()).toBe(true)
  })

  it('on another origin is told by the close or the deadline', async () => {
    const { world, auth, popup } = await setUp({ baseURL: 'http://auth.test:3000/auth' })
    world.network.respond(() => json({ success: false, session: null }, 401))
    const closed = outcomeOf(auth.signIn('dribbble', { popup: true }))
    popup().show('http://auth.test:3000/auth/callback/dribbble?error=access_denied', '{}')
    await world.clock.advance(60_000)
    expect(closed.value).toBeUndefined()
    popup().closeByUser()
    await world.clock.advance(2000)
    expect(closed.value).toMatchObject({ code: 'popup_closed' })
    const expired = outcomeOf(auth.signIn('dribbble', { popup: true }))
    await world.clock.advance(300_500)
    expect(expired.value).toMatchObject({ code: 'popup_timeout' })
  })
})
