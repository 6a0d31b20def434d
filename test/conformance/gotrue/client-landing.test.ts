import { expect } from 'vitest'

import { failureOf, PKCE, setUp } from './client.js'
import { onEachServer } from './server.js'
import { begin, locationOf, send } from './steps.js'

onEachServer(({ server, check }) => {
  const isFork = server.flavor === 'fork2022'

  check(['provider'], 'a landing that is read twice is finished once', async () => {
    const { leave, visit, land, create, inTime, seen } = setUp(server)
    const landing = await visit(await leave())
    const auth = land(landing)
    const twin = create()
    const [outcome, again] = await inTime(
      Promise.all([auth.completeSignIn(), auth.completeSignIn(), twin.completeSignIn()]),
    )
    expect(outcome).toBe(again)
    expect(await inTime(twin.getSession())).toMatchObject({ user: outcome!.session.user })
    // The page once more, from the history: signed in, and no error.
    const reloaded = land(landing)
    await inTime(reloaded.completeSignIn().catch(() => null))
    expect(await inTime(reloaded.getSession())).toMatchObject({ user: outcome!.session.user })
    expect(seen(PKCE)).toHaveLength(isFork ? 0 : 1)
  })

  check(['provider'], 'whoever comes out elsewhere is signed in, and the app is told', async () => {
    const { leave, visit, land, inTime } = setUp(server)
    const landing = new URL(await visit(await leave()))
    // As where the server did not allow `redirect_to`: at its SITE_URL.
    landing.pathname = '/'
    const events: unknown[] = []
    const auth = land(landing.href, { gotrue: { onEvent: (event) => events.push(event) } })
    expect(await inTime(auth.completeSignIn())).toMatchObject({
      redirectTo: `${server.siteURL}/cb`,
    })
    expect(auth.session.value.status).toBe('authenticated')
    expect(events).toContainEqual(expect.objectContaining({ type: 'redirect_mismatch' }))
  })

  check(
    ['provider'],
    'what comes back after five minutes is no sign-in, and in no way of the next',
    async () => {
      const { leave, visit, land, inTime, world, tab } = setUp(server)
      const landing = await visit(await leave())
      world.clock.jump(301_000)
      const late = land(landing)
      const code = isFork ? 'state_unknown' : 'pkce_verifier_missing'
      expect(await failureOf(inTime(late.completeSignIn()))).toMatchObject({ code })
      expect(await inTime(late.getSession())).toBe(null)
      expect(tab.page.location.href).toBe(`${server.siteURL}/cb`)
      const auth = land(await visit(await leave()))
      expect(await inTime(auth.completeSignIn())).not.toBe(null)
    },
  )
})

onEachServer(({ server, check }) => {
  check(['provider'], 'a code of somebody else is left alone', async () => {
    const { leave, visit, land, inTime, seen, tab } = setUp(server)
    const landing = await visit(await leave())
    for (const query of ['code=foreign&x=1', `code=${crypto.randomUUID()}&state=theirs`]) {
      const foreign = `${server.siteURL}/stripe?${query}`
      expect(await inTime(land(foreign).completeSignIn())).toBe(null)
      expect(tab.page.location.href).toBe(foreign)
    }
    expect(seen(PKCE)).toHaveLength(0)
    const auth = land(landing)
    expect(await inTime(auth.completeSignIn())).not.toBe(null)
  })

  check(['provider', 'account'], 'a code without its verifier is not sent anywhere', async () => {
    const other = setUp(server)
    const landing = await other.visit(await other.leave())
    // Another browser, where somebody is signed in already.
    const { signIn, land, inTime, seen, tab } = setUp(server)
    const before = await (await signIn()).getSession()
    const auth = land(landing, { callbackURL: '/cb' })
    const error = await failureOf(inTime(auth.completeSignIn()))
    expect(['pkce_verifier_missing', 'state_unknown']).toContain(error['code'])
    expect(seen(PKCE)).toHaveLength(0)
    expect(tab.page.location.href).not.toContain('code=')
    expect((await inTime(auth.getSession()))?.user).toEqual(before!.user)
  })

  check(['provider'], 'two sign-ins of two tabs each have their own verifier', async () => {
    const scene = setUp(server)
    const { leave, visit, inTime, until, seen, create, world } = scene
    const second = world.tab(`${server.siteURL}/projects`)
    const start = await leave({ redirectTo: '/cb?n=1' })
    const auth = create({}, second.page)
    await auth.prepare()
    void auth.signIn(server.provider, { redirectTo: '/cb?n=2' })
    await until(() => second.navigations.length > 0)
    const other = await visit(second.navigations[0]!)
    const landing = await visit(start)
    // The later one comes back first.
    const last = create({}, second.load(other))
    expect(await inTime(last.completeSignIn())).not.toBe(null)
    const first = create({}, scene.tab.load(landing))
    expect(await inTime(first.completeSignIn())).not.toBe(null)
    expect(seen(PKCE)).toHaveLength(2)
    expect(first.session.value.status).toBe('authenticated')
  })

  check(['clock'], 'a state that is too old is told at SITE_URL, where it comes out', async () => {
    const { leave, land, inTime, tab } = setUp(server)
    const start = new URL(await leave())
    const begun = await begin(server, Object.fromEntries(start.searchParams))
    server.standIn!.pass(300_001)
    const state = begun.searchParams.get('state')!
    const landing = locationOf(await send(server, `/callback?code=any&state=${state}`), 303)
    const auth = land(landing)
    expect(await failureOf(inTime(auth.completeSignIn()))).toMatchObject({
      code: 'bad_oauth_state',
    })
    expect(tab.page.location.href).toBe(`${server.siteURL}/`)
    expect([...tab.storage.keys()].filter((key) => key.includes('tx'))).toEqual([])
  })
}, 'current')
