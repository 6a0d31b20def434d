import { describe, expect, it } from 'vitest'

import type { AurinkoAccount, AurinkoSession } from '../../../src/adapters/aurinko/index.js'
import { APP, asked, setUp, signedIn, type Client, type Scene, type SceneOptions } from './scene.js'

/** Follows the redirect that was just begun, and answers what came of it. */
const finish = async (scene: Scene, answer?: 'allow' | 'deny'): Promise<AurinkoSession> => {
  const { tab } = scene
  tab.load(await scene.travel(tab.navigations.at(-1)!, answer))
  const done = await (await scene.open()).completeSignIn()
  return done!.session
}

const linked = async (from: SceneOptions = {}): Promise<[Scene, Client, AurinkoSession]> => {
  const [scene, auth] = await signedIn(from)
  void auth.linkAccount('Office365', { scopes: ['Mail.Read'] })
  const session = await finish(scene)
  const next = await scene.open()
  await next.refetch()
  scene.forget()
  return [scene, next, session]
}

const of = ({ accounts }: AurinkoSession, role: AurinkoAccount['role']): AurinkoAccount =>
  accounts.find((account) => account.role === role)!

describe('linking an account', () => {
  it('asks for a secondary one, and for nothing but whether it worked', async () => {
    const [, auth] = await signedIn()
    const url = new URL(await auth.linkAccount('Office365', { redirect: false }))
    expect(Object.fromEntries(url.searchParams)).toMatchObject({
      serviceType: 'Office365',
      accountRole: 'secondary',
      responseType: 'none',
    })
    expect(url.searchParams.has('accountId')).toBe(false)
  })

  it('brings the session up to date', async () => {
    const [scene, , session] = await linked()
    expect(session.user.email).toBe('ada.winter@gmail.example')
    expect(session.accounts.map(({ role, service }) => [role, service])).toEqual([
      ['secondary', 'Office365'],
      ['primary', 'Google'],
    ])
    expect(scene.jars.get('app.test')?.size).toBe(1)
  })

  it('works with a form, too', async () => {
    const [scene, auth] = await signedIn()
    void auth.linkAccount('IMAP', { scopes: ['Mail.Read'], serverUrl: 'imap.example' })
    const session = await finish(scene)
    expect(of(session, 'secondary')).toMatchObject({ service: 'IMAP', email: 'ada@imap.example' })
    expect(session.raw.accounts?.[0]).toMatchObject({ serverUrl: 'imap.example' })
  })

  it('that is refused changes nothing', async () => {
    const [scene, auth] = await signedIn()
    void auth.linkAccount('Office365')
    await expect(finish(scene, 'deny')).rejects.toMatchObject({ code: 'access_denied' })
    expect((await (await scene.open()).getSession())?.accounts).toHaveLength(1)
  })

  it.each([{}, { popup: true }])('is for whoever is signed in: %j', async (how) => {
    const { world, tab, open } = setUp()
    const auth = await open()
    await auth.refetch()
    await expect(auth.linkAccount('Office365', how)).rejects.toMatchObject({ code: 'no_session' })
    expect(tab.navigations).toEqual([])
    expect(tab.popups).toEqual([])
    expect(tab.storage.size).toBe(0)
    expect(world.network.requests).toHaveLength(1)
  })

  it('asks who is signed in where that is not known yet, and goes nowhere if nobody is', async () => {
    const scene = setUp()
    const auth = scene.create()
    await expect(auth.linkAccount('Office365')).rejects.toMatchObject({ code: 'no_session' })
    expect(scene.tab.navigations).toEqual([])
    expect(asked(scene)).toEqual(['GET /v1/user'])
  })

  it('is refused when the session ended meanwhile', async () => {
    const [scene, auth] = await signedIn()
    void auth.linkAccount('Office365')
    scene.jars.clear()
    await expect(finish(scene)).rejects.toMatchObject({ source: 'provider' })
  })
})

describe('reauthorizing', () => {
  it('a secondary account names it', async () => {
    const [, auth, session] = await linked()
    const { id } = of(session, 'secondary')
    const url = new URL(await auth.reauthorize(of(session, 'secondary'), { redirect: false }))
    expect(Object.fromEntries(url.searchParams)).toMatchObject({
      serviceType: 'Office365',
      accountRole: 'secondary',
      responseType: 'none',
      accountId: id,
      loginHint: 'ada@northlight.example',
    })
  })

  it('the primary one is a sign-in', async () => {
    const [, auth, session] = await linked()
    const url = new URL(
      await auth.reauthorize(of(session, 'primary'), {
        redirect: false,
        loginHint: 'other@x.test',
      }),
    )
    expect(Object.fromEntries(url.searchParams)).toMatchObject({
      serviceType: 'Google',
      accountRole: 'primary',
      responseType: 'cookie',
      loginHint: 'other@x.test',
    })
    expect(url.searchParams.has('accountId')).toBe(false)
  })

  it.each(['primary', 'secondary'] as const)('mends a dead %s account', async (role) => {
    const [scene, auth, session] = await linked()
    const account = of(session, role)
    scene.aurinko.knobs.tokenStatus = { [account.service]: 'dead' }
    const dead = (await auth.getSession({ fresh: true }))!
    expect(dead).toMatchObject({ needsReauth: true })
    expect(of(dead, role)).toMatchObject({ needsReauth: true, tokenStatus: 'dead' })
    void auth.reauthorize(of(dead, role))
    expect(await finish(scene)).toMatchObject({ needsReauth: false, user: dead.user })
  })
})

describe('accounts', () => {
  it('are read page by page', async () => {
    const [scene, auth, session] = await linked({ knobs: { pageSize: 1 } })
    expect(await auth.accounts()).toEqual(session.accounts)
    expect(scene.world.network.requests.map(({ url }) => url)).toEqual([
      `${APP}/v1/user/accounts`,
      `${APP}/v1/user/accounts?pageToken=1`,
    ])
  })

  it('end where the server knows no pages', async () => {
    const [{ world }, auth] = await signedIn()
    const records = [{ id: 1, serviceType: 'Google', userAccountType: 'primary' }]
    world.network.respond(() => Response.json({ records, length: 1, nextPageToken: 'again' }))
    expect(await auth.accounts()).toHaveLength(1)
    expect(world.network.requests).toHaveLength(2)
  })

  it.each([
    [429, {}, 'rate_limited'],
    [503, {}, 'server_error'],
    [401, { code: 'unauthorized' }, 'no_session'],
    [401, { code: 'token.dead' }, 'needs_reauth'],
    [200, { records: null }, 'invalid_response'],
    [200, null, 'invalid_response'],
  ])('HTTP %d with %j is an error', async (status, body, code) => {
    const [{ world }, auth] = await signedIn()
    world.network.respond(() => Response.json(body, { status }))
    await expect(auth.accounts()).rejects.toMatchObject({ code })
    expect(auth.session.value).toMatchObject({ status: 'authenticated', error: null })
  })
})

describe('removing', () => {
  it('a secondary account keeps the session', async () => {
    const [scene, auth, session] = await linked()
    await auth.removeAccount(of(session, 'secondary'))
    expect(auth.session.value).toMatchObject({ status: 'authenticated', error: null })
    expect(auth.session.value.data?.accounts).toEqual([of(session, 'primary')])
    expect(asked(scene)).toEqual([`DELETE /v1/user/accounts/${of(session, 'secondary').id}`])
    expect((await auth.getSession({ fresh: true }))?.accounts).toHaveLength(1)
  })

  it('the primary one signs out, here and in every tab', async () => {
    const [scene, auth, session] = await linked()
    const other = scene.create({}, {}, scene.world.tab(`${APP}/projects`).page)
    await other.refetch()
    other.session.listen(() => {})
    await scene.world.clock.advance(1)
    await auth.removeAccount(of(session, 'primary'))
    await scene.world.clock.advance(1)
    for (const { session: state } of [auth, other]) {
      expect(state.value).toMatchObject({ status: 'unauthenticated', error: null })
    }
    expect(await auth.getSession({ fresh: true })).toBe(null)
  })

  it('one that is gone is done', async () => {
    const [, auth] = await signedIn()
    await auth.removeAccount({ id: '4711', role: 'secondary' })
    expect(auth.session.value.data?.accounts).toHaveLength(1)
  })

  it('that fails changes nothing', async () => {
    const [{ aurinko }, auth, session] = await linked()
    aurinko.knobs.down = 503
    const removing = auth.removeAccount(of(session, 'primary'))
    await expect(removing).rejects.toMatchObject({ code: 'server_error' })
    expect(auth.session.value.data?.accounts).toHaveLength(2)
  })
})
