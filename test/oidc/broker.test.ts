import { expect, test } from 'vitest'

import { oidc } from '../../src/adapters/oidc/index.js'
import { createClient } from '../../src/client.js'
import { setUp } from './dribbble-scene.js'
import { codeOf } from './scene.js'

// Providers without discovery, and providers behind a provider.

test('two providers that do not say who they are: told apart by their redirect URIs', async () => {
  const { world, tab } = setUp()
  const create = (name: string) =>
    createClient(
      { callbackURL: `/callback/${name}`, fetch: world.network.fetch, navigate: () => {} },
      oidc({
        clientId: 'web',
        metadata: {
          authorization_endpoint: `https://${name}.example/auth`,
          token_endpoint: `https://${name}.example/token`,
        },
      }),
      tab.page,
    )
  const honest = create('honest')
  await honest.prepare()
  void honest.signIn('honest')
  const state = new URL(tab.navigations.at(-1)!).searchParams.get('state')!
  tab.load(`http://app.test/callback/evil?code=code&state=${state}`)
  expect(await create('evil').completeSignIn()).toBe(null)
  expect(await codeOf(create('honest').completeSignIn())).toBe('issuer_mismatch')
  expect(world.network.requests).toEqual([])
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
  const other = await sent('keycloak')
  expect(other).not.toHaveProperty('kc_idp_hint')
  // Nor is what every object has anybody's parameters.
  expect(Object.keys(await sent('constructor'))).toEqual(Object.keys(other))
})

test('a provider that does not say what it granted has granted what was asked for', async () => {
  const { world, tab } = setUp()
  world.network.respond(() =>
    Response.json({ access_token: 'token', token_type: 'bearer', expires_in: 60 }),
  )
  const create = () =>
    createClient(
      { callbackURL: '/callback', fetch: world.network.fetch, navigate: () => {} },
      oidc({
        clientId: 'web',
        metadata: {
          authorization_endpoint: 'https://id.example/auth',
          token_endpoint: 'https://id.example/token',
          userinfo_endpoint: 'https://id.example/me',
        },
        toUser: () => ({ id: '1', name: null, email: null, image: null }),
      }),
      tab.page,
    )
  const auth = create()
  await auth.prepare()
  void auth.signIn('provider', { scopes: ['read', 'write'] })
  const state = new URL(tab.navigations.at(-1)!).searchParams.get('state')!
  tab.load(`http://app.test/callback?code=code&state=${state}`)
  expect((await create().completeSignIn())?.session.scopes).toEqual(['read', 'write'])
})
