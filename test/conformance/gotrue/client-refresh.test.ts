import { expect } from 'vitest'

import {
  REFRESH,
  refuseRefresh,
  setUp,
  statesOf,
  storedBy,
  type Client,
  type Scene,
} from './client.js'
import { onEachServer } from './server.js'
import { send, somebody } from './steps.js'

/** ms that the tokens of a real server are good, as far as this device can tell. */
async function lifetimeOf({ world }: Scene, auth: Client): Promise<number> {
  return (await auth.getSession())!.expiresAt! - world.clock.now()
}

/** Another tab of the same app, which keeps itself informed. */
function openTab({ world, create, server }: Scene): Client {
  const auth = create({}, world.tab(`${server.siteURL}/projects`).page)
  auth.session.listen(() => {})
  return auth
}

onEachServer(({ server, check }) => {
  check(['account'], 'whoever asks while a refresh is under way shares it', async () => {
    const scene = setUp(server)
    const { signIn, inTime, seen, world } = scene
    const auth = await signIn()
    world.clock.jump(await lifetimeOf(scene, auth))
    const asked = Array.from({ length: 20 }, () => auth.getSession({ fresh: true }))
    const sessions = await inTime(Promise.all(asked))
    expect(seen(REFRESH)).toHaveLength(1)
    expect(sessions[0]).not.toBe(null)
    expect(new Set(sessions).size).toBe(1)
  })

  check(['account'], 'tabs that wake at once spend a refresh token once', async () => {
    const scene = setUp(server)
    const { signIn, inTime, pass, seen } = scene
    const auth = await signIn()
    auth.session.listen(() => {})
    const lifetime = await lifetimeOf(scene, auth)
    const tabs = [auth, openTab(scene), openTab(scene)]
    await inTime(Promise.all(tabs.map((tab) => tab.getSession())))
    for (const round of [1, 2]) {
      await pass(lifetime - 30_000)
      expect(seen(REFRESH)).toHaveLength(round)
      const tokens = await inTime(Promise.all(tabs.map((tab) => tab.getAccessToken())))
      expect(tokens[0]).toEqual(expect.any(String))
      expect(new Set(tokens).size).toBe(1)
      for (const tab of tabs) {
        expect(tab.session.value).toMatchObject({ status: 'authenticated', error: null })
      }
    }
  })

  check(['account'], 'a tab that dies in the middle of a refresh holds nobody up', async () => {
    const scene = setUp(server)
    const { signIn, inTime, until, intercept, seen, world, tab } = scene
    const auth = await signIn()
    const lifetime = await lifetimeOf(scene, auth)
    const others = [openTab(scene), openTab(scene)]
    await inTime(Promise.all(others.map((other) => other.getSession())))
    intercept(REFRESH, () => new Promise(() => {}))
    world.clock.jump(lifetime)
    auth.getSession({ fresh: true }).catch(() => null)
    await until(() => seen(REFRESH).length > 0)
    tab.crash()
    const began = world.clock.now()
    const sessions = await inTime(Promise.all(others.map((one) => one.getSession({ fresh: true }))))
    for (const session of sessions) expect(session).not.toBe(null)
    expect(world.clock.now() - began).toBeLessThan(30_000)
    expect(seen(REFRESH)).toHaveLength(2)
  })

  check(['account'], 'a refusal is not believed where another tab holds newer tokens', async () => {
    const scene = setUp(server)
    const { signIn, inTime, intercept, seen, world } = scene
    const account = somebody()
    const auth = await signIn({}, account)
    const states = statesOf(auth)
    const other = openTab(scene)
    await inTime(other.getSession())
    world.clock.jump(await lifetimeOf(scene, auth))
    intercept(REFRESH, async () => {
      await other.signInWithPassword(account)
      return refuseRefresh(server)
    })
    expect(await inTime(auth.getSession({ fresh: true }))).not.toBe(null)
    expect(await inTime(auth.getAccessToken())).toBe(await inTime(other.getAccessToken()))
    expect(seen(REFRESH)).toHaveLength(1)
    expect(states.map(({ status }) => status)).not.toContain('unauthenticated')
  })

  check(['account'], 'a session that is over ends once, in every tab', async () => {
    const scene = setUp(server)
    const { signIn, inTime, pass, seen, world } = scene
    const auth = await signIn()
    const lifetime = await lifetimeOf(scene, auth)
    const other = openTab(scene)
    await inTime(other.getSession())
    const states = statesOf(auth)
    const token = (await auth.getAccessToken())!
    await send(server, '/logout', { method: 'POST', token })
    world.clock.jump(lifetime)
    const others = statesOf(other)
    expect(await inTime(auth.getSession({ fresh: true }))).toBe(null)
    expect(seen(REFRESH)).toHaveLength(1)
    expect(states.map(({ status, error }) => [status, error?.code])).toEqual([
      ['unauthenticated', 'session_expired'],
    ])
    await pass(1_000)
    expect(other.session.value.status).toBe('unauthenticated')
    expect(others).toHaveLength(1)
    expect(seen(REFRESH)).toHaveLength(1)
    expect(JSON.stringify([...storedBy(scene)])).not.toContain(token)
  })

  check(['account'], 'an access token outlives the refusal of its refresh token', async () => {
    const scene = setUp(server)
    const { signIn, inTime, intercept, pass, world } = scene
    const auth = await signIn()
    auth.session.listen(() => {})
    const lifetime = await lifetimeOf(scene, auth)
    intercept(REFRESH, () => refuseRefresh(server))
    intercept(REFRESH, () => refuseRefresh(server))
    world.clock.jump(lifetime - 30_000)
    expect(await inTime(auth.getSession())).not.toBe(null)
    await inTime(auth.refetch())
    expect(auth.session.value.status).toBe('authenticated')
    expect(auth.session.value.error).not.toBe(null)
    await pass(60_000)
    expect(auth.session.value).toMatchObject({
      status: 'unauthenticated',
      error: { code: 'session_expired' },
    })
  })

  check(['clock'], 'twenty tabs, and an hour of refreshes: no token is spent twice', async () => {
    if (server.standIn) server.standIn.knobs.accessTokenLifetime = 300_000
    const scene = setUp(server)
    const { signIn, inTime, pass, seen } = scene
    const auth = await signIn()
    auth.session.listen(() => {})
    const tabs = [auth, ...Array.from({ length: 19 }, () => openTab(scene))]
    await inTime(Promise.all(tabs.map((tab) => tab.getSession())))
    await pass(3_600_000)
    const spent = seen(REFRESH).map(
      ({ body }) => (JSON.parse(body) as { refresh_token: string }).refresh_token,
    )
    expect(new Set(spent).size).toBe(spent.length)
    expect(spent.length).toBeGreaterThanOrEqual(12)
    expect(spent.length).toBeLessThanOrEqual(16)
    for (const tab of tabs) expect(tab.session.value.status).toBe('authenticated')
  })
  check(
    ['clock'],
    'an hour in which every refresh fails at first, and nobody is signed out',
    async () => {
      if (server.standIn) server.standIn.knobs.accessTokenLifetime = 300_000
      const scene = setUp(server)
      const { signIn, inTime, intercept, pass, seen } = scene
      const auth = await signIn()
      const tabs = [auth, openTab(scene)]
      const states = tabs.map((tab) => statesOf(tab))
      await inTime(Promise.all(tabs.map((tab) => tab.getSession())))
      // One answer in two is an overload, by either name.
      const body = { code: 429, msg: 'Request rate limit reached' }
      for (let turn = 0; turn < 12; turn += 1) {
        const status = turn % 2 ? 429 : 409
        intercept(REFRESH, () => Response.json(body, { status }))
        intercept(REFRESH, (forward) => forward())
      }
      await pass(3_600_000)
      expect(seen(REFRESH).length).toBeGreaterThanOrEqual(24)
      for (const seenBy of states) {
        expect(seenBy.every(({ status }) => status === 'authenticated')).toBe(true)
      }
      for (const tab of tabs) expect(tab.session.value.status).toBe('authenticated')
    },
  )
})
