import { expect, test } from 'vitest'

import { ACCOUNT, APP, codeOf, FLAVORS, setUp, type Client, type Scene } from './scene.js'

const lastBody = ({ world }: Scene): unknown => JSON.parse(world.network.requests.at(-1)!.body)
/** Settings are for the next click, whatever is called meanwhile. */
const asked = ({ world }: Scene): string[] =>
  world.network.requests.map(({ url }) => url).filter((url) => !url.endsWith('/settings'))
const { email } = ACCOUNT

test.each(FLAVORS)('%s: signed up, signed in, and told apart', async (flavor) => {
  const scene = setUp(flavor)
  const auth = scene.create()
  const first = await auth.signUp({ ...ACCOUNT, data: { full_name: 'Ada Winter', theme: 'dark' } })
  expect(first).toMatchObject({
    status: 'authenticated',
    session: { kind: 'signIn', user: { name: 'Ada Winter', email, data: { theme: 'dark' } } },
  })
  expect(auth.session.value.data).toEqual(first.session)
  expect(await codeOf(auth.signUp(ACCOUNT))).toBe('user_already_exists')
  await auth.signOut()
  const wrong = auth.signInWithPassword({ ...ACCOUNT, password: 'wrong' })
  await expect(wrong).rejects.toMatchObject({ code: 'invalid_credentials', status: 400 })
  expect((await auth.signInWithPassword(ACCOUNT)).user.email).toBe(email)
  expect(auth.session.value.status).toBe('authenticated')
})

test.each(FLAVORS)('%s: a password that is too easy, and why', async (flavor) => {
  const scene = setUp(flavor)
  const error: unknown = await scene
    .create()
    .signUp({ email, password: 'abc' })
    .catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({ code: 'weak_password', status: 422 })
  expect(error).toHaveProperty('reasons', flavor === 'current' ? ['length'] : undefined)
})

test.each(FLAVORS)(
  '%s: nothing is sent but what both servers list, and no cookies',
  async (flavor) => {
    const scene = setUp(flavor)
    const auth = await scene.signUp()
    await auth.getUser()
    await auth.settings()
    await auth.updateUser({ data: { theme: 'dark' } })
    const { requests } = scene.world.network
    expect(requests.length).toBeGreaterThan(3)
    for (const { headers, credentials } of requests) {
      const names = [...headers.keys()].filter((name) => name !== 'accept')
      expect(names.filter((name) => !/^(authorization|content-type)$/.test(name))).toEqual([])
      expect(credentials).toBe('omit')
    }
  },
)

test('current: a gateway’s key goes with every request', async () => {
  const scene = setUp('current', { knobs: { gateway: true } })
  const headers = { apikey: await scene.server.key('anon') }
  const auth = await scene.signUp({ headers })
  await auth.getUser()
  for (const request of scene.world.network.requests)
    expect(request.headers.get('apikey')).toBe(headers.apikey)
  expect(await codeOf(scene.create().settings())).not.toBe('resolved')
})

test('a service key is refused by name, whatever it looks like', async () => {
  const { create, server } = setUp('current')
  const key = await server.key('service_role')
  const all: Record<string, string>[] = [
    { apikey: key },
    { Authorization: `Bearer ${key}` },
    { apikey: 'sb_secret_abc' },
    { apikey: `e30.${btoa('{ "role" : "supabase_admin" }')}.x` },
  ]
  for (const headers of all) {
    expect(() => create({ headers })).toThrow(/service_role/)
    // Types do not allow these, and \`fetch\` does.
    for (const other of [new Headers(headers), Object.entries(headers)]) {
      expect(() => create({ headers: other as never })).toThrow(/service_role/)
    }
  }
  expect(() => create({ headers: { apikey: 'sb_publishable_abc' } })).not.toThrow()
})

test.each(FLAVORS)('%s: captcha and data are where its server looks', async (flavor) => {
  const scene = setUp(flavor, { knobs: { captcha: 'human' } })
  const auth = scene.create()
  expect(await codeOf(auth.recover({ email }))).not.toBe('resolved')
  await auth.signUp({ ...ACCOUNT, captchaToken: 'human' })
  await auth.signInWithOtp({ email, captchaToken: 'human' })
  expect(lastBody(scene)).toMatchObject({
    gotrue_meta_security: { captcha_token: 'human', hcaptcha_token: 'human' },
    create_user: true,
  })
})

test.each(FLAVORS)('%s: a code that is typed in', async (flavor) => {
  const scene = setUp(flavor, { knobs: { autoconfirm: false } })
  const auth = scene.create()
  const { status } = await auth.signUp(ACCOUNT)
  expect(status).toBe('confirmation_required')
  expect(await codeOf(auth.signInWithPassword(ACCOUNT))).toBe('email_not_confirmed')
  expect(await codeOf(auth.verifyOtp({ type: 'email', email, token: '000000' }))).toBe(
    'otp_expired',
  )
  const { code } = scene.server.outbox.at(-1)!
  const session = await auth.verifyOtp({ type: 'email', email, token: code })
  expect(session?.user.email).toBe(email)
  expect(auth.session.value.data).toEqual(session)
})

test.each(FLAVORS)('%s: who is signed in can be changed', async (flavor) => {
  const scene = setUp(flavor)
  const auth = await scene.signUp()
  const told: unknown[] = []
  auth.session.listen(({ data }) => told.push(data?.user.data['theme']))
  const session = await auth.updateUser({ data: { theme: 'dark' } })
  expect(session.user.data).toMatchObject({ theme: 'dark' })
  expect(told).toContain('dark')
  expect((await scene.land(`${APP}/later`).getSession())?.user.data).toMatchObject({
    theme: 'dark',
  })
  await auth.reauthenticate().catch(() => null)
  expect(scene.asked('GET', '/reauthenticate')).toHaveLength(1)
})

test.each(FLAVORS)('%s: whoever is signed out is told so, without a request', async (flavor) => {
  const scene = setUp(flavor)
  const auth = scene.create()
  const calls: ((client: Client) => Promise<unknown>)[] = [
    (client) => client.getUser(),
    (client) => client.updateUser({ data: {} }),
    (client) => client.reauthenticate(),
  ]
  for (const call of calls) expect(await codeOf(call(auth))).toBe('no_session')
  expect(await auth.getAccessToken()).toBe(null)
  expect(asked(scene)).toEqual([])
})

test('fork2022: what it does not have is refused before anything is asked', async () => {
  const scene = setUp('fork2022')
  const auth = await scene.signUp()
  const before = asked(scene)
  const calls = [
    auth.signInAnonymously(),
    auth.resend({ type: 'signup', email }),
    auth.unlinkIdentity('x'),
    auth.linkIdentity('github'),
    auth.verifyOtp({ type: 'email', tokenHash: 'x' }),
    auth.signOut({ scope: 'others' }),
  ]
  for (const call of calls) expect(await codeOf(call)).toBe('unsupported')
  expect(asked(scene)).toEqual(before)
  expect(auth.session.value.status).toBe('authenticated')
})

test('current: anonymous first, and somebody later', async () => {
  const scene = setUp('current')
  const auth = scene.create()
  const session = await auth.signInAnonymously({ data: { cart: 3 } })
  expect(session).toMatchObject({ user: { email: null, data: { cart: 3 } }, kind: 'signIn' })
})

test.each(FLAVORS)('%s: an ID token that another library brought', async (flavor) => {
  const scene = setUp(flavor, { knobs: { providers: ['google'] } })
  const idToken = await scene.server.idToken()
  const session = await scene.create().signInWithIdToken({ provider: 'google', idToken })
  expect(session.user.name).toBe('Ada Winter')
})

test('current: an identity is linked in a popup, and taken away again', async () => {
  const scene = setUp('current', { knobs: { manualLinking: true } })
  const auth = await scene.signUp()
  await auth.prepare()
  scene.server.knobs.person = { ...scene.server.knobs.person, email: 'other@winter.example' }
  const linking = auth.linkIdentity('github', { popup: true })
  const [popup] = scene.tab.popups
  while (popup!.urls.length === 0) await new Promise((go) => setImmediate(go))
  expect(popup!.urls[0]).toMatch(/^http:\/\/provider.test/)
  scene.create({}, popup!.land(await scene.visit(popup!.urls[0]!)))
  expect(await linking).toMatchObject({ user: { email } })
  const { identities } = auth.session.value.data!
  expect(identities.map(({ provider }) => provider)).toEqual(['email', 'github'])
  await auth.unlinkIdentity(identities[1]!.id)
  expect(auth.session.value.data?.identities).toHaveLength(1)
})

test('current: where linking is off, that is said, and the popup closes', async () => {
  const scene = setUp('current')
  const auth = await scene.signUp()
  expect(await codeOf(auth.linkIdentity('github', { popup: true }))).toBe('manual_linking_disabled')
  expect(scene.tab.popups[0]!.closed()).toBe(true)
  await auth.signOut()
  expect(await codeOf(auth.linkIdentity('github', { popup: true }))).toBe('no_session')
  expect(scene.tab.popups).toHaveLength(1)
})

test.each(FLAVORS)(
  '%s: the provider’s own tokens are apart, and go with the page',
  async (flavor) => {
    const scene = setUp(flavor)
    const auth = await scene.signIn()
    const tokens = await auth.getProviderTokens()
    expect(tokens?.accessToken).toBe('provider-token-of-483920')
    expect(scene.stored()).not.toContain('provider-token')
    expect(JSON.stringify(auth.session.value)).not.toContain('provider-token')
    expect(await scene.land(`${APP}/later`).getProviderTokens()).toBe(null)
    await auth.signOut()
    const keeping = await scene.signIn({ gotrue: { flavor, keepProviderTokens: true } })
    const later = scene.land(`${APP}/later`)
    expect(await later.getProviderTokens()).toEqual(await keeping.getProviderTokens())
  },
)
