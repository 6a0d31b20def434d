import { describe, expect, it } from 'vitest'

import { aura } from '../../src/adapters/aura/index.js'
import type { AuthClient, ClientOptions } from '../../src/api.js'
import { createClient } from '../../src/client.js'
import type { AuraSession } from '../../src/index.js'
import { ada, auraServer, json, type AuraServer } from '../aura-server.js'
import { createWorld, type Tab, type World } from '../rig.js'

function setUp(
  options: ClientOptions<AuraSession> = {},
  href = 'http://app.test/projects',
): { world: World; server: AuraServer; tab: Tab; auth: AuthClient<AuraSession> } {
  const world = createWorld()
  const server = auraServer(world.network)
  const tab = world.tab(href)
  const auth = createClient(
    { baseURL: '/auth', fetch: world.network.fetch, ...options },
    aura(),
    tab.page,
  )
  return { world, server, tab, auth }
}

describe('baseURL', () => {
  it.each([
    ['http://localhost:3000/auth', 'http://localhost:3000/auth/session'],
    ['http://localhost:3000/auth/', 'http://localhost:3000/auth/session'],
    ['https://api.app.test/v1/auth', 'https://api.app.test/v1/auth/session'],
    ['http://localhost:3000', 'http://localhost:3000/auth/session'],
    ['/api/auth', 'http://app.test/api/auth/session'],
  ])('%s asks %s', async (baseURL, url) => {
    const { world, auth } = setUp({ baseURL })
    await auth.refetch()
    expect(world.network.requests.map((seen) => seen.url)).toEqual([url])
  })

  it('is this origin, at /auth, when left out', async () => {
    const world = createWorld()
    const { page } = world.tab('http://app.test/x')
    await createClient({ fetch: world.network.fetch }, aura(), page).refetch()
    expect(world.network.requests[0]?.url).toBe('http://app.test/auth/session')
  })

  it.each([
    'ftp://x.test/auth',
    'javascript:alert(1)',
    'http://',
    'https://u:p@x.test',
    '/auth?x=1',
  ])('refuses %s when the client is created', (baseURL) => {
    expect(() => setUp({ baseURL })).toThrow(
      expect.objectContaining({ name: 'AuthError', code: 'invalid_config' }),
    )
  })
})

describe('session', () => {
  it('has one shape, with the backend’s own object beside it', async () => {
    const { server, auth } = setUp()
    server.session = { ...ada, user: { ...ada.user, role: 'admin' } }
    expect(await auth.getSession()).toEqual({
      user: {
        id: '1',
        name: 'Ada Winter',
        email: 'ada@example.com',
        image: 'https://cdn.test/a.png',
        role: 'admin',
      },
      expiresAt: Date.parse(ada.expires),
      raw: server.session,
    })
  })

  it('has null where the backend knows nothing', async () => {
    const { server, auth } = setUp()
    server.session = { user: { sub: '7' }, expires: 'never' }
    expect(await auth.getSession()).toMatchObject({
      user: { id: '7', name: null, email: null, image: null },
      expiresAt: null,
    })
  })

  it('moves the expiry onto this machine’s clock when the clocks disagree', async () => {
    const { world, server, auth } = setUp()
    world.clock.jump(2 * 3_600_000)
    server.onSession = () =>
      json({ success: true, session: ada }, 200, { date: 'Sat, 21 Nov 2026 09:00:00 GMT' })
    expect((await auth.getSession())?.expiresAt).toBe(Date.parse(ada.expires) + 2 * 3_600_000)
  })

  it('is asked for with cookies and without a Content-Type', async () => {
    const { world, auth } = setUp({ headers: { 'x-tenant': 'blue' } })
    await auth.refetch()
    const [seen] = world.network.requests
    expect(seen?.credentials).toBe('include')
    expect(seen?.headers.has('content-type')).toBe(false)
    expect(seen?.headers.get('x-tenant')).toBe('blue')
  })

  it.each(['text/plain', 'text/html', ''])(
    'is read whatever the answer calls itself: %s',
    async (type) => {
      const { server, auth } = setUp()
      server.onSession = () =>
        new Response(JSON.stringify({ success: true, session: ada }), {
          headers: { 'content-type': type },
        })
      expect((await auth.getSession())?.user.id).toBe('1')
    },
  )

  it('is none for any 401, also one without a body', async () => {
    const { server, auth } = setUp()
    server.onSession = () => new Response(null, { status: 401 })
    expect(await auth.getSession()).toBe(null)
  })
})

describe('sign-out', () => {
  const path = (world: World): string[] =>
    world.network.requests.map(({ method, url }) => `${method} ${new URL(url).pathname}`)

  it('fetches the token just before the write', async () => {
    const { world, server, auth } = setUp()
    server.session = ada
    await auth.refetch()
    expect(await auth.signOut()).toEqual({ revoked: true })
    expect(auth.session.value).toMatchObject({ status: 'unauthenticated', error: null })
    expect(path(world)).toEqual(['GET /auth/session', 'GET /auth/csrfToken', 'POST /auth/signOut'])
    const write = world.network.requests[2]!
    expect(write.headers.get('x-csrf-token')).toBe('token-1')
    expect(new URL(write.url).search).toBe('?token_type_hint=session_token&redirect=false')
    expect(write.body).toBe('')
  })

  it('tries once more, with a new token, when the first one died meanwhile', async () => {
    const { world, server, auth } = setUp()
    server.session = ada
    server.onSignOut = ({ headers }) =>
      headers.get('x-csrf-token') === 'token-1'
        ? json({ success: false }, 403)
        : json({ success: true }, 202)
    expect(await auth.signOut()).toEqual({ revoked: true })
    expect(world.network.count('POST /auth/signOut')).toBe(2)
    expect(world.network.count('GET /auth/csrfToken')).toBe(2)
  })

  it('gives up after that, still signed in', async () => {
    const { world, server, auth } = setUp()
    server.session = ada
    await auth.refetch()
    server.onSignOut = () => json({ success: false }, 403)
    await expect(auth.signOut()).rejects.toMatchObject({ code: 'forbidden', status: 403 })
    expect(world.network.count('POST /auth/signOut')).toBe(2)
    expect(auth.session.value.status).toBe('authenticated')
  })

  it('counts as done when the backend knows no session, whose dead cookie is cleared', async () => {
    const { world, auth } = setUp()
    expect(await auth.signOut()).toEqual({ revoked: true })
    expect(path(world)).toEqual(['GET /auth/csrfToken', 'POST /auth/signOut', 'GET /auth/session'])
  })

  it('reads no body: Aura’s is empty behind some adapters', async () => {
    const { server, auth } = setUp()
    server.session = ada
    server.onSignOut = () => new Response('', { status: 202 })
    expect(await auth.signOut()).toEqual({ revoked: true })
  })

  it.each([
    [
      'network',
      (): Response => {
        throw new TypeError('x')
      },
    ],
    ['server_error', (): Response => json(null, 500)],
    ['rate_limited', (): Response => json(null, 429)],
    ['invalid_response', (): Response => new Response('<html>', { status: 404 })],
  ])('rejects %s and stays signed in', async (code, outage) => {
    const { server, auth } = setUp()
    server.session = ada
    await auth.refetch()
    server.onSignOut = outage
    await expect(auth.signOut()).rejects.toMatchObject({ code })
    expect(auth.session.value.status).toBe('authenticated')
  })

  it('happens once, however often it is called meanwhile', async () => {
    const { world, server, auth } = setUp()
    server.session = ada
    await Promise.all([auth.signOut(), auth.signOut(), auth.signOut()])
    expect(world.network.count('POST /auth/signOut')).toBe(1)
  })

  it('drops the answer that was asked for before it', async () => {
    const { world, server, auth } = setUp()
    server.session = ada
    await auth.refetch()
    server.onSession = () => world.network.hang()
    const lookup = auth.refetch()
    let answer!: (response: Response) => void
    server.onSession = () =>
      new Promise((resolve) => {
        answer = resolve
      })
    const late = auth.refetch({ fresh: true })
    await world.clock.advance(15_000)
    await lookup
    await auth.signOut()
    answer(json({ success: true, session: ada }))
    expect((await late).status).toBe('unauthenticated')
    expect(auth.session.value.status).toBe('unauthenticated')
  })

  it('goes on to a page of this app, and to no other', async () => {
    const { world, server, tab, auth } = setUp()
    server.session = ada
    await expect(auth.signOut({ redirectTo: 'https://evil.com' })).rejects.toMatchObject({
      code: 'invalid_redirect',
    })
    expect(world.network.requests).toHaveLength(0)
    await auth.signOut({ redirectTo: '/bye' })
    expect(tab.navigations).toEqual(['http://app.test/bye'])
  })

  it('can be aborted', async () => {
    const { world, server, auth } = setUp()
    server.session = ada
    await auth.refetch()
    server.onSignOut = () => world.network.hang()
    const controller = new AbortController()
    const done = auth.signOut({ signal: controller.signal })
    await world.clock.advance(10)
    controller.abort()
    await expect(done).rejects.toMatchObject({ code: 'aborted' })
    expect(auth.session.value.status).toBe('authenticated')
    expect(world.clock.pending()).toBe(0)
  })
})
