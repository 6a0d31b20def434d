import { GoTrueClient } from '@supabase/auth-js'
import { GoTrueClient as GoTrueClient2022 } from '@supabase/gotrue-js'
import { decodeJwt } from 'jose'
import { afterEach, expect, vi } from 'vitest'

import { REFRESH, setUp, statesOf, storedBy, type Scene } from './client.js'
import { onEachServer } from './server.js'
import { signIn as signInByHand, signUp, somebody, type Account } from './steps.js'

/** Where the official clients keep a session, unless they are told otherwise. */
const KEY = 'supabase.auth.token'

/** Signs in by the official client of this generation, on the same device. */
async function signInOfficially(scene: Scene, account: Account): Promise<void> {
  const { server } = scene
  const items = storedBy(scene)
  const options = {
    url: server.url,
    headers: server.headers,
    autoRefreshToken: false,
    storage: {
      getItem: (key: string) => items.get(key) ?? null,
      setItem: (key: string, value: string) => void items.set(key, value),
      removeItem: (key: string) => void items.delete(key),
    },
  }
  const byToday = () =>
    new GoTrueClient({ ...options, storageKey: KEY }).signInWithPassword(account)
  const by2022 = () => {
    // It keeps nothing where it finds no `window`.
    vi.stubGlobal('window', scene.tab.page)
    const page = { detectSessionInUrl: false, multiTab: false, localStorage: options.storage }
    return new GoTrueClient2022({ ...options, ...page }).signIn(account)
  }
  const { error } = await (server.flavor === 'fork2022' ? by2022() : byToday())
  expect(error).toBe(null)
  expect(items.has(KEY)).toBe(true)
}

afterEach(() => vi.unstubAllGlobals())

onEachServer(({ server, check }) => {
  check(
    ['account'],
    'who was signed in by the official client still is, and is no more there',
    async () => {
      const scene = setUp(server)
      const { create, inTime, seen, world } = scene
      const account = somebody()
      await signUp(server, account)
      await signInOfficially(scene, account)
      // Meanwhile time has passed outside, too.
      world.clock.jump(5_000)
      const auth = create()
      const states = statesOf(auth)
      expect(await inTime(auth.getSession())).toMatchObject({ user: { email: account.email } })
      expect(states).toMatchObject([{ status: 'authenticated', error: null }])
      expect(storedBy(scene).has(KEY)).toBe(false)
      expect(seen('POST /token')).toHaveLength(0)
      // From here on it is a session as any other.
      world.clock.jump((await auth.getSession())!.expiresAt! - world.clock.now())
      expect(await inTime(auth.getSession({ fresh: true }))).toMatchObject({
        user: { email: account.email },
      })
      expect(seen(REFRESH)).toHaveLength(1)
      await inTime(auth.signOut())
      expect(await inTime(create().getSession())).toBe(null)
    },
  )

  check(['account'], 'a session that does not say when it ends is asked by its token', async () => {
    const scene = setUp(server)
    const { create, inTime, world } = scene
    const account = somebody()
    await signUp(server, account)
    world.clock.jump(5_000)
    const { expires_at: _, expires_in: __, ...rest } = await signInByHand(server, account)
    storedBy(scene).set(KEY, JSON.stringify(rest))
    const session = await inTime(create().getSession())
    expect(session?.user.email).toBe(account.email)
    expect(session?.expiresAt).toBe(decodeJwt(rest.access_token).exp! * 1000)
  })

  check([], 'what is no session there is no session here', async () => {
    for (const left of [
      '',
      'null',
      '{}',
      '{"currentSession":null}',
      '{"access_token":"x"}',
      '[1]',
    ]) {
      const scene = setUp(server)
      storedBy(scene).set(KEY, left)
      const auth = scene.create()
      expect(await scene.inTime(auth.getSession())).toBe(null)
      expect(auth.session.value).toMatchObject({ status: 'unauthenticated', error: null })
      expect(scene.asked()).toEqual([])
    }
  })
})
