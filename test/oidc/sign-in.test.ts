import { afterAll, beforeAll, expect, test } from 'vitest'

import type { OpenIdProvider } from '../../demo/backends/openid.js'
import { settle } from '../rig.js'
import { APP, CALLBACK, codeOf, setUp, startProvider } from './scene.js'

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

test('nobody is shown as signed out while the code is being exchanged', async () => {
  const scene = setUp(provider)
  const stays = { navigate: () => {} }
  const auth = scene.land(await scene.user.visit(await scene.leave(stays), APP), stays)
  const seen: string[] = []
  auth.session.subscribe(({ status }) => seen.push(status))
  const [session, token] = await Promise.all([auth.getSession(), auth.getAccessToken()])
  expect(session?.user.id).toBe('ada')
  expect(token).not.toBe(null)
  expect(seen).toEqual(['pending', 'authenticated'])
})

test('what a landing has brought is not asked for once more', async () => {
  const scene = setUp(provider)
  const how = { navigate: () => {}, oidc: { userinfo: true } }
  const auth = scene.land(await scene.user.visit(await scene.leave(how), APP), how)
  auth.session.listen(() => {})
  expect((await auth.getSession())?.user.id).toBe('ada')
  await auth.completeSignIn()
  await settle()
  expect(auth.fetching.value).toBe(false)
  expect(scene.world.network.count('GET /me')).toBe(1)
  await auth.refetch({ fresh: true })
  expect(scene.world.network.count('GET /me')).toBe(2)
})

test('without asking, where the provider knows the user, and not where it does not', async () => {
  const scene = setUp(provider)
  const leave = async (): Promise<string> => {
    const auth = scene.create()
    await auth.prepare()
    const left = scene.tab.navigations.length
    void auth.signIn('provider', { redirectTo: '/later', params: { prompt: 'none' } })
    while (scene.tab.navigations.length === left) await settle()
    return scene.tab.navigations.at(-1)!
  }
  const stays = { navigate: () => {} }
  const stranger = scene.land(await scene.user.visit(await leave(), APP), stays)
  expect(await codeOf(stranger.completeSignIn())).toBe('login_required')

  await scene.signIn()
  const landing = await scene.user.visit(await leave(), APP)
  expect((await scene.land(landing, stays).completeSignIn())?.session.user.id).toBe('ada')
})
