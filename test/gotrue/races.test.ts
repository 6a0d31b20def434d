import { expect, test } from 'vitest'

import { deferred, settle } from '../rig.js'
import { ACCOUNT, APP, codeOf, FLAVORS, inTime, setUp, until, type Scene } from './scene.js'

const BOB = { email: 'bob@summer.example', password: 'other horse' }

/** In another tab somebody else takes over. */
async function changeUser({ another, ...scene }: Scene): Promise<void> {
  const other = another()
  await inTime(scene, other.signOut())
  await inTime(scene, other.signUp(BOB))
}

test.each(FLAVORS)(
  '%s: what is said of one user is nothing to the next, who signed in meanwhile',
  async (flavor) => {
    const scene = setUp(flavor)
    const auth = await scene.signUp()
    let asked: Promise<unknown> | undefined
    const release = await scene.hold({ on: 'GET /user' }, () => (asked = codeOf(auth.getUser())))
    await changeUser(scene)
    release()
    expect(await asked).toBe('superseded')
    for (const client of [auth, scene.another()]) {
      expect((await client.getSession({ fresh: true }))?.user.email).toBe(BOB.email)
    }
  },
)

test.each(['session_not_found', 'user_not_found', 'user_banned'])(
  'current: %s ends no other session, which began meanwhile',
  async (code) => {
    const scene = setUp('current')
    const auth = await scene.signUp()
    const fault = { on: 'GET /user', status: 403, body: { error_code: code } }
    let asked: Promise<unknown> | undefined
    const release = await scene.hold(fault, () => (asked = codeOf(auth.getUser())))
    await changeUser(scene)
    release()
    expect(await asked).toBe(code)
    expect((await scene.another().getSession())?.user.email).toBe(BOB.email)
  },
)

/** As slow as IndexedDB may be. */
function slowStorage({ tab, world }: Scene) {
  const map = world.local.of(APP)
  const slowly = async (): Promise<void> =>
    new Promise((go) => void tab.page.setTimeout(() => go(), 3))
  return {
    getItem: async (key: string) => {
      const value = map.get(key) ?? null
      await slowly()
      return value
    },
    setItem: async (key: string, value: string) => slowly().then(() => void map.set(key, value)),
    removeItem: async (key: string) => slowly().then(() => void map.delete(key)),
  }
}

test.each(FLAVORS.flatMap((flavor) => [0, 2, 4, 6, 8].map((ms) => [flavor, ms] as const)))(
  '%s: what is learnt of a user %i ms after a refresh brings back no spent token',
  async (flavor, ms) => {
    const scene = setUp(flavor)
    const auth = scene.create({ storage: slowStorage(scene) })
    await inTime(scene, auth.signUp(ACCOUNT))
    const user = deferred<void>()
    scene.server.knobs.faults.push({ on: 'GET /user', delay: user.promise })
    const known = auth.getUser()
    while (scene.asked('GET', '/user').length === 0) await scene.world.clock.advance(1)
    scene.world.clock.jump(3_570_000)
    const renewed = auth.getAccessToken()
    while (scene.refreshes() === 0) await scene.world.clock.advance(1)
    await settle()
    await scene.world.clock.advance(ms)
    user.resolve()
    await inTime(scene, Promise.all([known, renewed]))
    scene.world.clock.jump(3_570_000)
    expect(await inTime(scene, auth.getAccessToken())).toEqual(expect.any(String))
    const spent = scene.asked('POST', '/token', 'refresh_token').map(({ body }) => body)
    expect(new Set(spent).size).toBe(2)
  },
)

test.each(FLAVORS)(
  '%s: a recovery that a new password has ended does not come back with a refresh',
  async (flavor) => {
    const scene = setUp(flavor)
    await (await scene.signUp()).signOut()
    await scene.create().recover({ email: ACCOUNT.email, redirectTo: '/reset' })
    const auth = scene.land(await scene.follow())
    expect((await auth.completeSignIn())?.session.kind).toBe('recovery')
    let changed: Promise<unknown> | undefined
    let renewed: Promise<unknown> | undefined
    const change = await scene.hold({ on: 'PUT /user' }, () => {
      changed = auth.updateUser({ password: 'another horse' })
    })
    scene.world.clock.jump(3_570_000)
    const renew = await scene.hold({ on: 'POST /token' }, () => (renewed = auth.getAccessToken()))
    change()
    await changed
    renew()
    await renewed
    expect((await auth.getSession({ fresh: true }))?.kind).toBe('signIn')
    expect((await scene.another().getSession())?.kind).toBe('signIn')
  },
)

test('current: a link that comes back replaces nobody who has signed in meanwhile', async () => {
  const scene = setUp('current', { knobs: { manualLinking: true } })
  const auth = await scene.signUp()
  await auth.prepare()
  const linking = codeOf(auth.linkIdentity('github', { popup: true }))
  const [popup] = scene.tab.popups
  await until(() => popup!.urls.length > 0)
  const landing = await scene.visit(popup!.urls[0]!)
  await changeUser(scene)
  scene.create({}, popup!.land(landing))
  expect(await linking).toBe('session_conflict')
  expect((await scene.another().getSession())?.user.email).toBe(BOB.email)
})
