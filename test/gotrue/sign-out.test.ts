import { expect, test } from 'vitest'

import { ACCOUNT, APP, BACKEND, FLAVORS, inTime, setUp, type Scene } from './scene.js'

const LOGOUT = 'POST /logout'
const scopes = (scene: Scene): (string | null)[] =>
  scene.asked('POST', '/logout').map(({ url }) => new URL(url).searchParams.get('scope'))

test.each(FLAVORS)('%s: this session ends, in every tab, and nothing is kept', async (flavor) => {
  const scene = setUp(flavor)
  const auth = await scene.signUp()
  const other = scene.create({}, scene.world.tab(`${APP}/`).page)
  other.session.listen(() => {})
  await other.getSession()
  await scene.world.clock.advance(100)
  expect(await auth.signOut()).toEqual({ revoked: true })
  await scene.world.clock.advance(100)
  expect(other.session.value).toMatchObject({ status: 'unauthenticated' })
  expect(scopes(scene)).toEqual(['local'])
  expect(scene.stored()).not.toMatch(/latchkey:tokens/)
})

test.each(FLAVORS)('%s: all of them, where that is asked for', async (flavor) => {
  const scene = setUp(flavor)
  const auth = await scene.signUp()
  await auth.signOut({ scope: 'global' })
  expect(scopes(scene)).toEqual(['global'])
})

test('current: the others, and this one stays', async () => {
  const scene = setUp('current')
  const auth = await scene.signUp()
  expect(await auth.signOut({ scope: 'others' })).toEqual({ revoked: true })
  expect(auth.session.value.status).toBe('authenticated')
  expect(await auth.getAccessToken()).toEqual(expect.any(String))
})

test.each(
  FLAVORS.flatMap((flavor) =>
    [
      { status: 503, revoked: false },
      { lost: true, revoked: false },
      { status: 401, revoked: true },
      { status: 403, revoked: true },
      { status: 404, revoked: true },
    ].map((fault) => [flavor, fault] as const),
  ),
)('%s: signed out here whatever the server says: %o', async (flavor, { revoked, ...fault }) => {
  const scene = setUp(flavor)
  const auth = await scene.signUp()
  scene.server.knobs.faults.push({ on: LOGOUT, ...fault })
  expect(await auth.signOut()).toEqual({ revoked })
  expect(auth.session.value).toMatchObject({ status: 'unauthenticated', error: null })
  expect(await scene.land(`${APP}/later`).getSession()).toBe(null)
})

test.each(FLAVORS)('%s: with a token that has ended, another one signs out', async (flavor) => {
  const scene = setUp(flavor)
  const auth = await scene.signUp()
  scene.world.clock.jump(3_600_001)
  expect(await inTime(scene, auth.signOut())).toEqual({ revoked: true })
  expect(scene.refreshes()).toBe(1)
  expect(scene.server.requests.at(-1)).toMatchObject({ path: '/logout', status: 204 })
})

/** As `@supabase/auth-js` stores it. */
async function leftBy(scene: Scene): Promise<Record<string, unknown>> {
  const response = await scene.server.handler(
    new Request(`${BACKEND}/signup`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(ACCOUNT),
    }),
  )
  const left = (await response.json()) as Record<string, unknown>
  return { expires_at: Math.floor(scene.world.clock.now() / 1000) + 3600, ...left }
}

const KEY = 'sb-gotrue-auth-token'

test.each(
  FLAVORS.flatMap((flavor) => [KEY, 'supabase.auth.token'].map((key) => [flavor, key] as const)),
)('%s: whom the official client knew (%s) is signed in, once', async (flavor, key) => {
  const scene = setUp(flavor)
  const storage = scene.world.local.of(APP)
  const left = await leftBy(scene)
  const value = key === KEY ? left : { currentSession: left, expiresAt: 1 }
  storage.set(key, JSON.stringify(value))
  const auth = scene.land(`${APP}/`)
  expect((await auth.getSession())?.user.email).toBe(ACCOUNT.email)
  expect(storage.has(key)).toBe(false)
  expect(scene.world.network.requests).toHaveLength(0)
  expect(await auth.getAccessToken()).toBe(left['access_token'])
})

test.each(FLAVORS)('%s: after hours away it is one refresh', async (flavor) => {
  const scene = setUp(flavor)
  const { expires_at: _, ...left } = await leftBy(scene)
  scene.world.local.of(APP).set(KEY, JSON.stringify(left)) // the end is in the token, too
  scene.world.clock.jump(7_200_000)
  const auth = scene.land(`${APP}/`)
  expect((await inTime(scene, auth.getSession()))?.user.email).toBe(ACCOUNT.email)
  expect(scene.refreshes()).toBe(1)
  await auth.signOut()
  expect(await scene.land(`${APP}/`).getSession()).toBe(null)
})

test.each(['', 'null', '[]', '{"access_token":1}', 'base64-eyJ', '{"accessToken":"x"}', '"x"'])(
  'what nobody can read (%s) is nobody’s session',
  async (garbage) => {
    const scene = setUp('current')
    const storage = scene.world.local.of(APP)
    for (const key of [`latchkey:tokens:${BACKEND}`, KEY]) storage.set(key, garbage)
    const auth = scene.land(`${APP}/`)
    const states: string[] = []
    auth.session.listen(({ status, error }) => states.push(`${status} ${error?.code ?? ''}`))
    expect(await auth.getSession()).toBe(null)
    expect(states).toEqual(['unauthenticated '])
    expect(scene.refreshes()).toBe(0)
    expect(storage.get(`latchkey:tokens:${BACKEND}`) ?? '').toBe('')
    await auth.signUp(ACCOUNT)
    expect((await scene.land(`${APP}/`).getSession())?.user.email).toBe(ACCOUNT.email)
  },
)
