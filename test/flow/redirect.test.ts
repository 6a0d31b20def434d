import { describe, expect, it, vi } from 'vitest'

import { aura } from '../../src/adapters/aura/index.js'
import type { AuthClient, ClientOptions } from '../../src/api.js'
import { createClient } from '../../src/client.js'
import type { AuraSession } from '../../src/index.js'
import type { DebugEvent } from '../../src/types.js'
import { ada, auraServer, type AuraServer } from '../aura-server.js'
import { createWorld, settle, type Tab, type World } from '../rig.js'

interface Scene {
  readonly world: World
  readonly server: AuraServer
  readonly tab: Tab
  readonly events: DebugEvent[]
  /** A client on the page the tab shows now. */
  create: (options?: ClientOptions<AuraSession>) => AuthClient<AuraSession>
  /** The same, once a click waits for nothing. */
  open: (options?: ClientOptions<AuraSession>) => Promise<AuthClient<AuraSession>>
  /** The landing URL that was sent to Aura, absolute. */
  landing: () => URL
}

function setUp(href = 'http://app.test/projects'): Scene {
  const world = createWorld()
  const server = auraServer(world.network)
  const tab = world.tab(href)
  const events: DebugEvent[] = []
  const create = (options: ClientOptions<AuraSession> = {}): AuthClient<AuraSession> =>
    createClient(
      {
        baseURL: '/auth',
        fetch: world.network.fetch,
        debug: (event) => events.push(event),
        ...options,
      },
      aura(),
      tab.page,
    )
  return {
    world,
    server,
    tab,
    events,
    create,
    open: async (options) => {
      const auth = create(options)
      await auth.prepare()
      return auth
    },
    landing: () => {
      const start = new URL(tab.navigations.at(-1)!)
      return new URL(start.searchParams.get('redirectTo')!, start.origin)
    },
  }
}

/** The outcome of a landing that nobody claims: popups that might are waited for first. */
async function unclaimed(world: World, auth: AuthClient<AuraSession>): Promise<unknown> {
  const outcome = auth.completeSignIn().catch((error: unknown) => error)
  await world.clock.advance(10_000)
  return outcome
}

/** Leaves without waiting: the promise of a redirect does not settle. */
function leaveFor(auth: AuthClient<AuraSession>, redirectTo?: string): void {
  void auth.signIn('dribbble', redirectTo === undefined ? {} : { redirectTo })
}

describe('leaving', async () => {
  it('goes straight to the backend, in the click, without a request', async () => {
    const { world, tab, open } = setUp()
    leaveFor(await open(), '/dashboard')
    expect(tab.navigations).toHaveLength(1)
    const url = new URL(tab.navigations[0]!)
    expect(url.origin + url.pathname).toBe('http://app.test/auth/signIn/dribbble')
    expect(url.searchParams.get('redirectTo')).toMatch(/^\/dashboard\?latchkey=[\w-]{22}$/)
    expect([...url.searchParams.keys()]).toEqual(['redirectTo'])
    expect(world.network.requests).toHaveLength(0)
  })

  it('comes back to the page it left when no other is named', async () => {
    const { open, landing } = setUp('http://app.test/search?q=a&flag#top')
    leaveFor(await open())
    expect(landing().pathname).toBe('/search')
    expect(landing().search).toMatch(/^\?q=a&flag&latchkey=[\w-]{22}$/)
    expect(landing().hash).toBe('#top')
  })

  it('comes back as near as Aura allows when it refuses that page', async () => {
    const query = setUp('http://app.test/search?q=a%20b')
    leaveFor(await query.open())
    expect(query.landing().href).toMatch(/^http:\/\/app\.test\/search\?latchkey=[\w-]{22}$/)
    const path = setUp('http://app.test/caf%C3%A9')
    leaveFor(await path.open())
    expect(path.landing().href).toMatch(/^http:\/\/app\.test\/\?latchkey=[\w-]{22}$/)
  })

  it('names the whole URL to a backend on another origin', async () => {
    const { tab, open } = setUp('http://localhost:5173/projects')
    leaveFor(await open({ baseURL: 'http://localhost:3000/auth' }), '/dashboard')
    const url = new URL(tab.navigations[0]!)
    expect(url.origin).toBe('http://localhost:3000')
    expect(url.searchParams.get('redirectTo')).toMatch(
      /^http:\/\/localhost:5173\/dashboard\?latchkey=[\w-]{22}$/,
    )
  })

  it('leaves the id out where Aura has no room for it, rather than the page', async () => {
    const { open, landing } = setUp()
    const path = `/${'a'.repeat(90)}`
    leaveFor(await open(), path)
    expect(landing().pathname + landing().search).toBe(path)
  })

  it('answers the URL and goes nowhere when asked to', async () => {
    const { tab, open } = setUp()
    const url = await (
      await open()
    ).signIn('dribbble', { redirectTo: '/dashboard', redirect: false })
    expect(url).toContain(
      'http://app.test/auth/signIn/dribbble?redirectTo=%2Fdashboard%3Flatchkey%3D',
    )
    expect(tab.navigations).toEqual([])
    expect(tab.storage.size).toBe(1)
  })

  it('never uses an id twice', async () => {
    const { tab, open } = setUp()
    const auth = await open()
    for (let round = 0; round < 100; round += 1) leaveFor(auth)
    expect(new Set(tab.navigations).size).toBe(100)
  })

  it('rejects when the user comes Back, and can leave again', async () => {
    const { tab, open } = setUp()
    const auth = await open()
    const listeners = tab.page.listeners()
    const left = auth.signIn('dribbble')
    tab.back()
    await expect(left).rejects.toMatchObject({ code: 'redirect_cancelled' })
    expect(tab.storage.size).toBe(0)
    expect(tab.page.listeners()).toBe(listeners)
    leaveFor(auth)
    expect(tab.navigations).toHaveLength(2)
  })

  it('forgets sign-ins that were abandoned', async () => {
    const { world, tab, open } = setUp()
    const auth = await open()
    tab.storage.set('theirs', 'stays')
    for (let round = 0; round < 11; round += 1) leaveFor(auth)
    expect(tab.storage.size).toBe(11)
    world.clock.jump(300_001)
    leaveFor(auth)
    expect([...tab.storage.keys()].filter((key) => key !== 'theirs')).toHaveLength(1)
  })
})

describe('a page that nobody landed on', () => {
  // Two of these are as long as an id.
  it.each(['http://localhost:3000/', 'http://localhost:5173/', 'http://app.test/?error=x'])(
    'costs nothing: %s',
    async (href) => {
      const scene = setUp(href)
      scene.create()
      await settle()
      expect(scene.world.network.requests).toHaveLength(0)
      expect(scene.tab.page.location.href).toBe(href)
    },
  )
})

describe('bad input', async () => {
  const cannotBe = [
    '',
    ' ',
    '../x',
    'a/b',
    'a b',
    '.',
    '..',
    'drïbbble',
    '?x',
    'x'.repeat(65),
    null,
    42,
    undefined,
  ]
  it.each(cannotBe)('refuses the provider %j', async (provider) => {
    const { world, tab, open } = setUp()
    await expect((await open()).signIn(provider as string)).rejects.toMatchObject({
      name: 'AuthError',
      code: 'invalid_provider',
    })
    expect(tab.navigations).toEqual([])
    expect(tab.storage.size + world.network.requests.length).toBe(0)
  })

  const elsewhere = [
    'https://evil.com',
    '//evil.com',
    '///evil.com',
    '/\\evil.com',
    '\\\\evil.com',
    '/\t/evil.com',
    '\0//evil.com',
    '/..//evil.com',
    './/evil.com',
    'javascript:alert(1)',
    'JaVa\nScRiPt:alert(1)',
    'data:text/html,x',
    'blob:http://app.test/x',
    'http://app@evil.com',
    'http://app.test.evil.com',
    'http://u:p@app.test/',
    'https://app.test/',
    'http://app.test:81/',
    'http://аpp.test/',
    'https:\\\\evil.com',
    'http://',
    'mailto:a@b.c',
  ]
  it.each(elsewhere)('refuses the redirectTo %j', async (redirectTo) => {
    const { tab, open } = setUp()
    await expect((await open()).signIn('dribbble', { redirectTo })).rejects.toMatchObject({
      code: 'invalid_redirect',
    })
    expect(tab.navigations).toEqual([])
    expect(tab.storage.size).toBe(0)
  })

  const refusedByAura = [
    '/caf%C3%A9',
    '/a%20b',
    '/a+b',
    '/~ada',
    '/a:b',
    '/a,b',
    '/@ada',
    '/a//b',
    `/${'x'.repeat(100)}`,
  ]
  it.each(refusedByAura)(
    'refuses the redirectTo %j, which Aura would quietly turn into /',
    async (redirectTo) => {
      const { tab, open } = setUp()
      await expect((await open()).signIn('dribbble', { redirectTo })).rejects.toMatchObject({
        code: 'invalid_redirect',
      })
      expect(tab.navigations).toEqual([])
    },
  )

  it.each(['/x?y#z', '?a', '#h', '', 'http://app.test/abs', 'relative', '/a/../b'])(
    'accepts the redirectTo %j',
    async (redirectTo) => {
      const { tab, open } = setUp()
      leaveFor(await open(), redirectTo)
      expect(tab.navigations).toHaveLength(1)
    },
  )

  it('does not leave when it was aborted before', async () => {
    const { tab, open } = setUp()
    await expect(
      (await open()).signIn('dribbble', { signal: AbortSignal.abort() }),
    ).rejects.toMatchObject({
      code: 'aborted',
    })
    expect(tab.navigations).toEqual([])
  })

  it('says so when this browser stores nothing', async () => {
    const { tab, open } = setUp()
    tab.blockStorage()
    await expect((await open()).signIn('dribbble')).rejects.toMatchObject({
      code: 'storage_unavailable',
    })
    expect(tab.navigations).toEqual([])
  })
})

describe('landing', async () => {
  /** Leaves, and comes back with these parameters added. */
  async function comeBack(
    scene: Scene,
    parameters = '',
    redirectTo = '/dashboard?tab=a+b',
  ): Promise<AuthClient<AuraSession>> {
    leaveFor(await scene.open(), redirectTo.replace('a+b', 'a'))
    const { href } = scene.landing()
    scene.tab.load(href + parameters)
    return await scene.open()
  }

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
    const page = scene.tab.load(landing.href)
    vi.stubGlobal('window', page)
    for (const name of ['document', 'location', 'history', 'sessionStorage'] as const) {
      vi.stubGlobal(name, page[name])
    }
    await import('../../src/callback.js')
    vi.unstubAllGlobals()
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
