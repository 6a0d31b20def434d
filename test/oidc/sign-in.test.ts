import { afterAll, beforeAll, expect, test } from 'vitest'

import type { OpenIdProvider } from '../../demo/backends/openid.js'
import { APP, CALLBACK, setUp, startProvider } from './scene.js'

let provider: OpenIdProvider
beforeAll(async () => {
  provider = await startProvider()
})
afterAll(async () => provider.close())

test('by redirect: leaves for the provider, and comes back signed in', async () => {
  const scene = setUp(provider)
  const url = new URL(await scene.leave())
  const { state, nonce, code_challenge: challenge, ...rest } = Object.fromEntries(url.searchParams)
  expect(rest).toEqual({
    client_id: 'web',
    redirect_uri: CALLBACK,
    response_type: 'code',
    response_mode: 'fragment',
    scope: 'openid profile email',
    code_challenge_method: 'S256',
  })
  expect(state).toMatch(/^[\w-]{22}$/)
  expect(nonce).toMatch(/^[\w-]{43}$/)
  expect(challenge).toMatch(/^[\w-]{43}$/)

  const auth = await scene.signIn()
  expect(auth.session.value).toMatchObject({
    status: 'authenticated',
    data: {
      user: { id: 'ada', name: 'Ada Winter', email: 'ada@winter.example', image: null },
      scopes: ['openid', 'profile', 'email'],
    },
  })
  expect(scene.tab.page.location.href).toBe(`${APP}/dashboard`)
})
