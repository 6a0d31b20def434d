import { describe, expect, it } from 'vitest'

import { APP, API, asked, outcome, setUp, type Scene, type SceneOptions } from './scene.js'

const bridged = (from: SceneOptions = {}): Scene =>
  setUp({
    ...from,
    how: { baseURL: API, ...from.how },
    options: { mode: 'code', bridgeURL: `${APP}/aurinko` },
  })
const paths = ({ aurinko }: Scene): string[] =>
  aurinko.requests.map(({ method, path }) => `${method} ${path}`)

describe('a sign-in by code', () => {
  it('is one exchange by the bridge, and the browser holds a sealed cookie', async () => {
    const scene = bridged()
    const auth = await scene.signIn()
    const { session } = (await auth.completeSignIn())!
    expect(session.user.name).toBe('Ada Winter')
    expect(asked(scene).filter((what) => what.startsWith('POST'))).toEqual([
      'POST /aurinko/exchange',
    ])
    expect(paths(scene).filter((what) => what.includes('token'))).toEqual([
      'POST /v1/auth/token/:code',
    ])
    expect([...scene.jars.get('app.test')!.keys()]).toEqual(['latchkey.aurinko'])
    expect(scene.jars.get('api.aurinko.test')?.size ?? 0).toBe(0)
    expect(scene.tab.page.location.href).toBe(`${APP}/callback.html`)
    expect((await (await scene.open()).getSession({ fresh: true }))?.user).toEqual(session.user)
  })

  it('asks for a code, at Aurinko itself', async () => {
    const auth = await bridged().open()
    const url = new URL(await auth.signIn('Google', { redirect: false }))
    expect(url.origin).toBe(API)
    expect(url.searchParams.get('responseType')).toBe('code')
  })

  it('carries codes of 2 kB, and those that have to be escaped in a path', async () => {
    for (const codeShape of ['jwt', 'slashes'] as const) {
      const scene = bridged({ knobs: { codeShape } })
      const auth = await scene.signIn()
      expect((await auth.completeSignIn())?.session.user.name).toBe('Ada Winter')
    }
  })

  it('works in a popup', async () => {
    const scene = bridged()
    const auth = await scene.open()
    const done = auth.signIn('Google', { popup: true })
    const window = scene.tab.popups[0]!
    scene.create({}, {}, window.land(await scene.travel(window.urls[0]!)))
    await scene.world.clock.advance(1_000)
    expect((await done).user.name).toBe('Ada Winter')
    expect(asked(scene).filter((what) => what.includes('exchange'))).toHaveLength(1)
  })

  it('spends its code once, however often the landing is asked for', async () => {
    const scene = bridged()
    const auth = await scene.signIn()
    await Promise.all([auth.completeSignIn(), auth.completeSignIn()])
    expect(asked(scene).filter((what) => what.includes('exchange'))).toHaveLength(1)
  })
})

describe('an exchange that fails', () => {
  const failing = async (from: SceneOptions): Promise<[Scene, unknown]> => {
    const scene = bridged(from)
    const auth = await scene.signIn()
    const error = await outcome(auth.completeSignIn())
    expect(asked(scene).filter((what) => what.includes('exchange'))).toHaveLength(1)
    expect(auth.session.value.status).toBe('unauthenticated')
    return [scene, error]
  }
  const requestId = expect.stringMatching(/^[\da-f-]{36}$/) as string

  it('for its secret is a configuration error', async () => {
    const [scene, error] = await failing({ bridge: { clientSecret: 'wrong' } })
    expect(error).toMatchObject({ code: 'invalid_config', requestId })
    expect(JSON.stringify(error)).not.toContain('wrong')
    expect(paths(scene).filter((what) => what.includes('token'))).toHaveLength(1)
  })

  it.each([400, 401, 404])('for its age says so, HTTP %d', async (codeExpiredStatus) => {
    const [scene, error] = await failing({ knobs: { codeTtl: 0, codeExpiredStatus } })
    expect(error).toMatchObject({ code: 'code_expired', requestId })
    scene.aurinko.knobs.codeTtl = 60_000
    const again = await scene.signIn()
    expect((await again.completeSignIn())?.session.user.name).toBe('Ada Winter')
  })

  it.each(['flat', 'nested', 'original'] as const)(
    'is told apart in the shape “%s”',
    async (errorShape) => {
      const [, late] = await failing({ knobs: { errorShape, codeTtl: 0, codeExpiredStatus: 401 } })
      expect(late).toMatchObject({ code: 'code_expired', requestId })
      const [, wrong] = await failing({ knobs: { errorShape }, bridge: { clientSecret: 'wrong' } })
      expect(wrong).toMatchObject({ code: 'invalid_config', requestId })
    },
  )

  it('for the wrong flow names the right one', async () => {
    const [, error] = await failing({ knobs: { accountFlow: true } })
    expect(error).toMatchObject({ code: 'invalid_config', requestId })
    expect(String(error)).toContain('authorizeUser')
  })

  it('for an outage can be tried again', async () => {
    const scene = bridged()
    const auth = await scene.open()
    void auth.signIn('Google')
    scene.tab.load(await scene.travel(scene.tab.navigations[0]!))
    scene.aurinko.knobs.down = 503
    const error = await outcome((await scene.open()).completeSignIn())
    expect(error).toMatchObject({ code: 'temporarily_unavailable' })
  })

  it('for want of a code says so', async () => {
    const scene = bridged()
    const auth = await scene.open()
    void auth.signIn('Google')
    const state = new URL(scene.tab.navigations[0]!).searchParams.get('state')
    scene.tab.load(`${APP}/callback.html?status=success&state=${state}`)
    const error = await outcome((await scene.open()).completeSignIn())
    expect(error).toMatchObject({ code: 'invalid_response' })
  })
})

describe('through the bridge', () => {
  it('accounts are linked by signature, read, reauthorized and removed', async () => {
    const scene = bridged({ knobs: { pageSize: 1 } })
    await (await scene.signIn()).completeSignIn()
    const auth = await scene.open()
    await auth.refetch()
    scene.forget()
    const start = new URL(await auth.linkAccount('Office365', { redirect: false }))
    expect(asked(scene)).toEqual(['POST /aurinko/signature'])
    expect(start.searchParams.get('userSignature')).toMatch(/^[\da-f]{64}$/)
    expect(start.searchParams.get('timestamp')).toMatch(/^\d{10}$/)

    scene.tab.load(await scene.travel(start.href))
    const back = await scene.open()
    const { session } = (await back.completeSignIn())!
    expect(session.accounts).toHaveLength(2)
    expect(await back.accounts()).toEqual(session.accounts)
    const secondary = session.accounts.find(({ role }) => role === 'secondary')!
    const again = new URL(await back.reauthorize(secondary, { redirect: false }))
    expect(again.searchParams.has('userSignature')).toBe(true)
    expect(new URL(await scene.travel(again.href)).searchParams.get('status')).toBe('success')
    await back.removeAccount(secondary)
    expect((await back.getSession({ fresh: true }))?.accounts).toHaveLength(1)
  })

  it('linking without a session opens nothing', async () => {
    const scene = bridged()
    const auth = scene.create()
    await expect(auth.linkAccount('Office365')).rejects.toMatchObject({ code: 'no_session' })
    expect(scene.tab.navigations).toEqual([])
  })

  it('signing out ends the session at Aurinko and here', async () => {
    const scene = bridged()
    const auth = await scene.signIn()
    await auth.completeSignIn()
    expect(await auth.signOut()).toEqual({ revoked: true })
    expect(paths(scene)).toContain('POST /v1/user/logout')
    expect(scene.jars.get('app.test')?.size).toBe(0)
  })

  it('a dead token is no sign-out', async () => {
    const scene = bridged()
    const auth = await scene.signIn()
    await auth.completeSignIn()
    scene.aurinko.knobs.userRefusal = 'token.dead'
    await auth.refetch()
    expect(auth.session.value).toMatchObject({
      status: 'authenticated',
      error: { code: 'needs_reauth' },
    })
  })
})
