import { expect, test } from 'vitest'

import { json } from '../aura-server.js'
import { setUp } from './dribbble-scene.js'
import { codeInTime, codeOf } from './scene.js'

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

test('a token’s lifetime is counted from when it was asked for, and its scope is what was granted', async () => {
  const { comeBack, on, world } = setUp({ bridge: '/auth', scope: 'public upload' })
  on['POST /auth/bridge/dribbble/token'] = () =>
    json({
      access_token: 'token',
      token_type: 'bearer',
      scope: 'public',
      created_at: 1,
      expires_in: 31_557_600,
    })
  const result = await (await comeBack({ code: 'code' })).completeSignIn()
  expect(result?.session.scopes).toEqual(['public'])
  expect(result?.session.expiresAt).toBe(world.clock.now() + 31_557_600_000)
})

test('a refusal that comes to the page that is registered is still one', async () => {
  const { leave, tab, create, world } = setUp()
  const state = (await leave()).searchParams.get('state')!
  const error = 'invalid_redirect_uri'
  tab.load(`http://app.test/registered?${new URLSearchParams({ error, state })}`)
  const auth = create()
  await expect(auth.completeSignIn()).rejects.toMatchObject({ code: error, source: 'provider' })
  expect(tab.page.location.href).toBe('http://app.test/registered')
  expect(world.network.requests).toEqual([])
})
