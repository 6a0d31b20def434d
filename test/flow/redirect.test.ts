import { describe, expect, it, vi } from 'vitest'

import { settle } from '../rig.js'
import { leaveFor, setUp } from './scene.js'

describe('leaving', async () => {
  it('goes straight to the backend, in the click, without a request', async () => {
    const { world, tab, open } = setUp()
    leaveFor(await open(), '/dashboard')
    expect(tab.navigations).toHaveLength(1)
    const url = new URL(tab.navigations[0]!)
    expect(url.origin + url.pathname).toBe('http://app.test/auth/signIn/dribbble')
    expect(url.searchParams.get('redirectTo')).toMatch(/^\/dashboard\?latchkey=[\w-]{22}$/)
    expect([...url.searchParams.keys()]).toEqual(['redirectTo'])
    expect(world.network.requests).toHaveLength(0)
  })

  it('waits for nothing once the backend has said that nobody is signed in', async () => {
    const { tab, create } = setUp()
    const auth = create()
    await auth.getSession()
    await Promise.all([import('../../src/flow/flow.js'), import('../../src/adapters/aura/flow.js')])
    await settle()
    leaveFor(auth, '/dashboard')
    expect(tab.navigations).toHaveLength(1)
  })

  it('comes back to the page it left when no other is named', async () => {
    const { open, landing } = setUp('http://app.test/search?q=a&flag#top')
    leaveFor(await open())
    expect(landing().pathname).toBe('/search')
    expect(landing().search).toMatch(/^\?q=a&flag&latchkey=[\w-]{22}$/)
    expect(landing().hash).toBe('#top')
  })

  it('comes back as near as Aura allows when it refuses that page', async () => {
    const query = setUp('http://app.test/search?q=a%20b')
    leaveFor(await query.open())
    expect(query.landing().href).toMatch(/^http:\/\/app\.test\/search\?latchkey=[\w-]{22}$/)
    const path = setUp('http://app.test/caf%C3%A9')
    leaveFor(await path.open())
    expect(path.landing().href).toMatch(/^http:\/\/app\.test\/\?latchkey=[\w-]{22}$/)
  })

  it('names the whole URL to a backend on another origin', async () => {
    const { tab, open } = setUp('http://localhost:5173/projects')
    leaveFor(await open({ baseURL: 'http://localhost:3000/auth' }), '/dashboard')
    const url = new URL(tab.navigations[0]!)
    expect(url.origin).toBe('http://localhost:3000')
    expect(url.searchParams.get('redirectTo')).toMatch(
      /^http:\/\/localhost:5173\/dashboard\?latchkey=[\w-]{22}$/,
    )
  })

  it('leaves the id out where Aura has no room for it, rather than the page', async () => {
    const { open, landing } = setUp()
    const path = `/${'a'.repeat(90)}`
    leaveFor(await open(), path)
    expect(landing().pathname + landing().search).toBe(path)
  })

  it('answers the URL and goes nowhere when asked to', async () => {
    const { tab, open } = setUp()
    const url = await (
      await open()
    ).signIn('dribbble', { redirectTo: '/dashboard', redirect: false })
    expect(url).toContain(
      'http://app.test/auth/signIn/dribbble?redirectTo=%2Fdashboard%3Flatchkey%3D',
    )
    expect(tab.navigations).toEqual([])
    expect(tab.storage.size).toBe(1)
  })

  it('never uses an id twice', async () => {
    const { tab, open } = setUp()
    const auth = await open()
    for (let round = 0; round < 100; round += 1) leaveFor(auth)
    expect(new Set(tab.navigations).size).toBe(100)
  })

  it('rejects when the user comes Back, and can leave again', async () => {
    const { tab, open } = setUp()
    const auth = await open()
    const listeners = tab.page.listeners()
    const left = auth.signIn('dribbble')
    const settled = vi.fn()
    left.then(settled, settled)
    tab.page.dispatch('pageshow', { persisted: false }) // the page itself, still loading
    await settle()
    expect(settled).not.toHaveBeenCalled()
    tab.back()
    await expect(left).rejects.toMatchObject({ code: 'redirect_cancelled' })
    expect(tab.storage.size).toBe(0)
    expect(tab.page.listeners()).toBe(listeners)
    leaveFor(auth)
    expect(tab.navigations).toHaveLength(2)
  })

  it('forgets sign-ins that were abandoned', async () => {
    const { world, tab, open } = setUp()
    const auth = await open()
    tab.storage.set('theirs', 'stays')
    const idOf = (url: string): string => new URL(url).searchParams.get('redirectTo')!.slice(-22)
    for (let round = 0; round < 11; round += 1) {
      leaveFor(auth)
      world.clock.jump(1)
    }
    const kept = [...tab.storage.keys()].filter((key) => key !== 'theirs')
    expect(kept).toEqual(tab.navigations.slice(1).map((url) => `latchkey:tx:${idOf(url)}`))
    world.clock.jump(300_001)
    leaveFor(auth)
    expect([...tab.storage.keys()].filter((key) => key !== 'theirs')).toHaveLength(1)
  })
})

describe('a page that nobody landed on', () => {
  // Two of these are as long as an id.
  it.each(['http://localhost:3000/', 'http://localhost:5173/', 'http://app.test/?error=x'])(
    'costs nothing: %s',
    async (href) => {
      const scene = setUp(href)
      scene.create()
      await settle()
      expect(scene.world.network.requests).toHaveLength(0)
      expect(scene.tab.page.location.href).toBe(href)
    },
  )
})
