import { afterAll, beforeAll, expect, test } from 'vitest'

import type { OpenIdProvider } from '../../demo/backends/openid.js'
import { deferred, settle } from '../rig.js'
import { fill } from '../tokens/scene.js'
import { APP, codeOf, forward, inTime, setUp, startProvider, type Scene } from './scene.js'

// A sign-out is one here, whatever the provider does and whatever else is under way.

let provider: OpenIdProvider
beforeAll(async () => {
  provider = await startProvider()
})
afterAll(async () => provider.close())

const LOCAL = { storage: 'local' } as const
const kept = ({ world }: Scene): string[] => [...world.local.of(APP).keys()]
const takes = async (token: string | null): Promise<boolean> =>
  (await fetch(`${provider.issuer}/me`, { headers: { authorization: `Bearer ${token}` } })).ok

/** What the provider says of itself, changed. */
function altered(scene: Scene, metadata: Record<string, unknown>): void {
  scene.world.network.respond(async (request, { body }) => {
    const response = await forward(request, body)
    if (!request.url.includes('.well-known')) return response
    return Response.json({ ...((await response.json()) as object), ...metadata })
  })
}

/** From here on the token endpoint is `asked`, answers once it is `released`, and has `answered`. */
function hold(scene: Scene): Record<'asked' | 'released' | 'answered', Deferred> {
  const [asked, released, answered] = [deferred<void>(), deferred<void>(), deferred<void>()]
  scene.world.network.respond(async (request, { body }) => {
    if (!request.url.endsWith('/token')) return forward(request, body)
    asked.resolve()
    await released.promise
    const response = await forward(request, body)
    answered.resolve()
    return response
  })
  return { asked, released, answered }
}
type Deferred = ReturnType<typeof deferred<void>>

test.each(['revoke', 'provider'] as const)(
  'by `%s`: waits for no provider before the tokens are gone here',
  async (signOut) => {
    const scene = setUp(provider)
    const options = { ...LOCAL, oidc: { signOut } }
    await scene.signIn(options)
    scene.world.network.respond(scene.world.network.hang)
    const auth = scene.land(`${APP}/home`, options)
    await auth.getSession()
    const began = scene.world.clock.now()
    const leaving = codeOf(auth.signOut())
    while (kept(scene).length > 0) await settle() // and no time passes
    // Nor is anybody shown as signed in until it has confirmed, unless it is to be gone to.
    while (signOut === 'revoke' && auth.session.value.data) await settle()
    expect(await inTime(scene, leaving)).toBe('resolved')
    expect(scene.world.clock.now() - began).toBeLessThan(11_000)
    expect(auth.session.value.status).toBe('unauthenticated')
  },
)

test.each([undefined, 'javascript:alert(1)', 'http://id.test/out'])(
  'at the provider, whose page for that is %s: here alone',
  async (page) => {
    const scene = setUp(provider)
    const options = { ...LOCAL, oidc: { signOut: 'provider' } } as const
    await scene.signIn(options)
    altered(scene, { end_session_endpoint: page })
    const auth = scene.land(`${APP}/home`, options)
    const left = scene.tab.navigations.length
    expect(await auth.signOut()).toEqual({ revoked: true })
    expect(scene.tab.navigations).toHaveLength(left)
    expect(kept(scene)).toEqual([])
  },
)

test.each([false, true])(
  'while a code is being exchanged, and while that is confirmed: %s',
  async (confirming) => {
    const scene = setUp(provider)
    if (confirming) await scene.signIn(LOCAL)
    const landing = await scene.user.visit(await scene.leave(LOCAL), APP)
    const [exchange, confirm] = [deferred<void>(), deferred<void>()]
    const [exchanging, revoking] = [deferred<void>(), deferred<void>()]
    scene.world.network.respond(async (request, { body }) => {
      if (request.url.endsWith('/token')) {
        exchanging.resolve()
        await exchange.promise
      } else if (request.url.endsWith('/revocation')) {
        revoking.resolve()
        await confirm.promise
      }
      return forward(request, body)
    })
    const auth = scene.land(landing, LOCAL)
    const completion = codeOf(auth.completeSignIn())
    await exchanging.promise
    const leaving = auth.signOut()
    await (confirming ? revoking.promise : leaving)
    exchange.resolve()
    expect(await completion).toBe('superseded')
    confirm.resolve()
    await leaving
    await settle()
    expect(kept(scene)).toEqual([])
    expect(auth.session.value.status).toBe('unauthenticated')
  },
)

test('while a code is being exchanged, from a storage that is slow to remove', async () => {
  const scene = setUp(provider)
  const entries = new Map<string, string>()
  const [removing, removal] = [deferred<void>(), deferred<void>()]
  const storage = {
    getItem: (key: string) => entries.get(key) ?? null,
    setItem: (key: string, value: string) => void entries.set(key, value),
    removeItem: async (key: string) => {
      removing.resolve()
      await removal.promise
      entries.delete(key)
    },
  }
  const landing = await scene.user.visit(await scene.leave({ storage }), APP)
  const exchange = hold(scene)
  const auth = scene.land(landing, { storage })
  const completion = codeOf(auth.completeSignIn())
  await exchange.asked.promise
  const leaving = auth.signOut()
  await removing.promise
  exchange.released.resolve()
  await exchange.answered.promise
  for (let turn = 0; turn < 20; turn += 1) await settle()
  removal.resolve()
  expect(await completion).toBe('superseded')
  await leaving
  expect(entries.size).toBe(0)
})

test('in another tab, while this one exchanges a code', async () => {
  const scene = setUp(provider)
  const options = { ...LOCAL, oidc: { signOut: 'local' } } as const
  const first = await scene.signIn(options)
  const landing = await scene.user.visit(await scene.leave(options), APP)
  const exchange = hold(scene)
  const auth = scene.land(landing, options)
  auth.session.listen(() => {})
  const completion = codeOf(auth.completeSignIn())
  await exchange.asked.promise
  await first.signOut()
  exchange.released.resolve()
  expect(await completion).toBe('superseded')
  expect(kept(scene)).toEqual([])
})

test('the end of a client while it exchanges a code is none: whoever comes next finds the tokens', async () => {
  const scene = setUp(provider)
  const landing = await scene.user.visit(await scene.leave(LOCAL), APP)
  const exchange = hold(scene)
  const auth = scene.land(landing, LOCAL)
  const completion = codeOf(auth.completeSignIn())
  await exchange.asked.promise
  auth.dispose()
  exchange.released.resolve()
  expect(await completion).toBe('superseded')
  expect(kept(scene)).toHaveLength(1)
})

test.each([false, true])('while a token is refreshed, which was answered: %s', async (answered) => {
  const scene = setUp(provider)
  const auth = await scene.signIn(LOCAL)
  const [gate, arrived] = [deferred<void>(), deferred<void>()]
  const wait = async (): Promise<void> => {
    arrived.resolve()
    await gate.promise
  }
  let token: string | null = null
  scene.world.network.respond(async (request, { body }) => {
    if (!request.url.endsWith('/token')) return forward(request, body)
    if (!answered) await wait()
    const response = await forward(request, body)
    token = ((await response.clone().json()) as { access_token?: string }).access_token ?? null
    if (answered) await wait()
    return response
  })
  scene.world.clock.jump(300_001)
  const asked = codeOf(auth.getAccessToken())
  await arrived.promise
  await auth.signOut()
  gate.resolve()
  await asked
  expect(kept(scene)).toEqual([])
  expect(await takes(token)).toBe(false)
})

test('in another tab, where a full storage has this one hold its tokens by itself', async () => {
  const scene = setUp(provider)
  const auth = await scene.signIn(LOCAL)
  auth.session.listen(() => {})
  const other = scene.create(LOCAL, scene.world.tab(`${APP}/other`).page)
  await other.getSession()
  fill(scene.tab.page)
  scene.world.clock.jump(300_001)
  expect(await inTime(scene, auth.getAccessToken())).not.toBe(null)
  expect(kept(scene)).toEqual([])
  await other.signOut()
  await settle()
  expect(await auth.getAccessToken()).toBe(null)
})
