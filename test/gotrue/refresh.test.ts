import { expect, test } from 'vitest'

import { APP, FLAVORS, inTime, setUp, type Client, type Scene } from './scene.js'

const HOUR = 3_600_000
const REFRESH = 'POST /token?grant_type=refresh_token'

/** Tabs that somebody looks at. */
function openTabs(scene: Scene, count: number, locks = 'with'): Client[] {
  return Array.from({ length: count }, () => {
    const { page } = scene.world.tab(`${APP}/tab`)
    if (locks === 'without') Object.assign(page.navigator, { locks: undefined })
    const auth = scene.create({}, page)
    auth.session.listen(() => {})
    return auth
  })
}

test.each(
  FLAVORS.flatMap((flavor) => ['with', 'without'].map((locks) => [flavor, locks] as const)),
)(
  '%s: twenty tabs %s Web Locks, an hour, no reuse: one request for each token',
  async (flavor, locks) => {
    const scene = setUp(flavor, { knobs: { accessTokenLifetime: 300_000, reuseInterval: 0 } })
    const auth = await scene.signUp()
    const tabs = openTabs(scene, 20, locks)
    await inTime(scene, Promise.all(tabs.map(async (tab) => tab.getSession())))
    await scene.pass(HOUR)
    const spent = scene.asked('POST', '/token', 'refresh_token').map(({ body }) => body)
    expect(new Set(spent).size).toBe(spent.length)
    expect(spent.length).toBeGreaterThanOrEqual(12)
    expect(spent.length).toBeLessThanOrEqual(16)
    const tokens = await Promise.all([auth, ...tabs].map(async (tab) => tab.getAccessToken()))
    expect(new Set(tokens).size).toBe(1)
    for (const tab of tabs) expect(tab.session.value).toMatchObject({ status: 'authenticated' })
    expect(scene.server.requests.every(({ status }) => status === 200)).toBe(true)
  },
)

test.each(FLAVORS.flatMap((flavor) => [429, 409, 503].map((status) => [flavor, status] as const)))(
  '%s: a %i at every refresh in turn ends nothing',
  async (flavor, status) => {
    const scene = setUp(flavor, { knobs: { accessTokenLifetime: 300_000 } })
    await scene.signUp()
    const [auth] = openTabs(scene, 1)
    const states: string[] = []
    auth!.session.listen((state) => states.push(state.status))
    for (let round = 1; round <= 5; round += 1) {
      scene.server.knobs.faults.push({ on: REFRESH, status })
      await scene.pass(245_000)
      expect(scene.refreshes()).toBe(2 * round)
      expect(auth!.session.value).toMatchObject({ status: 'authenticated', error: null })
    }
    expect(new Set(states)).toEqual(new Set(['authenticated']))
  },
)

test.each(FLAVORS)('%s: an outage is asked about ever less often', async (flavor) => {
  const scene = setUp(flavor)
  await scene.signUp()
  const [auth] = openTabs(scene, 1)
  await inTime(scene, auth!.getSession())
  const at: number[] = []
  for (let i = 0; i < 5; i += 1) scene.server.knobs.faults.push({ on: REFRESH, lost: true })
  const asked = (): number => scene.asked('POST', '/token', 'refresh_token').length
  scene.world.clock.jump(HOUR - 60_000)
  await inTime(scene, auth!.refetch())
  for (let rounds = 0; rounds < 900 && at.length < 5; rounds += 1) {
    const before = asked()
    await scene.pass(100, 100)
    if (asked() > before) at.push(scene.world.clock.now())
  }
  const gaps = at.slice(1).map((time, index) => time - at[index]!)
  expect(gaps.length).toBeGreaterThanOrEqual(3)
  for (const gap of gaps) expect(gap).toBeGreaterThanOrEqual(1_000)
  expect(gaps.at(-1)).toBeGreaterThan(gaps[0]!)
})

test.each(FLAVORS)('%s: a lost answer costs nothing within the interval', async (flavor) => {
  const scene = setUp(flavor, { knobs: { reuseInterval: 10_000 } })
  await scene.signUp()
  const [auth] = openTabs(scene, 1)
  await inTime(scene, auth!.getSession())
  scene.server.knobs.faults.push({ on: REFRESH, lost: true })
  scene.world.clock.jump(HOUR)
  await inTime(scene, auth!.refetch())
  await scene.pass(9_000, 100)
  const [lost, again] = scene.asked('POST', '/token', 'refresh_token')
  expect(again!.body).toBe(lost!.body)
  expect(auth!.session.value).toMatchObject({ status: 'authenticated', error: null })
})

test.each([1, 2] as const)(
  'current: nor without one, whichever kind of token (version %i)',
  async (refreshTokenVersion) => {
    const scene = setUp('current', { refreshTokenVersion, knobs: { reuseInterval: 0 } })
    await scene.signUp()
    const [auth] = openTabs(scene, 1)
    await inTime(scene, auth!.getSession())
    scene.server.knobs.faults.push({ on: REFRESH, lost: true })
    scene.world.clock.jump(HOUR)
    await inTime(scene, auth!.refetch())
    await scene.pass(60_000, 100)
    const [lost, again, ...more] = scene.asked('POST', '/token', 'refresh_token')
    expect(again!.body).toBe(lost!.body)
    expect(more).toEqual([])
    expect(auth!.session.value).toMatchObject({ status: 'authenticated', error: null })
  },
)

test('fork2022: without an interval, it is one clean end', async () => {
  const scene = setUp('fork2022')
  await scene.signUp()
  const tabs = openTabs(scene, 3)
  await inTime(scene, Promise.all(tabs.map(async (tab) => tab.getSession())))
  const states: unknown[] = []
  tabs[0]!.session.listen(({ status, error }) => states.push([status, error?.code]))
  scene.server.knobs.faults.push({ on: REFRESH, lost: true })
  scene.world.clock.jump(HOUR)
  await inTime(scene, tabs[0]!.refetch())
  await scene.pass(10_000, 100)
  const ends = states.filter((state) => String(state).startsWith('unauthenticated'))
  expect(ends).toEqual([['unauthenticated', 'session_expired']])
  for (const tab of tabs) expect(tab.session.value.status).toBe('unauthenticated')
  expect(scene.refreshes()).toBe(2)
})

test.each(FLAVORS.flatMap((flavor) => [2, -2].map((hours) => [flavor, hours] as const)))(
  '%s: a clock that is %i hours off refreshes as often as any other',
  async (flavor, hours) => {
    const off = setUp(flavor, {
      knobs: { accessTokenLifetime: 300_000 },
      now: () => off.world.clock.now() + hours * HOUR,
    })
    await off.signUp()
    const [auth] = openTabs(off, 1)
    for (let i = 0; i < 10; i += 1) await inTime(off, auth!.getSession())
    expect(off.refreshes()).toBe(0)
    await off.pass(HOUR)
    expect(off.refreshes()).toBeGreaterThanOrEqual(12)
    expect(off.refreshes()).toBeLessThanOrEqual(16)
    expect(auth!.session.value).toMatchObject({ status: 'authenticated', error: null })
  },
)

test.each(FLAVORS)(
  '%s: refused, a token that is good opens what it opens until it ends',
  async (flavor) => {
    const scene = setUp(flavor)
    await scene.signUp()
    const [auth] = openTabs(scene, 1)
    const { expiresAt } = (await inTime(scene, auth!.getSession()))!
    const body = { error: 'invalid_grant', error_description: 'Invalid Refresh Token' }
    scene.server.knobs.faults.push({ on: REFRESH, status: 400, body })
    await scene.pass(expiresAt! - scene.world.clock.now() - 30_000)
    expect(scene.refreshes()).toBe(1)
    expect(auth!.session.value).toMatchObject({
      status: 'authenticated',
      error: { code: 'session_expired' },
    })
    expect(await auth!.getAccessToken()).toEqual(expect.any(String))
    expect((await scene.create({}, scene.world.tab(`${APP}/new`).page).getSession())?.kind).toBe(
      'signIn',
    )
    await scene.pass(35_000)
    expect(auth!.session.value).toMatchObject({
      status: 'unauthenticated',
      error: { code: 'session_expired' },
    })
    expect(await auth!.getAccessToken()).toBe(null)
    expect(scene.refreshes()).toBe(1)
  },
)

test.each(FLAVORS)(
  '%s: who asks about the user with a token that ended, is given another',
  async (flavor) => {
    let ahead = 0
    const scene = setUp(flavor, { now: () => scene.world.clock.now() + ahead })
    const auth = await scene.signUp()
    ahead = HOUR
    expect((await auth.getUser()).user.email).toBe('ada@winter.example')
    expect(scene.refreshes()).toBe(1)
    expect(scene.asked('GET', '/user')).toHaveLength(2)
  },
)

test('current: a session that is gone there is gone here, without another token', async () => {
  const scene = setUp('current')
  const auth = await scene.signUp()
  const other = scene.create({}, scene.world.tab(`${APP}/`).page)
  await other.getSession()
  const token = await auth.getAccessToken()
  const headers = { authorization: `Bearer ${token}` }
  await scene.server.handler(new Request('http://gotrue.test/logout', { method: 'POST', headers }))
  await expect(auth.getUser()).rejects.toMatchObject({ code: 'session_not_found', status: 403 })
  await scene.world.clock.advance(0)
  expect(auth.session.value).toMatchObject({
    status: 'unauthenticated',
    error: { code: 'session_expired' },
  })
  expect(scene.refreshes()).toBe(0)
  expect(await other.getAccessToken()).toBe(null)
})
