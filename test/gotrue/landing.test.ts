import { expect, test } from 'vitest'

import { ACCOUNT, APP, BACKEND, codeOf, FLAVORS, setUp, type Scene } from './scene.js'

const address = ({ tab }: Scene): string => tab.page.location.href

/** What a sign-in of somebody else has brought: tokens that work. */
async function tokensOf({ server }: Scene, email: string): Promise<Record<string, string>> {
  const response = await server.handler(
    new Request(`${BACKEND}/signup`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ email, password: ACCOUNT.password }),
    }),
  )
  const { access_token, refresh_token } = (await response.json()) as Record<string, string>
  const known = { access_token: access_token!, expires_in: '3600', refresh_token: refresh_token! }
  return { ...known, token_type: 'bearer' }
}

const fragment = (params: Record<string, string>): string => `#${new URLSearchParams(params)}`

test.each(FLAVORS)(
  '%s: tokens that somebody else put into a link sign nobody in',
  async (flavor) => {
    const scene = setUp(flavor)
    const forged = fragment(await tokensOf(scene, 'mallory@evil.example'))
    const auth = scene.land(`${APP}/projects${forged}`)
    const code = flavor === 'current' ? 'flow_mismatch' : 'state_unknown'
    expect(await codeOf(auth.completeSignIn())).toBe(code)
    expect(auth.session.value.data).toBe(null)
    expect(address(scene)).toBe(`${APP}/projects`)
    expect(scene.world.network.requests).toHaveLength(0)
  },
)

test('current: nor do they while a sign-in is under way, or as a link from a mail', async () => {
  const scene = setUp('current')
  const auth = scene.create()
  await auth.prepare()
  await scene.leave(auth, '/cb')
  const tokens = await tokensOf(scene, 'mallory@evil.example')
  for (const forged of [tokens, { ...tokens, type: 'magiclink' }]) {
    const back = scene.land(`${APP}/cb${fragment(forged)}`)
    expect(await codeOf(back.completeSignIn())).toBe('flow_mismatch')
  }
  expect(scene.asked('GET', '/user')).toHaveLength(0)
})

test.each(FLAVORS)(
  '%s: a link never takes the place of somebody else’s session',
  async (flavor) => {
    const scene = setUp(flavor)
    const options = { gotrue: { mailLinks: 'implicit' as const } }
    await scene.signUp(options)
    const tokens = await tokensOf(scene, 'mallory@evil.example')
    const auth = scene.land(`${APP}/${fragment({ ...tokens, type: 'magiclink' })}`, options)
    expect(await codeOf(auth.completeSignIn())).toBe('session_conflict')
    expect((await auth.getSession())?.user.email).toBe(ACCOUNT.email)
    await auth.signOut()
    const again = scene.land(`${APP}/${fragment({ ...tokens, type: 'magiclink' })}`, options)
    expect((await again.completeSignIn())?.session.kind).toBe('magiclink')
  },
)

test('current: a code that nobody here waits for is not tried', async () => {
  const scene = setUp('current')
  const auth = await scene.signUp()
  const back = scene.land(`${APP}/cb?code=${crypto.randomUUID()}`)
  expect(await codeOf(back.completeSignIn())).toBe('pkce_verifier_missing')
  expect(address(scene)).toBe(`${APP}/cb`)
  expect(scene.asked('POST', '/token', 'pkce')).toHaveLength(0)
  expect((await back.getSession())?.user.id).toBe(auth.session.value.data?.user.id)
})

test.each([
  'code=foreign',
  'code=4/0AX4XfWh',
  'code=3f0b2d6e-8f6b-4b55-9f0c-1a2b3c4d5e6f&state=theirs',
  'error=access_denied',
])('current: ?%s of another integration stays where it is, and the sign-in too', async (query) => {
  const scene = setUp('current')
  const auth = scene.create()
  await auth.prepare()
  const landing = await scene.visit(await scene.leave(auth, '/cb'))
  const other = scene.land(`${APP}/integrations?${query}`)
  expect(await other.completeSignIn()).toBe(null)
  expect(address(scene)).toBe(`${APP}/integrations?${query}`)
  const back = scene.land(landing)
  expect((await back.completeSignIn())?.session.kind).toBe('signIn')
  expect(scene.asked('POST', '/token', 'pkce')).toHaveLength(1)
})

test('current: a landing that is loaded again is read once', async () => {
  const scene = setUp('current')
  const auth = scene.create()
  await auth.prepare()
  const landing = await scene.visit(await scene.leave(auth, '/cb'))
  const both = [scene.land(landing), scene.create()]
  for (const one of both) expect((await one.completeSignIn())?.session.kind).toBe('signIn')
  const later = scene.land(landing)
  expect((await later.completeSignIn())?.session.kind).toBe('signIn')
  expect(scene.asked('POST', '/token', 'pkce')).toHaveLength(1)
})

test.each([
  ['current', '/cb?x=1&code=CODE#/route', '/cb?x=1#/route'],
  ['current', '/cb?code=CODE&x=1', '/cb?x=1'],
  ['fork2022', '/#/login#TOKENS', '/#/login'],
  ['fork2022', '/cb?x=1#TOKENS', '/cb?x=1'],
] as const)('%s: of %s what is the page’s stays', async (flavor, path, left) => {
  const scene = setUp(flavor)
  const auth = scene.create()
  await auth.prepare()
  const landing = new URL(await scene.visit(await scene.leave(auth, left)))
  const code = landing.searchParams.get('code') ?? ''
  const back = scene.land(
    APP + path.replace('CODE', code).replace('#TOKENS', `#${landing.href.split('#').at(-1)}`),
  )
  expect((await back.completeSignIn())?.session.user.name).toBe('Ada Winter')
  expect(address(scene)).toBe(APP + left)
})

test.each(FLAVORS)('%s: astray at the root, a sign-in completes and goes on', async (flavor) => {
  const scene = setUp(flavor)
  const auth = scene.create()
  await auth.prepare()
  const landing = new URL(await scene.visit(await scene.leave(auth, '/deep/page')))
  const back = scene.land(`${APP}/${landing.search}${landing.hash}`)
  expect((await back.completeSignIn())?.redirectTo).toBe(`${APP}/deep/page`)
  expect(scene.events).toEqual([
    { type: 'redirect_mismatch', wanted: `${APP}/deep/page`, landed: `${APP}/` },
  ])
  expect(scene.tab.navigations.at(-1)).toBe(`${APP}/deep/page`)
})

test('current: a state that is too old is told where the server sends it', async () => {
  const scene = setUp('current')
  const auth = scene.create()
  await auth.prepare()
  const start = await scene.leave(auth, '/cb')
  const back = scene.land(
    `${APP}/?error=invalid_request&error_code=bad_oauth_state&error_description=OAuth+state+has+expired`,
  )
  await expect(back.completeSignIn()).rejects.toMatchObject({
    code: 'bad_oauth_state',
    description: 'OAuth state has expired',
  })
  expect(address(scene)).toBe(`${APP}/`)
  const late = scene.land(await scene.visit(start))
  expect(await codeOf(late.completeSignIn())).toBe('pkce_verifier_missing')
})

const BROKEN = [
  ['/cb?x=1?error=access_denied&error_description=no', '/cb?x=1', 'access_denied', 'no'],
  ['/#/cb?error=access_denied&error_description=no', '/#/cb', 'access_denied', 'no'],
  [
    '/cb#error=unauthorized_client&error_code=401&error_description=Unverified+email+with+github',
    '/cb',
    'provider_email_needs_verification',
    'Unverified email with github',
  ],
  [
    '/cb#error_code=404&error_description=Confirmation+Token+not+found',
    '/cb',
    'otp_expired',
    'Confirmation Token not found',
  ],
  [
    '/cb#error=server_error&error_code=unexpected_failure&error_description=Unable+to+exchange+external+code%253A+abcd&sb=',
    '/cb',
    'unexpected_failure',
    'Unable to exchange external code: abcd',
  ],
  ['/cb?code=', '/cb', 'exchange_failed', undefined],
] as const

test.each(BROKEN)('%s is told, and taken out of the address', async (path, left, code, text) => {
  const scene = setUp('fork2022')
  const auth = scene.create()
  await auth.prepare()
  await scene.leave(auth, left)
  const back = scene.land(APP + path)
  const error: unknown = await back.completeSignIn().catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({ code, ...(text && { description: text }) })
  expect(address(scene)).toBe(APP + left)
  expect(scene.world.network.requests.filter(({ url }) => !url.endsWith('/settings'))).toEqual([])
  const reloaded = scene.land(address(scene))
  expect(await reloaded.completeSignIn()).toBe(null)
})

test('fork2022: an answer that never comes leaves a clean page behind', async () => {
  const scene = setUp('fork2022')
  const auth = scene.create()
  await auth.prepare()
  const landing = await scene.visit(await scene.leave(auth, '/cb'))
  scene.world.clock.jump(300_001)
  expect(await scene.land(`${APP}/cb`).completeSignIn()).toBe(null)
  expect(await codeOf(scene.land(landing).completeSignIn())).toBe('state_unknown')
})
