import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest'

import type { OpenIdProvider } from '../../demo/backends/openid.js'
import { dpop, type Dpop } from '../../src/adapters/oidc/dpop.js'
import { settle } from '../rig.js'
import { APP, codeOf, forward, setUp, startProvider } from './scene.js'

let provider: OpenIdProvider
beforeAll(async () => {
  provider = await startProvider({ dpop: true })
})
afterAll(async () => provider.close())

/** IndexedDB outlives a page, and there is none here: the key is kept beside. */
function keeping(): Dpop {
  let key: ReturnType<Dpop['open']> | undefined
  return { open: async (...args) => (key ??= dpop().open(...args)) }
}
const options = () => ({ oidc: { dpop: keeping(), origins: [provider.issuer] } })
const me = () => `${provider.issuer}/me`

test('tokens are bound to a key of this browser, and of no use without it', async () => {
  const scene = setUp(provider)
  const how = options()
  expect(new URL(await scene.leave(how)).searchParams.get('dpop_jkt')).toMatch(/^[\w-]{43}$/)
  const auth = await scene.signIn(how)
  expect(auth.session.value.data?.user.id).toBe('ada')

  const bound = await auth.fetch(me())
  expect(bound.status).toBe(200)
  const sent = scene.world.network.requests.at(-1)!
  const token = await auth.getAccessToken()
  expect(sent.headers.get('authorization')).toBe(`DPoP ${token}`)
  for (const scheme of ['Bearer', 'DPoP']) {
    const stolen = await fetch(me(), { headers: { authorization: `${scheme} ${token}` } })
    expect(stolen.status).toBeGreaterThanOrEqual(400)
  }
  // Nor is a proof of any use for another request.
  const headers = { authorization: `DPoP ${token}`, dpop: sent.headers.get('dpop')! }
  expect((await fetch(me(), { method: 'POST', headers })).status).toBeGreaterThanOrEqual(400)
})

test('a nonce that the server asks for is a second request, and no second refresh', async () => {
  const scene = setUp(provider)
  const auth = await scene.signIn(options())
  expect(scene.world.network.count('POST /token')).toBe(2) // the first one learns the nonce
  scene.world.clock.jump(300_001)
  await auth.getAccessToken()
  expect(scene.world.network.count('POST /token')).toBe(3)
  expect((await auth.fetch(me(), { method: 'POST', body: 'x' })).status).not.toBe(401)
  expect(provider.revoked).toEqual([])
})

test('a body is sent whole, also the second time', async () => {
  const scene = setUp(provider)
  const auth = await scene.signIn({ oidc: { dpop: keeping(), origins: ['https://api.test'] } })
  const bodies: string[] = []
  scene.world.network.respond((_, { body, headers }) => {
    bodies.push(`${headers.get('x-own')} ${body}`)
    const nonce = { 'www-authenticate': 'DPoP error="use_dpop_nonce"', 'dpop-nonce': 'n' }
    return new Response('', bodies.length === 1 ? { status: 401, headers: nonce } : {})
  })
  const headers = { 'x-own': 'kept' }
  const response = await auth.fetch('https://api.test/', { method: 'PUT', body: 'whole', headers })
  expect(response.status).toBe(200)
  expect(bodies).toEqual(['kept whole', 'kept whole'])
})

test('a client without a key gets no tokens of such an app', async () => {
  const scene = setUp(provider)
  const stays = { navigate: () => {} }
  const auth = scene.land(await scene.user.visit(await scene.leave(stays), APP), stays)
  expect(await codeOf(auth.completeSignIn())).toBe('exchange_failed')
})

test('a key that could not be opened is tried again', async () => {
  const scene = setUp(provider)
  const { open } = keeping()
  let times = 0
  const flaky: Dpop = {
    open: async (...args) => {
      times += 1
      if (times === 1) throw new TypeError('Failed to fetch dynamically imported module')
      return open(...args)
    },
  }
  const auth = scene.create({ oidc: { dpop: flaky } })
  await auth.prepare()
  expect(await codeOf(auth.signIn('provider'))).toBe('network')
  void auth.signIn('provider').catch(() => null)
  while (scene.tab.navigations.length === 0) await settle()
  expect(times).toBe(2)
})

test('a database that never answers leaves no window blank, and is asked anew', async () => {
  const scene = setUp(provider)
  const open = vi.fn(() => new EventTarget())
  vi.stubGlobal('indexedDB', { open })
  onTestFinished(() => void vi.unstubAllGlobals())
  const auth = scene.create({ oidc: { dpop: dpop() } })
  await auth.prepare()
  for (const times of [1, 2]) {
    const signIn = codeOf(auth.signIn('provider', { popup: true }))
    const popup = scene.tab.popups.at(-1)!
    await vi.waitUntil(() => open.mock.calls.length === times)
    await scene.world.clock.advance(4_999)
    expect(popup.closed()).toBe(false)
    await scene.world.clock.advance(1)
    expect(await signIn).toBe('timeout')
    expect(popup.closed()).toBe(true)
  }
})

test('tokens that are said to be bound to nothing are not taken', async () => {
  const scene = setUp(provider)
  const how = { storage: 'local', oidc: { dpop: keeping() } } as const
  const landing = await scene.user.visit(await scene.leave(how), APP)
  scene.world.network.respond(async (request, { body }) => {
    const response = await forward(request, body)
    if (!request.url.endsWith('/token') || !response.ok) return response
    return Response.json({ ...((await response.json()) as object), token_type: 'Bearer' })
  })
  expect(await codeOf(scene.land(landing, how).completeSignIn())).toBe('invalid_config')
  expect(scene.world.local.of(APP).size).toBe(0)
})
