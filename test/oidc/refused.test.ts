import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import type { OpenIdProvider } from '../../demo/backends/openid.js'
import { APP, CALLBACK, codeInTime, codeOf, setUp, startProvider, type Scene } from './scene.js'

let provider: OpenIdProvider
let other: OpenIdProvider
beforeAll(async () => {
  const redirectURIs = [CALLBACK, `${APP}/callback/other`]
  provider = await startProvider({ redirectURIs })
  other = await startProvider({ redirectURIs })
})
afterAll(async () => {
  await provider.close()
  await other.close()
})

const STAYS = { navigate: () => {} }
/** The landing of a sign-in that went well so far, with its parameters changed. */
async function landing(
  scene: Scene,
  change: (params: URLSearchParams) => void = () => {},
  decision: 'allow' | 'deny' = 'allow',
): Promise<string> {
  const url = await scene.user.visit(await scene.leave(STAYS), APP, decision)
  const [page, response] = url.split('#')
  const params = new URLSearchParams(response)
  change(params)
  return `${page}#${params}`
}
const posts = ({ world }: Scene): number => world.network.count('POST /token')

test('the user says no: the provider’s own word for it', async () => {
  const scene = setUp(provider)
  const auth = scene.land(await landing(scene, () => {}, 'deny'), STAYS)
  await expect(auth.completeSignIn()).rejects.toMatchObject({
    code: 'access_denied',
    source: 'provider',
    description: 'The user said no.',
  })
  expect((await auth.refetch()).status).toBe('unauthenticated')
  expect(posts(scene)).toBe(0)
})

describe('an answer that nobody should believe asks for no token', () => {
  test.each<[string, 'allow' | 'deny', (params: URLSearchParams) => void]>([
    ['of another issuer', 'allow', (params) => params.set('iss', 'https://evil.example')],
    ['of no issuer, where there should be one', 'allow', (params) => params.delete('iss')],
    ['that is a refusal of another issuer', 'deny', (params) => params.set('iss', other.issuer)],
    ['with two issuers', 'allow', (params) => params.append('iss', other.issuer)],
  ])('%s', async (_, decision, change) => {
    const scene = setUp(provider)
    const auth = scene.land(await landing(scene, change, decision), STAYS)
    expect(await codeOf(auth.completeSignIn())).toBe('issuer_mismatch')
    expect(posts(scene)).toBe(0)
    expect((await auth.refetch()).status).toBe('unauthenticated')
  })

  test('with a state that this tab never sent', async () => {
    const scene = setUp(provider)
    const guess = 'x'.repeat(22)
    const auth = scene.land(await landing(scene, (params) => params.set('state', guess)), STAYS)
    expect(await codeInTime(scene, auth.completeSignIn())).toBe('state_unknown')
    expect(posts(scene)).toBe(0)
    expect(scene.tab.page.location.href).toBe(CALLBACK)
  })

  test('with no state of ours: it is another’s, and stays where it is', async () => {
    const scene = setUp(provider)
    const href = `${APP}/elsewhere?code=1&state=${'x'.repeat(22)}`
    const auth = scene.land(href, STAYS)
    expect(await auth.completeSignIn()).toBe(null)
    expect(scene.tab.page.location.href).toBe(href)
  })

  test('with a state that is none of ours on our page: the sign-in under way stays', async () => {
    const scene = setUp(provider)
    const right = await landing(scene)
    const auth = scene.land(`${CALLBACK}?code=1&state=forged`, STAYS)
    expect(await auth.completeSignIn()).toBe(null)
    expect(posts(scene)).toBe(0)
    const later = scene.land(right, STAYS)
    expect((await later.completeSignIn())?.session.user.name).toBe('Ada Winter')
  })

  test('that came to the page of another provider', async () => {
    const scene = setUp(provider)
    const moved = (await landing(scene)).replace(CALLBACK, `${CALLBACK}/other`)
    const auth = scene.land(moved, STAYS)
    expect(await codeOf(auth.completeSignIn())).toBe('issuer_mismatch')
    expect(posts(scene)).toBe(0)
  })
})

test('mix-up: what was started at one provider is finished at no other', async () => {
  const scene = setUp(provider)
  const leaving = scene.leave({ ...STAYS, oidc: { issuer: other.issuer } })
  const honest = new URL(await leaving)
  // The attacker’s provider sends the user on to the honest one, with the state of its own sign-in.
  const sent = `${provider.issuer}/auth${honest.search}`
  const auth = scene.land(await scene.user.visit(sent, APP), {
    ...STAYS,
    oidc: { issuer: other.issuer },
  })
  expect(await codeOf(auth.completeSignIn())).toBe('issuer_mismatch')
  expect(posts(scene)).toBe(0)
})

test('a landing that comes twice is exchanged once, and revokes nothing', async () => {
  const scene = setUp(provider)
  const url = await landing(scene)
  const revoked = provider.revoked.length
  const auth = scene.land(url, STAYS)
  const both = await Promise.all([auth.completeSignIn(), auth.completeSignIn()])
  expect(both[0]?.session.user.id).toBe('ada')
  const again = scene.land(url, STAYS)
  expect(await codeInTime(scene, again.completeSignIn())).toBe('state_unknown')
  expect(posts(scene)).toBe(1)
  expect(provider.revoked).toHaveLength(revoked)
})

test('a landing that comes twice where somebody is signed in: that is who', async () => {
  const scene = setUp(provider)
  const options = { ...STAYS, storage: 'local' } as const
  const url = await scene.user.visit(await scene.leave(options), APP)
  await scene.land(url, options).completeSignIn()
  const again = scene.land(url, options)
  again.session.listen(() => {})
  expect(await codeInTime(scene, again.completeSignIn())).toBe('resolved')
  expect(again.session.value.data?.user.id).toBe('ada')
  expect(posts(scene)).toBe(1)
})

test.each([
  ['another nonce', 'nonce', 'of-somebody-elses-sign-in'],
  ['no nonce', 'nonce', null],
])('an ID token with %s', async (_, name, value) => {
  const scene = setUp(provider)
  const url = new URL(await scene.leave(STAYS))
  if (value === null) url.searchParams.delete(name)
  else url.searchParams.set(name, value)
  const auth = scene.land(await scene.user.visit(url.href, APP), STAYS)
  expect(await codeOf(auth.completeSignIn())).toBe('invalid_id_token')
  expect((await auth.refetch()).status).toBe('unauthenticated')
  expect(await auth.getAccessToken()).toBe(null)
})

test('another challenge: the provider refuses the code', async () => {
  const scene = setUp(provider)
  const url = new URL(await scene.leave(STAYS))
  url.searchParams.set('code_challenge', 'x'.repeat(43))
  const auth = scene.land(await scene.user.visit(url.href, APP), STAYS)
  await expect(auth.completeSignIn()).rejects.toMatchObject({
    code: 'exchange_failed',
    status: 400,
    message: expect.stringContaining('invalid_grant') as string,
  })
})

test('an issuer that is another’s by its own metadata', async () => {
  const scene = setUp(provider)
  const auth = scene.create({ oidc: { issuer: provider.issuer.replace('127.0.0.1', 'localhost') } })
  scene.world.network.respond(async ({ url }) => fetch(url.replace('localhost', '127.0.0.1')))
  expect(await codeOf(auth.signIn('provider'))).toBe('issuer_mismatch')
  expect(scene.tab.navigations).toEqual([])
})

test('a provider that cannot be reached, and then can', async () => {
  const scene = setUp(provider)
  let down = true
  scene.world.network.respond(async ({ url }) => {
    if (down) throw new TypeError('offline')
    return fetch(url)
  })
  const auth = scene.create()
  expect(await codeOf(auth.signIn('provider'))).toBe('network')
  down = false
  await auth.prepare()
  void auth.signIn('provider')
  expect(scene.tab.navigations).toHaveLength(1)
})
