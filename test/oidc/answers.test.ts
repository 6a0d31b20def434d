import { afterAll, beforeAll, expect, test } from 'vitest'

import type { OpenIdProvider } from '../../demo/backends/openid.js'
import { APP, codeOf, forward, inTime, setUp, startProvider, type Scene } from './scene.js'

// Answers that are not what they should be end no session, and cost no refresh token.

let provider: OpenIdProvider
beforeAll(async () => {
  provider = await startProvider()
})
afterAll(async () => provider.close())

const LONG = 300_001
const LOCAL = { storage: 'local' } as const
const kept = ({ world }: Scene): number => world.local.of(APP).size
/** Instead of the provider’s own, for this path. */
function answer(scene: Scene, path: string, respond: (body: string) => Response): void {
  scene.world.network.respond(async (request, { body }) =>
    request.url.endsWith(path) ? respond(body) : forward(request, body),
  )
}

test.each<[string, () => Response]>([
  ['HTML, 400', () => new Response('<h1>Bad Request</h1>', { status: 400 })],
  ['HTML, 401', () => new Response('<h1>Proxy login</h1>', { status: 401 })],
  ['404', () => Response.json({ status: 404, error: 'Not Found' }, { status: 404 })],
  ['403', () => Response.json({ error: 'Forbidden' }, { status: 403 })],
  ['a server’s own error', () => Response.json({ error: 'server_error' }, { status: 400 })],
  ['an unknown client', () => Response.json({ error: 'invalid_client' }, { status: 401 })],
])('no word of the provider on a refresh token: %s', async (_, respond) => {
  const scene = setUp(provider)
  const auth = await scene.signIn(LOCAL)
  answer(scene, '/token', respond)
  scene.world.clock.jump(LONG)
  expect(await inTime(scene, codeOf(auth.getAccessToken()))).toMatch(/exchange_failed|_config/)
  expect(auth.session.value.status).toBe('authenticated')
  expect(kept(scene)).toBe(1)
  answer(scene, '/nothing', () => new Response())
  scene.world.clock.jump(60_000)
  expect(await auth.getAccessToken()).not.toBe(null)
})

test('what an app throws at a sign-in is its own bug, and no outage', async () => {
  const scene = setUp(provider)
  const toUser = (): never => {
    throw new TypeError('Cannot read properties of undefined')
  }
  const options = { ...LOCAL, oidc: { toUser } }
  const landing = await scene.user.visit(await scene.leave(options), APP)
  await expect(scene.land(landing, options).completeSignIn()).rejects.toMatchObject({
    code: 'unexpected',
    cause: expect.any(TypeError) as Error,
  })
})

test('a userinfo endpoint that refuses every token ends nothing', async () => {
  const scene = setUp(provider)
  const auth = await scene.signIn({ ...LOCAL, oidc: { userinfo: true } })
  answer(scene, '/me', () => Response.json({}, { status: 401 }))
  const { status, error } = await inTime(scene, auth.refetch({ fresh: true }))
  expect([status, error?.code, error?.status]).toEqual(['authenticated', 'userinfo_failed', 401])
  expect(await auth.getAccessToken()).not.toBe(null)
  expect(scene.world.network.count('POST /token')).toBe(2)
})

test('a userinfo endpoint that refuses the token of a sign-in signs nobody in', async () => {
  const scene = setUp(provider)
  const options = { ...LOCAL, oidc: { userinfo: true } }
  const landing = await scene.user.visit(await scene.leave(options), APP)
  answer(scene, '/me', () => Response.json({}, { status: 401 }))
  await expect(scene.land(landing, options).completeSignIn()).rejects.toMatchObject({
    code: 'userinfo_failed',
    status: 401,
  })
  expect(kept(scene)).toBe(0)
})

test('an access token goes nowhere without TLS, to a userinfo endpoint neither', async () => {
  const scene = setUp(provider)
  const options = { ...LOCAL, oidc: { userinfo: true } }
  scene.world.network.respond(async (request, { body }) => {
    if (request.url.startsWith('http://id.test/')) return Response.json({ sub: 'ada' })
    const response = await forward(request, body)
    if (!request.url.includes('.well-known')) return response
    const metadata = (await response.json()) as object
    return Response.json({ ...metadata, userinfo_endpoint: 'http://id.test/me' })
  })
  const landing = await scene.user.visit(await scene.leave(options), APP)
  expect(await codeOf(scene.land(landing, options).completeSignIn())).toBe('invalid_config')
  expect(scene.world.network.requests.some(({ url }) => url.startsWith('http://id.test'))).toBe(
    false,
  )
})

test('a provider that names the token it refuses puts it into no error of ours', async () => {
  const scene = setUp(provider)
  const auth = await scene.signIn(LOCAL)
  scene.world.clock.jump(LONG)
  let spent = ''
  answer(scene, '/token', (body) => {
    spent = new URLSearchParams(body).get('refresh_token')!
    const description = `cannot look up ${spent}`
    const error = { error: 'temporarily_unavailable', error_description: description }
    return Response.json(error, { status: 400 })
  })
  const error: unknown = await inTime(
    scene,
    auth.getAccessToken().catch((thrown) => thrown),
  )
  expect(spent).not.toBe('')
  expect(error).toMatchObject({ message: 'temporarily_unavailable: cannot look up …' })
})

test('back online, a token is asked for at once', async () => {
  const scene = setUp(provider)
  const auth = await scene.signIn(LOCAL)
  scene.world.clock.jump(LONG)
  answer(scene, '/token', () => {
    throw new TypeError('offline')
  })
  for (let failure = 0; failure < 8; failure += 1) {
    expect(await codeOf(auth.getAccessToken())).toBe('network')
    scene.world.clock.jump(5_000) // and never more seldom than that
  }
  expect(scene.world.network.count('POST /token')).toBe(9)
  expect(await codeOf(auth.getAccessToken())).toBe('network')
  answer(scene, '/nothing', () => new Response())
  scene.tab.page.connect(true)
  expect(await codeOf(inTime(scene, auth.getAccessToken()))).toBe('resolved')
})

test('asked to wait for a year, nobody waits for more than ten minutes', async () => {
  const scene = setUp(provider)
  const auth = await scene.signIn(LOCAL)
  scene.world.clock.jump(LONG)
  const headers = { 'retry-after': '31536000' }
  answer(scene, '/token', () => new Response('', { status: 503, headers }))
  expect(await codeOf(auth.getAccessToken())).toBe('server_error')
  scene.world.clock.jump(599_000)
  expect(await codeOf(auth.getAccessToken())).toBe('server_error')
  expect(scene.world.network.count('POST /token')).toBe(2)
  answer(scene, '/nothing', () => new Response())
  scene.world.clock.jump(1_000)
  expect(await codeOf(auth.getAccessToken())).toBe('resolved')
})

test.each([0, 1e7, 1e12])('`expires_in: %s` is no reason to ask over and over', async (seconds) => {
  const scene = setUp(provider)
  scene.world.network.respond(async (request, { body }) => {
    const response = await forward(request, body)
    if (!request.url.endsWith('/token')) return response
    return Response.json({ ...((await response.json()) as object), expires_in: seconds })
  })
  const landing = await scene.user.visit(await scene.leave(LOCAL), APP)
  const auth = scene.land(landing, LOCAL)
  await auth.completeSignIn()
  auth.session.listen(() => {})
  for (let minute = 0; minute < 10; minute += 1) await scene.world.clock.advance(60_000)
  expect(scene.world.network.count('POST /token')).toBe(1)
})
