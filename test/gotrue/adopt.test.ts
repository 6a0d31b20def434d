import { expect, test } from 'vitest'

import { ACCOUNT, APP, BACKEND, FLAVORS, inTime, setUp, type Scene } from './scene.js'

const KEY = 'sb-gotrue-auth-token'

/** As `@supabase/auth-js` stores it. */
async function leave(scene: Scene, change: object = {}): Promise<Map<string, string>> {
  const response = await scene.server.handler(
    new Request(`${BACKEND}/signup`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(ACCOUNT),
    }),
  )
  const answer = (await response.json()) as object
  const storage = scene.world.local.of(APP)
  const expires_at = Math.floor(scene.world.clock.now() / 1000) + 3600
  storage.set(KEY, JSON.stringify({ expires_at, ...answer, ...change }))
  return storage
}

test.each(FLAVORS)('%s: half of what the official client left stays its own', async (flavor) => {
  const scene = setUp(flavor)
  const storage = await leave(scene, { user: undefined }) // its `userStorage` has the other half
  const left = storage.get(KEY)
  const auth = scene.create()
  expect(await auth.getSession()).toBe(null)
  expect(storage.get(KEY)).toBe(left)
})

test.each([{ expires_at: 'x' }, { expires_at: null }, { expires_in: 'x', expires_at: undefined }])(
  'what it says of its end (%o) is no reason to take it for endless',
  async (change) => {
    const scene = setUp('current')
    await leave(scene, change)
    const auth = scene.create()
    expect((await inTime(scene, auth.getSession()))?.expiresAt).toEqual(expect.any(Number))
    scene.world.clock.jump(3_600_000)
    expect(await inTime(scene, auth.getAccessToken())).toEqual(expect.any(String))
    expect(scene.asked('POST', '/token', 'refresh_token').length).toBeGreaterThanOrEqual(1)
  },
)

test.each(FLAVORS)(
  '%s: in a full storage the session takes the place of the other',
  async (flavor) => {
    const scene = setUp(flavor)
    const storage = await leave(scene)
    const { tab } = scene
    const fill = (page: typeof tab.page): typeof tab.page => {
      // There is room for what is there, and a little more.
      const room = 500 + (storage.get(KEY)?.length ?? 0)
      const { localStorage } = page
      const full = Object.create(localStorage, {
        setItem: {
          value: (key: string, value: string) => {
            const others = [...storage].filter(([name]) => name !== key)
            const used = others.reduce((sum, [, text]) => sum + text.length, 0)
            if (used + value.length > room) throw new DOMException('Full.', 'QuotaExceededError')
            page.localStorage.setItem(key, value)
          },
        },
      }) as typeof localStorage
      return Object.create(page, { localStorage: { get: () => full } }) as typeof tab.page
    }
    const auth = scene.create({}, fill(tab.page))
    expect((await auth.getSession())?.user.email).toBe(ACCOUNT.email)
    tab.crash()
    expect((await scene.another().getSession())?.user.email).toBe(ACCOUNT.email)
  },
)

test.each(FLAVORS)('%s: twenty tabs take it over, and spend each token once', async (flavor) => {
  const scene = setUp(flavor)
  await leave(scene)
  scene.world.clock.jump(7_200_000)
  const tabs = Array.from({ length: 20 }, () => scene.another())
  const sessions = await inTime(scene, Promise.all(tabs.map(async (tab) => tab.getSession())))
  expect(new Set(sessions.map((session) => session?.user.email))).toEqual(new Set([ACCOUNT.email]))
  expect(scene.refreshes()).toBe(1)
})

test.each(FLAVORS)(
  '%s: who signs out is not signed in again by what the other client left',
  async (flavor) => {
    const scene = setUp(flavor)
    const auth = await scene.signUp()
    const storage = scene.world.local.of(APP)
    const { refreshToken, accessToken, session } = JSON.parse(
      storage.get(`latchkey:tokens:${BACKEND}`)!,
    ) as Record<string, { raw?: object }>
    const left = { access_token: accessToken, refresh_token: refreshToken, user: session!.raw }
    storage.set('supabase.auth.token', JSON.stringify(left))
    await auth.signOut()
    expect(await scene.another().getSession()).toBe(null)
  },
)
