import { expect, test } from 'vitest'

import type { Page } from '../rig.js'
import { ACCOUNT, codeOf, FLAVORS, inTime, setUp } from './scene.js'

const BOB = { email: 'bob@summer.example', password: 'other horse' }

test.each(FLAVORS)('%s: signed out at once, however long the server takes', async (flavor) => {
  const scene = setUp(flavor)
  const auth = await scene.signUp()
  const other = scene.another()
  for (const tab of [auth, other]) tab.session.listen(() => {})
  await other.getSession()
  let out: Promise<unknown> | undefined
  const release = await scene.hold({ on: 'POST /logout' }, () => (out = auth.signOut()))
  await scene.world.clock.advance(100)
  for (const tab of [auth, other]) expect(tab.session.value.status).toBe('unauthenticated')
  release()
  expect(await out).toEqual({ revoked: true })
})

test.each(FLAVORS)(
  '%s: whoever signs in while the server takes its time, stays',
  async (flavor) => {
    const scene = setUp(flavor)
    const auth = await scene.signUp()
    let out: Promise<unknown> | undefined
    const release = await scene.hold({ on: 'POST /logout' }, () => (out = auth.signOut()))
    await auth.signUp(BOB)
    release()
    expect(await inTime(scene, out!)).toEqual({ revoked: true })
    for (const tab of [auth, scene.another()]) {
      expect((await tab.getSession())?.user.email).toBe(BOB.email)
    }
  },
)

test.each(FLAVORS)('%s: and can sign out meanwhile, too', async (flavor) => {
  const scene = setUp(flavor)
  const auth = await scene.signUp()
  let out: Promise<unknown> | undefined
  const release = await scene.hold({ on: 'POST /logout' }, () => (out = auth.signOut()))
  await auth.signUp(BOB)
  expect(await auth.signOut()).toEqual({ revoked: true })
  expect(auth.session.value.status).toBe('unauthenticated')
  expect(scene.stored()).not.toMatch(/accessToken/)
  release()
  await inTime(scene, out!)
  expect(scene.asked('POST', '/logout')).toHaveLength(2)
})

test('current: a sign-out of the others holds up none of this session', async () => {
  const scene = setUp('current')
  const auth = await scene.signUp()
  let out: Promise<unknown> | undefined
  const release = await scene.hold({ on: 'POST /logout' }, () => {
    out = codeOf(auth.signOut({ scope: 'others' }))
  })
  const left = auth.signOut()
  release()
  await inTime(scene, Promise.all([left, out]))
  expect(auth.session.value.status).toBe('unauthenticated')
  expect(scene.stored()).not.toMatch(/accessToken/)
})

test.each(FLAVORS)('%s: two clicks are one sign-out', async (flavor) => {
  const scene = setUp(flavor)
  const auth = await scene.signUp()
  expect(await Promise.all([auth.signOut(), auth.signOut()])).toEqual([
    { revoked: true },
    { revoked: true },
  ])
  expect(scene.asked('POST', '/logout')).toHaveLength(1)
})
const WHERE = ['in this tab', 'in another tab'] as const

test.each(FLAVORS.flatMap((flavor) => WHERE.map((where) => [flavor, where] as const)))(
  '%s: a sign-out %s, while a password is checked, keeps nothing',
  async (flavor, where) => {
    const scene = setUp(flavor)
    const auth = await scene.signUp()
    const other = scene.another()
    for (const tab of [auth, other]) tab.session.listen(() => {})
    await other.getSession()
    let told: Promise<unknown> | undefined
    const release = await scene.hold({ on: 'POST /token' }, () => {
      told = codeOf(auth.signInWithPassword(ACCOUNT))
    })
    await inTime(scene, (where === 'in this tab' ? auth : other).signOut())
    await scene.world.clock.advance(100)
    release()
    expect(await told).toBe('superseded')
    expect(scene.stored()).not.toMatch(/accessToken/)
    expect(await auth.getAccessToken()).toBe(null)
    expect(auth.session.value.status).toBe('unauthenticated')
    expect((await auth.signInWithPassword(ACCOUNT)).user.email).toBe(ACCOUNT.email)
  },
)

test.each(FLAVORS.flatMap((flavor) => WHERE.map((where) => [flavor, where] as const)))(
  '%s: a sign-out %s, while a landing is read, keeps nothing of it',
  async (flavor, where) => {
    const scene = setUp(flavor)
    const before = scene.create()
    await before.prepare()
    const landing = await scene.visit(await scene.leave(before, '/cb'))
    const other = scene.another()
    let read: Promise<unknown> | undefined
    let auth = before
    const on = flavor === 'current' ? 'POST /token' : 'GET /user'
    const release = await scene.hold({ on }, () => {
      auth = scene.land(landing)
      for (const tab of [auth, other]) tab.session.listen(() => {})
      read = codeOf(auth.completeSignIn())
    })
    await scene.world.clock.advance(100)
    await (where === 'in this tab' ? auth : other).signOut()
    await scene.world.clock.advance(100)
    release()
    expect(await read).toBe('superseded')
    await scene.world.clock.advance(1_000)
    expect(scene.stored()).not.toMatch(/accessToken/)
    expect(auth.session.value.status).toBe('unauthenticated')
    expect(await auth.getAccessToken()).toBe(null)
    expect(await scene.another().getSession()).toBe(null)
  },
)

test.each(FLAVORS)('%s: nor of one in a popup', async (flavor) => {
  const scene = setUp(flavor)
  const auth = scene.create()
  await auth.prepare()
  const signedIn = codeOf(auth.signIn('github', { popup: true }))
  const [popup] = scene.tab.popups
  const landing = await scene.visit(popup!.urls[0]!)
  const on = flavor === 'current' ? 'POST /token' : 'GET /user'
  const release = await scene.hold({ on }, () => scene.create({}, popup!.land(landing)))
  await auth.signOut()
  release()
  expect(await signedIn).toBe('superseded')
  expect(scene.stored()).not.toMatch(/accessToken/)
  expect(auth.session.value.status).toBe('unauthenticated')
})

test.each(FLAVORS)('%s: what a full storage left in memory goes, too', async (flavor) => {
  const scene = setUp(flavor)
  const full = Object.create(scene.tab.page.localStorage, {
    setItem: {
      value: () => {
        throw new DOMException('Full.', 'QuotaExceededError')
      },
    },
  }) as object
  const page = Object.create(scene.tab.page, { localStorage: { get: () => full } }) as Page
  const auth = scene.create({}, page)
  const other = scene.another()
  for (const tab of [auth, other]) tab.session.listen(() => {})
  await auth.signUp(ACCOUNT)
  expect(await auth.getAccessToken()).toEqual(expect.any(String))
  expect(scene.stored()).not.toMatch(/accessToken/)
  await other.signOut()
  await scene.world.clock.advance(100)
  expect(auth.session.value.status).toBe('unauthenticated')
  expect(await auth.getAccessToken()).toBe(null)
})
