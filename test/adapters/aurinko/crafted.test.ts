import { describe, expect, it } from 'vitest'

import { API, APP, asked, comeBack, outcome, setUp, type Scene } from './scene.js'
import { showCallbackPage } from '../../flow/scene.js'

describe('a crafted URL', () => {
  it.each([
    'status=success',
    'status=success&code=stolen',
    'status=error&details=Call+me',
    'state=short&status=success',
    'status=open&type=invoice',
    'code=x&scope=y&prompt=z',
    'error=access_denied',
  ])('is not ours where nothing is pending: ?%s', async (query) => {
    const scene = setUp()
    scene.tab.load(`${APP}/dashboard?${query}`)
    const auth = await scene.open()
    expect(await auth.completeSignIn()).toBe(null)
    expect(scene.tab.page.location.href).toBe(`${APP}/dashboard?${query}`)
    expect(asked(scene)).toEqual([])
  })

  it('with a state signs nobody in, and only asks who is', async () => {
    const scene = setUp()
    scene.tab.load(`${APP}/callback.html?status=success&state=${'a'.repeat(22)}`)
    const auth = await scene.open()
    const done = outcome(auth.completeSignIn())
    await scene.world.clock.advance(10_000) // it may be a popup's, whose page is waited for
    expect(await done).toMatchObject({ code: 'state_unknown' })
    expect(auth.session.value.status).toBe('unauthenticated')
    expect(asked(scene)).toEqual(['GET /v1/user'])
    expect(scene.tab.page.location.href).toBe(`${APP}/callback.html`)
  })

  it.each(['status=success', 'status=success&state=', 'status=success&state=x.y&code=c'])(
    'of a success that is not ours is nothing, also where one is waited for: ?%s',
    async (query) => {
      const [scene, done] = await comeBack(query)
      expect(done).toBe(null)
      expect(asked(scene)).toEqual([])
      expect(scene.tab.storage.size).toBe(1)
    },
  )

  it('of a failure with another state is refused', async () => {
    const [scene, error] = await comeBack('status=error&state=x.y&error=access_denied')
    expect(error).toMatchObject({ code: 'state_mismatch' })
    // The lookup of a page that was landed on, and nothing because of it.
    expect(asked(scene)).toEqual(['GET /v1/user'])
  })

  it('with an id that is nobody’s ends no sign-in', async () => {
    const scene = setUp()
    void (await scene.open()).signIn('Google', { redirectTo: '/dashboard' })
    const landing = await scene.travel(scene.tab.navigations[0]!)
    scene.jars.clear()
    scene.tab.load(`${APP}/callback.html?status=success&state=${'b'.repeat(22)}`)
    const done = outcome((await scene.open()).completeSignIn())
    await scene.world.clock.advance(10_000)
    expect(await done).toMatchObject({ code: 'state_unknown' })
    expect(asked(scene)).toEqual(['GET /v1/user'])
    scene.tab.load(landing)
    expect(await outcome((await scene.open()).completeSignIn())).toMatchObject({
      code: 'cookie_blocked',
    })
  })

  it.each([
    ['a page that nobody was sent to', 1, ''],
    ['a failure that two sign-ins may have come to', 2, '?status=error&details=denied'],
    ['a success without its state', 1, '?success=1'],
  ])('of %s is nothing to the callback page', async (_, pending, query) => {
    const scene = setUp()
    const auth = await scene.open()
    for (let count = 0; count < pending; count += 1) {
      await auth.signIn('Google', { redirect: false })
    }
    await showCallbackPage(scene.tab, `${APP}/callback.html${query}`)
    expect(scene.tab.navigations).toEqual([])
    expect(scene.tab.storage.size).toBe(pending)
  })

  it('leaves alone what another tab has under way', async () => {
    const scene = setUp()
    void (await scene.open()).signIn('Google')
    const landing = await scene.travel(scene.tab.navigations[0]!)
    const other = scene.world.tab(`${APP}/callback.html?status=error&details=denied`)
    expect(await outcome(scene.create({}, {}, other.page).completeSignIn())).toMatchObject({
      code: 'state_unknown',
    })
    scene.tab.load(landing)
    expect((await (await scene.open()).completeSignIn())?.session.user.name).toBe('Ada Winter')
  })

  it.each([
    `status=success&state=${'a'.repeat(22)}`,
    `status=success&state=${'a'.repeat(22)}&code=stolen`,
    'status=error&details=Call+me',
    'error=access_denied',
  ])('changes nothing for whoever is signed in: ?%s', async (query) => {
    for (const mode of ['cookie', 'code'] as const) {
      const scene = setUp({
        options: { mode, bridgeURL: `${APP}/aurinko` },
        ...(mode === 'code' && { how: { baseURL: API } }),
      })
      await (await scene.signIn()).completeSignIn()
      const cookies = [...scene.jars.get('app.test')!]
      const before = scene.tab.navigations.length
      scene.forget()
      scene.tab.load(`${APP}/callback.html?${query}`)
      const auth = await scene.open()
      const done = outcome(auth.completeSignIn())
      await scene.world.clock.advance(10_000)
      await done
      expect((await auth.getSession())?.user.name).toBe('Ada Winter')
      expect([...scene.jars.get('app.test')!]).toEqual(cookies)
      const path = mode === 'code' ? '/aurinko/user' : '/v1/user'
      expect(asked(scene)).toEqual([`GET ${path}`])
      const went = scene.tab.navigations.slice(before)
      expect(went.filter((url) => !url.startsWith(`${APP}/`))).toEqual([])
    }
  })

  it('with a code signs nobody in, and has nothing exchanged', async () => {
    const scene = setUp({
      how: { baseURL: API },
      options: { mode: 'code', bridgeURL: `${APP}/aurinko` },
    })
    const { searchParams } = new URL(await scene.travel(await byCode(scene)))
    const stolen = `code=${searchParams.get('code')}&status=success`
    for (const state of ['', '&state=', `&state=${'a'.repeat(22)}`]) {
      scene.tab.storage.clear()
      scene.forget()
      scene.tab.load(`${APP}/callback.html?${stolen}${state}`)
      const auth = await scene.open()
      const done = outcome(auth.completeSignIn())
      await scene.world.clock.advance(10_000)
      await done
      expect(await auth.getSession()).toBe(null)
      expect(asked(scene)).toEqual(['GET /aurinko/user'])
    }
  })
})

/** Where a sign-in starts that ends in a good code. */
const byCode = async (scene: Scene): Promise<string> =>
  (await scene.open()).signIn('Google', { redirect: false })
