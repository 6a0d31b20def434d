import { expect } from 'vitest'

import { aura } from '../../../src/adapters/aura/index.js'
import type { AuthClient } from '../../../src/api.js'
import { createClient } from '../../../src/client.js'
import type { AuraSession } from '../../../src/index.js'
import { createWorld, type Page, type Tab, type World } from '../../rig.js'
import { openBrowser, type Browser } from './browser.js'
import { onServer, type Server } from './server.js'

interface Scene {
  readonly world: World
  readonly tab: Tab
  readonly browser: Browser
  /** A client, on the page the tab shows now if no other is given. */
  readonly create: (page?: Page) => AuthClient<AuraSession>
  /** Leaves for the provider; answers the URL of that. */
  readonly leave: (redirectTo: string) => Promise<string>
  /** Lets time pass in memory, slowly, while the server takes its own. */
  readonly inTime: <T>(promise: Promise<T>) => Promise<T>
}

/** The server is real, and so are the way to it and its cookies; tabs and their clock are in memory. */
function setUp(server: Server): Scene {
  const world = createWorld(Date.now())
  const tab = world.tab(`${server.app}/projects`)
  const browser = openBrowser(server)
  world.network.respond(async ({ method, url }, { headers, body }) => {
    // What a browser would say by itself, and a server may check.
    headers.set('origin', server.app)
    headers.set('referer', tab.page.location.href)
    return browser.send(url, { method, headers, ...(body && { body }) })
  })
  const create: Scene['create'] = (page = tab.page) =>
    createClient({ baseURL: server.base, fetch: world.network.fetch }, aura(), page)
  return {
    world,
    tab,
    browser,
    create,
    leave: async (redirectTo) => {
      const auth = create()
      await auth.prepare()
      void auth.signIn(server.provider, { redirectTo })
      return tab.navigations.at(-1)!
    },
    inTime: async (promise) => {
      let waiting = true
      const stop = (): boolean => (waiting = false)
      promise.then(stop, stop)
      while (waiting) await world.clock.advance(2)
      return promise
    },
  }
}

onServer(({ server, check }) => {
  check(['provider'], 'the client comes back signed in, having asked once', async () => {
    const { world, tab, browser, create, leave } = setUp(server)
    const start = await leave('/dashboard?tab=2')
    expect(world.network.requests).toHaveLength(0)
    const { url } = await browser.visit(start)
    tab.load(url)
    const auth = create()
    const outcome = await auth.completeSignIn()
    expect(outcome?.redirectTo).toBe(`${server.app}/dashboard?tab=2`)
    expect(tab.page.location.href).toBe(`${server.app}/dashboard?tab=2`)
    expect(auth.session.value).toMatchObject({
      status: 'authenticated',
      data: { user: { id: expect.any(String) } },
      error: null,
    })
    expect(await auth.getSession()).toBe(outcome?.session)
    const { pathname } = new URL(server.base)
    expect(world.network.count(`GET ${pathname}/session`)).toBe(1)
    auth.dispose()
  })

  check(['companion'], 'the client comes back from a denial with the reason', async () => {
    const { tab, browser, create, leave } = setUp(server)
    const begun = await browser.send(await leave('/dashboard'))
    const { searchParams } = new URL(begun.headers.get('location')!)
    const query = new URLSearchParams({
      error: 'access_denied',
      error_description: 'The user said no.',
      state: searchParams.get('state')!,
    })
    const { url } = await browser.visit(`${server.base}/callback/${server.provider}?${query}`)
    tab.load(url)
    const auth = create()
    await expect(auth.completeSignIn()).rejects.toMatchObject({
      code: 'access_denied',
      source: 'provider',
      description: 'The user said no.',
    })
    expect(tab.page.location.href).toBe(`${server.app}/dashboard`)
    expect(await auth.getSession()).toBe(null)
    auth.dispose()
  })

  check(['provider'], 'a popup signs in the page that opened it', async () => {
    const { tab, browser, create, inTime } = setUp(server)
    const auth = create()
    await auth.prepare()
    const signing = auth.signIn(server.provider, { popup: true })
    const popup = tab.popups[0]!
    const { url } = await browser.visit(popup.urls[0]!)
    create(popup.land(url))
    expect(await inTime(signing)).toMatchObject({ user: { id: expect.any(String) } })
    expect(popup.closed()).toBe(true)
    expect(tab.navigations).toEqual([])
    auth.dispose()
  })

  check(['sameOrigin'], 'a denial in a popup is told, wherever the popup stays', async () => {
    const { tab, browser, create, inTime } = setUp(server)
    const auth = create()
    await auth.prepare()
    const signing = auth.signIn(server.provider, { popup: true })
    signing.catch(() => null)
    const popup = tab.popups[0]!
    const begun = await browser.send(popup.urls[0]!)
    const { searchParams } = new URL(begun.headers.get('location')!)
    const query = new URLSearchParams({
      error: 'access_denied',
      state: searchParams.get('state')!,
    })
    const { url, text } = await browser.visit(`${server.base}/callback/${server.provider}?${query}`)
    if (text) popup.show(url, text)
    else create(popup.land(url))
    await expect(inTime(signing)).rejects.toMatchObject({ code: 'access_denied' })
    auth.dispose()
  })

  check(['provider'], 'signing out ends the session at the server', async () => {
    const { browser, create } = setUp(server)
    await browser.signIn()
    const auth = create()
    expect(await auth.getSession()).not.toBe(null)
    expect(await auth.signOut()).toEqual({ revoked: true })
    expect(auth.session.value).toMatchObject({ status: 'unauthenticated', error: null })
    expect((await browser.send('/session')).status).toBe(401)
    // Once more, where there is nothing left to end.
    expect(await create().signOut()).toEqual({ revoked: true })
    auth.dispose()
  })

  check([], 'nobody is signed in, and that is no error', async () => {
    const auth = setUp(server).create()
    expect(await auth.getSession()).toBe(null)
    expect(auth.session.value).toMatchObject({ status: 'unauthenticated', error: null })
    auth.dispose()
  })
})
