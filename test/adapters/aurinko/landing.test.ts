import { describe, expect, it } from 'vitest'

import { showCallbackPage } from '../../flow/scene.js'
import { APP, asked, comeBack, outcome, setUp } from './scene.js'

describe('success', () => {
  it('asks once who it is, and goes on to where the user wanted to be', async () => {
    const scene = setUp()
    const auth = await scene.signIn()
    const { session, redirectTo } = (await auth.completeSignIn())!
    expect(session.user).toEqual({
      id: expect.stringMatching(/^[\da-f-]{36}$/) as string,
      name: 'Ada Winter',
      email: 'ada.winter@gmail.example',
      image: null,
    })
    expect(redirectTo).toBe(`${APP}/dashboard`)
    expect(asked(scene)).toEqual(['GET /v1/user'])
    expect(scene.tab.page.location.href).toBe(`${APP}/callback.html`)
    expect([...scene.tab.storage]).toEqual([])
  })

  it('is handed on by the callback page, and leaves nothing behind', async () => {
    const scene = setUp()
    void (await scene.open()).signIn('Google', { redirectTo: '/dashboard?a=b' })
    await showCallbackPage(scene.tab, await scene.travel(scene.tab.navigations[0]!))
    scene.tab.load(scene.tab.navigations.at(-1)!)
    const done = await (await scene.open()).completeSignIn()
    expect(done).toMatchObject({ redirectTo: `${APP}/dashboard?a=b` })
    expect(scene.tab.page.location.href).toBe(`${APP}/dashboard?a=b`)
    expect(scene.tab.storage.size).toBe(0)
  })

  it('may be one of several that were asked for ahead', async () => {
    const scene = setUp()
    const auth = await scene.open()
    const urls = await Promise.all(
      ['Google', 'Office365'].map((name) => auth.signIn(name, { redirect: false })),
    )
    scene.tab.load(await scene.travel(urls[0]!))
    const done = await (await scene.open()).completeSignIn()
    expect(done?.session.user.email).toBe('ada.winter@gmail.example')
  })

  it.each([undefined, 'accountAuthResult', 'userAuthResult'])(
    'is one whatever its type: %s',
    async (landingType) => {
      const auth = await setUp({ knobs: { landingType } }).signIn()
      expect((await auth.completeSignIn())?.session.user.name).toBe('Ada Winter')
    },
  )

  it('signs nobody in by itself: the cookie may be on another host', async () => {
    const scene = setUp({ knobs: { cookieHost: 'api' } })
    const auth = await scene.signIn()
    const error = await outcome(auth.completeSignIn())
    expect(error).toMatchObject({ code: 'cookie_blocked' })
    expect(String(error)).toContain('/v1/*')
    expect(String(error)).toContain('redirect URI')
    expect(auth.session.value.status).toBe('unauthenticated')
    expect(asked(scene)).toEqual(['GET /v1/user'])
  })

  it('is told once, however often it is asked for', async () => {
    const scene = setUp()
    const auth = await scene.signIn()
    await Promise.all([auth.completeSignIn(), auth.completeSignIn(), auth.completeSignIn()])
    scene.tab.load(`${APP}/callback.html`)
    expect(await (await scene.open()).completeSignIn()).toBe(null)
    expect(asked(scene)).toEqual(['GET /v1/user'])
  })

  it('after half an hour is nobody’s, and only the backend knows who it is', async () => {
    const scene = setUp({ knobs: { cookieHost: 'api' } })
    void (await scene.open()).signIn('Google')
    const landing = await scene.travel(scene.tab.navigations[0]!)
    await scene.world.clock.advance(1_800_001)
    scene.tab.load(landing)
    const done = outcome((await scene.open()).completeSignIn())
    await scene.world.clock.advance(10_000)
    expect(await done).toMatchObject({ code: 'state_unknown' })
  })
})

describe('failure', () => {
  const shapes = ['details', 'error', 'errorCode', 'bare'] as const

  it.each(shapes.flatMap((shape) => [[shape, true] as const, [shape, false] as const]))(
    'is read in the shape “%s”, with state: %s',
    async (failureShape, stateOnFailure) => {
      const scene = setUp({ knobs: { failureShape, stateOnFailure } })
      const auth = await scene.signIn('Google', 'deny')
      const isBare = failureShape === 'bare'
      expect(await outcome(auth.completeSignIn())).toMatchObject({
        code: isBare ? 'exchange_failed' : 'access_denied',
        source: 'provider',
        requestId: expect.stringMatching(/^[\da-f-]{36}$/) as string,
        ...(!isBare && { message: 'The user denied access.' }),
      })
      expect(scene.tab.page.location.href).toBe(`${APP}/callback.html`)
      expect([...scene.tab.storage]).toEqual([])
    },
  )

  it.each([true, false])('is handed on by the callback page, with state: %s', async (has) => {
    const scene = setUp({ knobs: { stateOnFailure: has } })
    void (await scene.open()).signIn('Google', { redirectTo: '/dashboard' })
    await showCallbackPage(scene.tab, await scene.travel(scene.tab.navigations[0]!, 'deny'))
    scene.tab.load(scene.tab.navigations.at(-1)!)
    const auth = await scene.open()
    expect(await outcome(auth.completeSignIn())).toMatchObject({ code: 'access_denied' })
    expect(scene.tab.page.location.href).toBe(`${APP}/dashboard`)
    expect(scene.tab.storage.size).toBe(0)
  })

  it.each(['failed', 'Success', 'SUCCESS', ''])(
    'is every status but “success”: “%s”',
    async (status) => {
      const query = (state: string): string => `status=${status}&state=${state}&error=x&requestId=r`
      const [, error] = await comeBack(query)
      expect(error).toMatchObject({ code: 'x', requestId: 'r', message: 'x' })
    },
  )

  it('is also one without any status', async () => {
    const [, error] = await comeBack((state) => `state=${state}&error=gone`)
    expect(error).toMatchObject({ code: 'gone', source: 'provider' })
  })

  it.each([
    ['message=m&details=d&error=e', 'e', 'm'],
    ['errorDescription=a&error_description=b&errorCode=c', 'c', 'a'],
    ['error_description=b&details=d', 'exchange_failed', 'b'],
    ['details=d', 'exchange_failed', 'd'],
    ['details=The+user+cancelled', 'access_denied', 'The user cancelled'],
  ])('has the first word there is: %s', async (query, code, message) => {
    const [, error] = await comeBack((state) => `status=error&state=${state}&${query}`)
    expect(error).toMatchObject({ code, message })
  })

  it('is text of at most 500 characters', async () => {
    const details = `<b>${'x'.repeat(10_000)}`
    const [, error] = await comeBack((state) => `status=error&state=${state}&details=${details}`)
    expect((error as { description: string }).description).toBe(details.slice(0, 500))
  })

  it('leaves an earlier session as it was', async () => {
    const scene = setUp()
    await (await scene.signIn()).completeSignIn()
    const auth = await scene.signIn('Office365', 'deny')
    expect(await outcome(auth.completeSignIn())).toMatchObject({ code: 'access_denied' })
    expect(auth.session.value.data?.user.name).toBe('Ada Winter')
  })

  it('names the hop that is missing when the provider comes straight back', async () => {
    const scene = setUp({ knobs: { misdirected: true } })
    const auth = await scene.signIn()
    const error = await outcome(auth.completeSignIn())
    expect(error).toMatchObject({ code: 'invalid_config' })
    expect(String(error)).toContain('/v1/auth/callback')
    expect(scene.tab.page.location.href).not.toContain('google-code')
  })
})
