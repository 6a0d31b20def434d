import { describe, expect, it } from 'vitest'

import { setUp } from './code-scene.js'
import { unclaimed } from './scene.js'

const home = 'http://app.test/projects?own=1'
const callbackURL = '/callback'
const id = 'x'.repeat(22)

describe('a landing that carries a code', () => {
  it.each([
    ['the query', '?code=abc'],
    ['the fragment', '#code=abc'],
  ])('in %s is spent once, and the address is clean before that', async (_, parameters) => {
    const scene = setUp(home)
    void (await scene.open({ callbackURL })).signIn('google', { redirectTo: '/#/a?b' })
    const landing = scene.landing(scene.tab.navigations[0]!, parameters)
    const page = scene.tab.load(landing)
    page.history.replaceState({ router: 1 }, '', page.location.href)
    const auth = scene.create(page, { callbackURL })
    expect(page.location.href).toBe('http://app.test/callback')
    expect(page.history.state).toEqual({ router: 1 })
    expect(scene.exchanges()).toBe(0)
    const again = auth.completeSignIn()
    expect(await auth.completeSignIn()).toMatchObject({
      session: { user: { id: '7' } },
      redirectTo: 'http://app.test/#/a?b',
    })
    expect(await again).toBe(await auth.completeSignIn())
    expect(scene.tab.navigations.at(-1)).toBe('http://app.test/#/a?b')
    expect(JSON.parse(scene.world.network.requests[0]!.body)).toMatchObject({ code: 'abc' })
    expect(scene.exchanges()).toBe(1)
    expect(scene.tab.storage.size).toBe(0)
  })

  it.each([
    ['/', '?code=abc&state=ID', '/'],
    ['/', '?state=ID&code=abc', '/'],
    ['/', '#code=abc&state=ID', '/'],
    ['/#top', '?code=abc&state=ID#top', '/#top'],
    ['/#/a?b', '?code=abc&state=ID#/a?b', '/#/a?b'],
    ['/#/a?b=c', '?code=abc&state=ID&session_state=x#/a?b=c', '/#/a?b=c'],
    ['/#/a', '#/a?code=abc&state=ID', '/#/a'],
    ['/#!/a', '#!/a?code=abc&state=ID', '/#!/a'],
    ['/', '?code=abc&state=ID#_=_', '/'], // Facebook's
    ['/', '?code=abc&state=ID#code=abc&state=ID', '/'],
  ])('leaves the page %s as it was, without %s', async (redirectTo, parameters, clean) => {
    const scene = setUp(home)
    void (await scene.open()).signIn('google', { redirectTo })
    const state = new URL(scene.tab.navigations[0]!).searchParams.get('state')!
    const page = scene.tab.load(`http://app.test/${parameters.replaceAll('ID', state)}`)
    scene.create(page)
    expect(page.location.href).toBe(`http://app.test${clean}`)
  })

  it.each([
    ['/dash?tab=a#part', '/dash?tab=a&code=abc&state=ID#part'],
    ['/dash?tab=a#part', '/dash?code=abc&state=ID&tab=a&scope=x#part'],
    ['/dash?tab=a&q=b%20c', '/dash?tab=a&q=b%20c#code=abc&state=ID'],
    ['/dash?tab=a&q=$&#/r?s=t', '/dash?tab=a&q=$&&code=abc&state=ID&iss=x#/r?s=t'],
    ['/#/a?b=c', '/#/a?b=c&code=abc&state=ID'],
  ])('keeps what the page %s had of its own in %s', async (redirectTo, path) => {
    const scene = setUp(home)
    void (await scene.open()).signIn('google', { redirectTo })
    const state = new URL(scene.tab.navigations[0]!).searchParams.get('state')!
    const page = scene.tab.load(`http://app.test${path.replace('ID', state)}`)
    const auth = scene.create(page)
    expect(page.location.href).toBe(`http://app.test${redirectTo}`)
    expect(await auth.completeSignIn()).toMatchObject({
      redirectTo: `http://app.test${redirectTo}`,
    })
  })

  it('twice, in the query and in the fragment, is somebody’s forgery', async () => {
    const scene = setUp(home)
    void (await scene.open()).signIn('google')
    const landing = scene.landing(scene.tab.navigations[0]!)
    const { search } = new URL(landing)
    scene.tab.load(`${landing}#${search.slice(1)}`)
    await expect((await scene.open()).completeSignIn()).rejects.toMatchObject({
      code: 'state_mismatch',
    })
    expect(scene.exchanges()).toBe(0)
    expect(scene.tab.storage.size).toBe(0)
  })

  it('keeps the address clean when the exchange fails, and a reload finds nothing', async () => {
    const scene = setUp(home)
    void (await scene.open()).signIn('google', { redirectTo: '/' })
    scene.world.network.respond(() => new Response('no', { status: 400 }))
    scene.tab.load(scene.landing(scene.tab.navigations[0]!))
    await expect((await scene.open()).completeSignIn()).rejects.toMatchObject({
      code: 'exchange_failed',
    })
    expect(scene.tab.page.location.href).toBe('http://app.test/')
    scene.tab.load(scene.tab.page.location.href)
    expect(await (await scene.open()).completeSignIn()).toBe(null)
    expect(scene.exchanges()).toBe(1)
  })

  it.each([`/?code=abc&state=${id}`, '/?code=abc&state=short', `/#code=a&state=${id}`])(
    'that nobody here asked for is left alone: %s',
    async (path) => {
      const scene = setUp(`http://app.test${path}`)
      const { href } = scene.tab.page.location
      expect(await (await scene.open()).completeSignIn()).toBe(null)
      expect(scene.tab.page.location.href).toBe(href)
      expect(scene.world.network.requests).toHaveLength(0)
    },
  )

  it('replayed, or from somebody’s link, is spent nowhere', async () => {
    const scene = setUp(home)
    void (await scene.open()).signIn('google', { redirectTo: '/' })
    const landing = scene.landing(scene.tab.navigations[0]!)
    scene.tab.load(landing)
    await (await scene.open()).completeSignIn()
    scene.tab.load(landing)
    expect(await (await scene.open()).completeSignIn()).toBe(null)
    const link = scene.world.tab(`http://app.test/?latchkey=${id}&code=evil`)
    const auth = scene.create(link.page)
    expect(await unclaimed(scene.world, auth)).toMatchObject({ code: 'state_unknown' })
    expect(link.navigations).toEqual([])
    expect(scene.exchanges()).toBe(1)
  })

  it('in a frame is spent nowhere: whoever framed it may be watching', async () => {
    const scene = setUp(home)
    void (await scene.open()).signIn('google')
    const page = scene.tab.load(scene.landing(scene.tab.navigations[0]!))
    Object.defineProperty(page, 'top', { value: {} })
    const auth = scene.create(page)
    expect(await auth.completeSignIn()).toBe(null)
    expect(page.location.href).not.toContain('abc')
    expect(scene.exchanges()).toBe(0)
  })

  it('is one completion, whichever client of the page is asked', async () => {
    const scene = setUp(home)
    void (await scene.open()).signIn('google', { redirectTo: '/' })
    const page = scene.tab.load(scene.landing(scene.tab.navigations[0]!))
    const [first, second] = [scene.create(page), scene.create(page)]
    const results = await Promise.all([first.completeSignIn(), second.completeSignIn()])
    expect(results[0]).toMatchObject({ session: { user: { id: '7' } } })
    expect(results[1]).toBe(results[0])
    expect(scene.exchanges()).toBe(1)
  })
})

describe('a landing without an id', () => {
  const claims = ({ hash }: URL): boolean => hash.includes('access_token=')
  /** A backend that comes back to its own idea of a page, and brings no `state`. */
  const forgetful = (href: string): ReturnType<typeof setUp> =>
    setUp(href, { claims, start: () => ({ url: 'http://provider.test/authorize' }) })

  it('is that of the tab’s one redirect, if the adapter claims it', async () => {
    const scene = forgetful(home)
    void (await scene.open()).signIn('google', { redirectTo: '/wanted' })
    scene.tab.load('http://app.test/?own=1#/route#access_token=t&refresh_token=r')
    const auth = await scene.open()
    expect(scene.tab.page.location.href).toBe('http://app.test/?own=1#/route')
    expect(await auth.completeSignIn()).toMatchObject({ redirectTo: 'http://app.test/wanted' })
    expect(scene.tab.storage.size).toBe(0)
  })

  it('is nobody’s where it could be two’s, and goes to the adapter all the same', async () => {
    const seen: unknown[] = []
    const scene = setUp(home, {
      claims,
      start: () => ({ url: 'http://provider.test/authorize' }),
      finish: async ({ transaction }) => {
        seen.push(transaction)
        throw new Error('unsolicited')
      },
    })
    const auth = await scene.open()
    void auth.signIn('google', { redirectTo: '/one' })
    void auth.signIn('google', { redirectTo: '/two' })
    scene.tab.load('http://app.test/#access_token=t')
    await expect((await scene.open()).completeSignIn()).rejects.toMatchObject({
      code: 'unexpected',
    })
    expect(seen).toEqual([null])
  })

  it.each([
    ['where it was to come back', 'http://app.test/projects?own=1'],
    ['wherever the adapter claims it', 'http://app.test/#access_token=t'],
  ])('is a popup’s own, which knows itself by its marker: %s', async (_, landing) => {
    const scene = forgetful(home)
    const signingIn = (await scene.open()).signIn('google', { popup: true })
    const [popup] = scene.tab.popups
    popup!.sever()
    scene.create(popup!.land(landing))
    await scene.world.clock.advance(300)
    expect(await signingIn).toMatchObject({ user: { id: '7' } })
    expect(popup!.closed()).toBe(true)
    expect(scene.exchanges()).toBe(1)
  })

  it('elsewhere may be a page on the way: it is not closed, only the backend is asked', async () => {
    const scene = forgetful(home)
    const auth = await scene.open()
    void auth.signIn('google', { popup: true })
    const [popup] = scene.tab.popups
    popup!.sever()
    const page = popup!.land('http://app.test/login?own=1')
    const completion = scene.create(page).completeSignIn()
    await scene.world.clock.advance(11_000)
    expect(await completion).toBe(null)
    expect(page.location.href).toBe('http://app.test/login?own=1')
    expect(popup!.closed()).toBe(false)
    expect(scene.exchanges()).toBe(0)
  })
})
