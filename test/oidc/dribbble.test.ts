import { expect, test } from 'vitest'

import { dribbble, oidc } from '../../src/adapters/oidc/index.js'
import type { DribbbleOptions } from '../../src/adapters/oidc/dribbble.js'
import { createClient } from '../../src/client.js'
import { json } from '../aura-server.js'
import { createWorld, type Responder } from '../rig.js'
import { codeInTime, codeOf } from './scene.js'

const USER = {
  id: 1,
  name: 'Dan',
  login: 'simplebits',
  email: 'd@example.com',
  avatar_url: 'a.jpg',
}

function setUp(options: Partial<DribbbleOptions> = { bridge: '/auth' }) {
  const world = createWorld()
  const tab = world.tab('http://app.test/')
  const on: Record<string, Responder> = {
    'POST /auth/bridge/dribbble/token': () =>
      json({ access_token: 'token', token_type: 'bearer', scope: 'public', created_at: 1 }),
    'GET /v2/user': () => json(USER),
  }
  world.network.respond((request, seen) => {
    const answer = on[`${request.method} ${new URL(request.url).pathname}`]
    if (!answer) throw new TypeError('Failed to fetch') // no CORS, as at dribbble.com
    return answer(request, seen)
  })
  const create = () =>
    createClient(
      { callbackURL: '/callback', fetch: world.network.fetch, navigate: () => {} },
      oidc(dribbble({ clientId: 'client', ...options })),
      tab.page,
    )
  const leave = async (): Promise<URL> => {
    const auth = create()
    await auth.prepare()
    void auth.signIn('dribbble').catch(() => null)
    await world.clock.advance(0)
    return new URL(tab.navigations.at(-1)!)
  }
  /** Comes back with these parameters, and the state that was sent. */
  const comeBack = async (params: Record<string, string>) => {
    const state = (await leave()).searchParams.get('state')!
    tab.load(`http://app.test/callback?${new URLSearchParams({ ...params, state })}`)
    return create()
  }
  return { world, tab, on, create, leave, comeBack }
}

test('asks for what was asked for, and for nothing more', async () => {
  const { leave } = setUp()
  const url = await leave()
  const { state, code_challenge: challenge, ...rest } = Object.fromEntries(url.searchParams)
  expect(url.origin + url.pathname).toBe('https://dribbble.com/oauth/authorize')
  expect(rest).toEqual({
    client_id: 'client',
    redirect_uri: 'http://app.test/callback',
    response_type: 'code',
    scope: 'public',
    code_challenge_method: 'S256',
  })
  expect(state).toHaveLength(22)
  expect(challenge).toHaveLength(43)
  const both = await setUp({ bridge: '/auth', scope: 'public upload' }).leave()
  expect(both.searchParams.get('scope')).toBe('public upload')
  expect((await setUp({ bridge: '/auth', scope: '' }).leave()).searchParams.has('scope')).toBe(
    false,
  )
})

test('the code goes to the bridge, once, and the profile becomes the user', async () => {
  const { comeBack, world } = setUp()
  const auth = await comeBack({ code: 'code' })
  const result = await auth.completeSignIn()
  expect(result?.session).toMatchObject({
    user: { id: '1', name: 'Dan', email: 'd@example.com', image: 'a.jpg' },
    scopes: ['public'],
    expiresAt: null,
    raw: { login: 'simplebits' },
  })
  const [exchange, profile] = world.network.requests
  expect(exchange).toMatchObject({ method: 'POST', credentials: 'include' })
  expect(JSON.parse(exchange!.body)).toEqual({
    code: 'code',
    redirectUri: 'http://app.test/callback',
    codeVerifier: expect.stringMatching(/^[\w-]{43}$/) as string,
  })
  expect(profile?.url).toBe('https://api.dribbble.com/v2/user')
  expect(profile?.credentials).toBe('omit')
  expect(profile?.headers.get('authorization')).toBe('Bearer token')
  expect(world.network.requests).toHaveLength(2)
})

test('without a bridge it fails at once, and says why', async () => {
  const { create, world, tab } = setUp({})
  const auth = create()
  await auth.prepare()
  expect(await codeOf(auth.signIn('dribbble'))).toBe('backend_required')
  expect(await codeOf(auth.signIn('dribbble', { popup: true }))).toBe('backend_required')
  expect(tab.popups).toEqual([])
  expect(tab.navigations).toEqual([])
  expect(world.network.requests).toEqual([])
})

test.each(['access_denied', 'application_suspended', 'invalid_redirect_uri'])(
  '%s is passed on, word for word',
  async (error) => {
    const { comeBack, world } = setUp()
    const auth = await comeBack({ error, error_description: 'Said so.', code: 'ignored' })
    await expect(auth.completeSignIn()).rejects.toMatchObject({
      code: error,
      source: 'provider',
      description: 'Said so.',
    })
    expect(world.network.requests).toEqual([])
  },
)

test.each([400, 401])('a refused code is not tried again, HTTP %s', async (status) => {
  const { comeBack, world, on } = setUp()
  on['POST /auth/bridge/dribbble/token'] = () =>
    json({ error: 'invalid_grant', error_description: 'Expired, or another redirect URI.' }, status)
  const auth = await comeBack({ code: 'code' })
  await expect(auth.completeSignIn()).rejects.toMatchObject({
    code: 'exchange_failed',
    status,
    message: 'invalid_grant: Expired, or another redirect URI.',
  })
  expect(world.network.requests).toHaveLength(1)
})

test.each([
  [() => json({ error: 'upstream_error' }, 502), 'server_error'],
  [() => new Response('<h1>Oops</h1>', { status: 500 }), 'server_error'],
  [() => new Response(''), 'exchange_failed'],
  [() => json({ access_token: 'token', token_type: 'mac' }), 'exchange_failed'],
  [() => json({ access_token: 'token', token_type: 'Bearer' }), 'resolved'],
])('an answer of the bridge: %s', async (answer, code) => {
  const { comeBack, on } = setUp()
  on['POST /auth/bridge/dribbble/token'] = answer
  expect(await codeOf((await comeBack({ code: 'code' })).completeSignIn())).toBe(code)
})

test('a landing that is replayed asks for nothing', async () => {
  const scene = setUp()
  const { create, comeBack, world, tab } = scene
  const auth = await comeBack({ code: 'code' })
  const [{ url }] = [{ url: tab.page.location.href }]
  await Promise.all([auth.completeSignIn(), auth.completeSignIn()])
  expect(world.network.requests).toHaveLength(2)
  expect(url).toBe('http://app.test/callback') // stripped before anything was awaited
  tab.load(`${url}?code=code&state=${'x'.repeat(22)}`)
  expect(await codeInTime({ world }, create().completeSignIn())).toBe('state_unknown')
  expect(world.network.requests).toHaveLength(2)
})

test.each([
  [{ ...USER, email: undefined }, { email: null }],
  [
    { ...USER, email: null, name: null, links: undefined },
    { email: null, name: 'simplebits' },
  ],
  [{ ...USER, avatar_url: null }, { image: null }],
])('blank fields of a profile: %j', async (profile, user) => {
  const { comeBack, on } = setUp()
  on['GET /v2/user'] = () => json(profile)
  const result = await (await comeBack({ code: 'code' })).completeSignIn()
  expect(result?.session.user).toMatchObject(user)
})

test('a grant that was withdrawn there ends the session, an outage does not', async () => {
  const { comeBack, on, world } = setUp()
  const auth = await comeBack({ code: 'code' })
  await auth.completeSignIn()
  world.clock.jump(10 * 365 * 86_400_000)
  expect((await auth.refetch({ fresh: true })).status).toBe('authenticated')
  on['GET /v2/user'] = () => new Response('', { status: 500 })
  expect(await auth.refetch({ fresh: true })).toMatchObject({
    status: 'authenticated',
    error: { code: 'server_error' },
  })
  on['GET /v2/user'] = () => json({ message: 'API rate limit exceeded.' }, 429)
  expect((await auth.refetch({ fresh: true })).error?.code).toBe('rate_limited')
  on['GET /v2/user'] = () => json({ message: 'Bad credentials.' }, 401)
  expect(await auth.refetch({ fresh: true })).toMatchObject({
    status: 'unauthenticated',
    error: { code: 'session_expired' },
  })
})

test('a provider’s name behind a broker is a few parameters, and so is a hint', async () => {
  const { world, tab } = setUp()
  const metadata = {
    authorization_endpoint: 'https://id.example/auth',
    token_endpoint: 'https://id.example/token',
  }
  const auth = createClient(
    { callbackURL: '/callback', fetch: world.network.fetch },
    oidc({
      metadata,
      clientId: 'web',
      params: { audience: 'https://api.example', state: 'nobody may change this' },
      providers: { google: { kc_idp_hint: 'google' } },
    }),
    tab.page,
  )
  await auth.prepare()
  const sent = async (name: string, params: Record<string, string> = {}) => {
    auth.signIn(name, { popup: true, params }).catch(() => null)
    await world.clock.advance(0)
    while (tab.popups.at(-1)!.urls.length === 0) await new Promise((go) => setImmediate(go))
    return Object.fromEntries(new URL(tab.popups.at(-1)!.urls[0]!).searchParams)
  }
  const google = await sent('google', { login_hint: 'ada@example.com', client_id: 'evil' })
  expect(google).toMatchObject({
    kc_idp_hint: 'google',
    login_hint: 'ada@example.com',
    audience: 'https://api.example',
    client_id: 'web',
  })
  expect(google['state']).toHaveLength(22)
  expect(await sent('keycloak')).not.toHaveProperty('kc_idp_hint')
})
