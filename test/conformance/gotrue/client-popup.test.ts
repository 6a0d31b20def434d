import { expect } from 'vitest'

import { failureOf, PKCE, setUp, type Scene } from './client.js'
import { onEachServer } from './server.js'
import { begin, locationOf, read, send } from './steps.js'

/** Where the popup was sent, once it was. */
async function startOf({ tab, until }: Scene): Promise<string> {
  const popup = tab.popups.at(-1)!
  await until(() => popup.urls.length > 0)
  return popup.urls[0]!
}

onEachServer(({ server, check }) => {
  const isFork = server.flavor === 'fork2022'

  for (const severed of [false, true]) {
    check(
      ['provider'],
      `a popup signs in the page that opened it${severed ? ', also cut off by COOP' : ''}`,
      async () => {
        const scene = setUp(server)
        const { create, visit, inTime, seen, tab, world } = scene
        const auth = create()
        await auth.prepare()
        const signing = auth.signIn(server.provider, { popup: true })
        const popup = tab.popups[0]!
        const landing = await visit(await startOf(scene))
        if (severed) popup.sever()
        await world.clock.advance(3_000)
        const page = popup.land(landing)
        const inside = create({}, page)
        const session = await inTime(signing)
        expect(session.user.id).toEqual(expect.any(String))
        expect(auth.session.value).toMatchObject({ status: 'authenticated', error: null })
        expect(popup.closed()).toBe(true)
        expect(tab.navigations).toEqual([])
        // The page that waits exchanges the code, and nobody else.
        expect(seen(PKCE)).toHaveLength(isFork ? 0 : 1)
        expect(page.location.href).not.toMatch(/code=|token/)
        inside.dispose()
      },
    )
  }

  const findOff = async (): Promise<string> => {
    const { external } = (await read(await send(server, '/settings'))) as {
      external: Record<string, boolean>
    }
    const isOff = ([name, on]: [string, boolean]): boolean =>
      !on && !['email', 'phone', 'anonymous_users', 'saml'].includes(name)
    return Object.entries(external).find(isOff)![0]
  }

  check([], 'a provider that is off is told as soon as the settings are known', async () => {
    const { create, inTime, tab, seen } = setUp(server)
    const signing = create().signIn(await findOff(), { popup: true })
    expect(await failureOf(inTime(signing))).toMatchObject({ code: 'provider_disabled' })
    for (const popup of tab.popups) expect([popup.closed(), popup.urls]).toEqual([true, []])
    expect(seen('GET /settings')).toHaveLength(1)
  })

  check([], 'and before anything opens where they are known already', async () => {
    const off = await findOff()
    const { create, inTime, seen, tab } = setUp(server)
    const auth = create()
    await inTime(auth.settings())
    for (const options of [{}, { popup: true }]) {
      const error = await failureOf(inTime(auth.signIn(off, options) as Promise<unknown>))
      expect(error).toMatchObject({ code: 'provider_disabled' })
    }
    expect(tab.navigations).toEqual([])
    expect(tab.popups.filter((popup) => !popup.closed())).toEqual([])
    expect(seen('GET /authorize')).toHaveLength(0)
  })

  check([], 'a provider that the settings do not name may be there all the same', async () => {
    const { create, inTime, until, tab } = setUp(server)
    const auth = create()
    await inTime(auth.settings())
    void auth.signIn('custom:acme')
    await until(() => tab.navigations.length > 0)
    expect(new URL(tab.navigations[0]!).searchParams.get('provider')).toBe('custom:acme')
  })

  check([], 'a popup that is blocked says so, and nothing is sent', async () => {
    const { create, asked, tab } = setUp(server)
    const auth = create()
    await auth.prepare()
    tab.blockPopups(() => null)
    const signing = auth.signIn(server.provider, { popup: { fallback: 'none' } })
    expect(await failureOf(signing)).toMatchObject({ code: 'popup_blocked' })
    expect([asked(), tab.navigations]).toEqual([[], []])
  })

  check([], 'a popup that is closed says so, and nothing of it is left in the end', async () => {
    const scene = setUp(server)
    const { create, inTime, asked, tab, world } = scene
    const auth = create()
    await auth.prepare()
    const signing = auth.signIn(server.provider, { popup: true })
    await startOf(scene)
    tab.popups[0]!.closeByUser()
    expect(await failureOf(inTime(signing))).toMatchObject({ code: 'popup_closed' })
    await world.clock.advance(300_000)
    expect([...tab.storage.keys()]).toEqual([])
    expect(asked()).toEqual([])
  })

  check(['clock'], 'a popup whose state is too old is told so, or waited for in vain', async () => {
    const scene = setUp(server)
    const { create, inTime, tab, world } = scene
    const auth = create()
    await auth.prepare()
    const signing = failureOf(auth.signIn(server.provider, { popup: true }))
    const popup = tab.popups[0]!
    const start = new URL(await startOf(scene))
    const begun = await begin(server, Object.fromEntries(start.searchParams))
    server.standIn!.pass(300_001)
    const state = begun.searchParams.get('state')!
    const response = await send(server, `/callback?code=any&state=${state}`)
    if (isFork) {
      // A page of JSON, on an origin that nobody can look into.
      await world.clock.advance(301_000)
      expect(await inTime(signing)).toMatchObject({ code: 'popup_timeout' })
      return
    }
    create({}, popup.land(locationOf(response, 303)))
    expect(await inTime(signing)).toMatchObject({ code: 'bad_oauth_state' })
  })
})
