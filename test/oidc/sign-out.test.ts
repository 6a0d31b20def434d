import { afterAll, beforeAll, expect, test, vi } from 'vitest'

import type { OpenIdProvider } from '../../demo/backends/openid.js'
import { settle } from '../rig.js'
import { APP, inTime, setUp, startProvider } from './scene.js'

let provider: OpenIdProvider
beforeAll(async () => {
  provider = await startProvider({ afterSignOut: [`${APP}/bye`] })
})
afterAll(async () => provider.close())

/** Whether the provider still takes this access token. */
const takes = async (token: string | null): Promise<boolean> => {
  const headers = { authorization: `Bearer ${token}` }
  return (await fetch(`${provider.issuer}/me`, { headers })).ok
}

test('ends the tokens at the provider too', async () => {
  const scene = setUp(provider)
  const auth = await scene.signIn()
  const token = await auth.getAccessToken()
  expect(await takes(token)).toBe(true)
  expect(await auth.signOut()).toEqual({ revoked: true })
  expect(auth.session.value.status).toBe('unauthenticated')
  expect(auth.session.value.error).toBe(null)
  expect(await auth.getAccessToken()).toBe(null)
  expect(await takes(token)).toBe(false)
  expect(scene.world.network.count('POST /token/revocation')).toBe(1)
})

test('`local` ends nothing but the session here', async () => {
  const scene = setUp(provider)
  const auth = await scene.signIn({ oidc: { signOut: 'local' } })
  const token = await auth.getAccessToken()
  expect(await auth.signOut()).toEqual({ revoked: false })
  expect(await auth.getAccessToken()).toBe(null)
  expect(await takes(token)).toBe(true)
})

test('is signed out here, whatever the provider says or does not say', async () => {
  const scene = setUp(provider)
  const auth = await scene.signIn()
  scene.world.network.respond(() => {
    throw new TypeError('offline')
  })
  expect(await auth.signOut()).toEqual({ revoked: false })
  expect(await auth.getSession()).toBe(null)

  const slow = setUp(provider)
  const other = await slow.signIn()
  slow.world.network.respond(slow.world.network.hang)
  expect(await inTime(slow, other.signOut())).toEqual({ revoked: false })
  expect(await other.getAccessToken()).toBe(null)
})

test.each([false, true])('at the provider, and back again; ID token along: %s', async (hint) => {
  const scene = setUp(provider)
  const auth = await scene.signIn({ oidc: { signOut: 'provider', idTokenHint: hint } })
  await auth.signOut({ redirectTo: '/bye' })
  const url = new URL(scene.tab.navigations.at(-1)!)
  expect(url.href).toMatch(`${provider.issuer}/session/end?`)
  expect(url.searchParams.has('id_token_hint')).toBe(hint)
  expect(url.searchParams.get('post_logout_redirect_uri')).toBe(`${APP}/bye`)
  expect((await fetch(url)).status).toBe(200)
  // Coming back is a page like any other, for somebody who is signed out.
  const back = scene.land(`${APP}/bye`)
  expect(await back.getSession()).toBe(null)
})

test.each([
  ['revoke', false],
  ['local', true],
] as const)('in one tab is a sign-out in all of them: `%s`', async (signOut, lives) => {
  const scene = setUp(provider)
  const auth = await scene.signIn({ oidc: { signOut } })
  const token = await auth.getAccessToken()
  auth.session.listen(() => {})
  const tab = scene.world.tab(`${APP}/other`)
  const other = scene.create({}, tab.page)
  other.session.listen(() => {})
  await scene.world.clock.advance(0)
  await other.signOut()
  await scene.world.clock.advance(0)
  expect(auth.session.value.status).toBe('unauthenticated')
  // Nor does this tab’s token outlive it. Nobody else could end that one at the provider.
  expect(await auth.getAccessToken()).toBe(null)
  for (let turn = 0; turn < 20; turn += 1) await settle()
  await vi.waitUntil(async () => (await takes(token)) === lives)
  expect(scene.world.network.count('POST /token/revocation')).toBe(lives ? 0 : 1)
})
