import { afterAll, beforeAll, expect, test } from 'vitest'

import type { OpenIdProvider } from '../../demo/backends/openid.js'
import { APP, codeOf, forward, setUp, startProvider, type Scene } from './scene.js'

let provider: OpenIdProvider
beforeAll(async () => {
  provider = await startProvider()
})
afterAll(async () => provider.close())

const posts = ({ world }: Scene): number => world.network.count('POST /token')
const api = (): { oidc: { origins: string[] } } => ({ oidc: { origins: [provider.issuer] } })
const me = async (auth: { fetch: typeof fetch }): Promise<number> =>
  (await auth.fetch(`${provider.issuer}/me`)).status
/** Long enough that an access token has ended. */
const LONG = 300_001

/** The provider is told that this token is no longer good. */
async function revoke(token: string): Promise<void> {
  const body = new URLSearchParams({ token, client_id: 'web' })
  await fetch(`${provider.issuer}/token/revocation`, { method: 'POST', body })
}

test('a token that is good is not asked for again, one that has ended is', async () => {
  const scene = setUp(provider)
  const auth = await scene.signIn(api())
  const first = await auth.getAccessToken()
  expect(await auth.getAccessToken()).toBe(first)
  expect(posts(scene)).toBe(1)
  scene.world.clock.jump(LONG)
  const [second, again] = await Promise.all([auth.getAccessToken(), auth.getAccessToken()])
  expect(second).not.toBe(first)
  expect(again).toBe(second)
  expect(posts(scene)).toBe(2)
  for (let round = 0; round < 5; round += 1) {
    scene.world.clock.jump(LONG)
    await auth.getAccessToken()
  }
  expect(posts(scene)).toBe(7)
  expect(await me(auth)).toBe(200)
  expect(provider.revoked).toEqual([])
})

test('the session lasts as long as its tokens, and moves on with them', async () => {
  const scene = setUp(provider)
  const auth = await scene.signIn()
  const now = scene.world.clock.now()
  expect(auth.session.value.data?.expiresAt).toBe(now + 300_000)
  scene.world.clock.jump(250_000)
  const { data } = await auth.refetch({ fresh: true })
  expect(data?.expiresAt).toBe(now + 550_000)
  expect(data?.user.name).toBe('Ada Winter')
})

test('a refresh token that is no longer good ends the session, once', async () => {
  const scene = setUp(provider)
  const auth = await scene.signIn()
  const { refresh_token: refreshToken } = lastAnswer(scene)
  await revoke(refreshToken!)
  scene.world.clock.jump(LONG)
  expect(await auth.getAccessToken()).toBe(null)
  await scene.world.clock.advance(0)
  expect(auth.session.value).toMatchObject({
    status: 'unauthenticated',
    error: { code: 'session_expired' },
  })
  expect(await auth.getAccessToken()).toBe(null)
  expect(posts(scene)).toBe(2)
})

test('a provider that is down ends nothing', async () => {
  const scene = setUp(provider)
  const auth = await scene.signIn()
  let status = 503
  scene.world.network.respond(async (request, { body }) =>
    status === 200 ? forward(request, body) : new Response('<h1>', { status }),
  )
  scene.world.clock.jump(LONG)
  expect(await codeOf(auth.getAccessToken())).toBe('server_error')
  status = 404 // a proxy’s page
  scene.world.clock.jump(120_000)
  expect(await codeOf(auth.getAccessToken())).toBe('exchange_failed')
  expect(auth.session.value.status).toBe('authenticated')
  status = 200
  scene.world.clock.jump(120_000)
  expect(await auth.getAccessToken()).not.toBe(null)
})

test('`fetch` adds the token for its origins, and for no others', async () => {
  const scene = setUp(provider)
  const auth = await scene.signIn(api())
  expect(await me(auth)).toBe(200)
  const authorization = () => scene.world.network.requests.at(-1)!.headers.get('authorization')
  expect(authorization()).toBe(`Bearer ${await auth.getAccessToken()}`)
  scene.world.network.respond(() => new Response('public'))
  for (const url of ['https://cdn.test/', 'http://127.0.0.1.evil.test/', 'http://127.0.0.1:1/']) {
    await auth.fetch(new Request(url, { headers: { 'x-own': 'kept' } }))
    expect(authorization()).toBe(null)
    expect(scene.world.network.requests.at(-1)!.headers.get('x-own')).toBe('kept')
  }
  await auth.signOut()
  await auth.fetch(`${provider.issuer}/me`)
  expect(authorization()).toBe(null)
})

test('`fetch` takes a new token after a 401, and sends the same once more', async () => {
  const scene = setUp(provider)
  const auth = await scene.signIn({ oidc: { origins: ['https://api.test'] } })
  const spent = `Bearer ${await auth.getAccessToken()}`
  const seen: string[] = []
  scene.world.network.respond(async (request, { body }) => {
    const { method, url, headers } = request
    if (!url.startsWith('https://api.test')) return forward(request, body)
    seen.push(`${method} ${headers.get('x-own')} ${body}`)
    return new Response('', { status: headers.get('authorization') === spent ? 401 : 201 })
  })
  const init = { method: 'PUT', body: 'all of it', headers: { 'x-own': 'kept' } }
  expect((await auth.fetch('https://api.test/things', init)).status).toBe(201)
  expect(seen).toEqual(['PUT kept all of it', 'PUT kept all of it'])
  expect(posts(scene)).toBe(2)
})

test('a 401 that a new token does not help is the answer', async () => {
  const scene = setUp(provider)
  const auth = await scene.signIn({ oidc: { origins: ['https://api.test'] } })
  let asked = 0
  scene.world.network.respond(async (request, { body }) => {
    if (!request.url.startsWith('https://api.test')) return forward(request, body)
    asked += 1
    return new Response('no', { status: 401 })
  })
  const before = posts(scene)
  const response = await auth.fetch('https://api.test/things')
  expect(response.status).toBe(401)
  expect(asked).toBe(2)
  expect(posts(scene)).toBe(before + 1)
  expect(auth.session.value.status).toBe('authenticated')
})

test('`local`: the next page is signed in, without asking anybody', async () => {
  const scene = setUp(provider)
  const first = await scene.signIn({ storage: 'local' })
  const before = scene.world.network.requests.length
  const auth = scene.land(`${APP}/later`, { storage: 'local' })
  expect((await auth.getSession())?.user.id).toBe('ada')
  expect(await auth.getAccessToken()).toBe(await first.getAccessToken())
  expect(scene.world.network.requests).toHaveLength(before)
})

test('`local`, offline: a token that is still good is at hand, without a request', async () => {
  const scene = setUp(provider)
  await scene.signIn({ storage: 'local', ...api() })
  scene.tab.load(`${APP}/later`)
  scene.tab.page.connect(false)
  const auth = scene.create({ storage: 'local', oidc: { userinfo: true, ...api().oidc } })
  const before = scene.world.network.requests.length
  expect(await auth.getAccessToken()).not.toBe(null)
  expect(scene.world.network.requests).toHaveLength(before)
  // Nor does it wait for an answer that does not come.
  scene.tab.page.connect(true)
  scene.world.network.respond(scene.world.network.hang)
  auth.session.listen(() => {})
  await scene.world.clock.advance(0)
  expect(await auth.getAccessToken()).not.toBe(null)
  expect(auth.session.value.status).toBe('pending')
})

test('`memory`: the next page is signed out, without loading anything for that', async () => {
  const scene = setUp(provider)
  await scene.signIn()
  const before = scene.world.network.requests.length
  const auth = scene.land(`${APP}/later`)
  expect(await auth.getSession()).toBe(null)
  expect(scene.world.network.requests).toHaveLength(before)
})

test.each([-2, 2])(
  'a clock that is %s hours off signs in, and refreshes no more often',
  async (hours) => {
    const scene = setUp(provider)
    scene.world.clock.jump(hours * 3_600_000)
    // The tests share their machine's clock with the provider, so its times are moved instead.
    scene.world.network.respond(async ({ method, url, headers }, { body }) => {
      const response = await fetch(url, { method, headers, ...(body && { body }) })
      if (!url.endsWith('/token')) return response
      const answer = (await response.json()) as { id_token: string }
      const [header, payload, signature] = answer.id_token.split('.')
      const claims = JSON.parse(Buffer.from(payload!, 'base64url').toString()) as Record<
        string,
        number
      >
      for (const time of ['iat', 'exp']) claims[time]! -= hours * 3600
      const moved = Buffer.from(JSON.stringify(claims)).toString('base64url')
      return Response.json({ ...answer, id_token: [header, moved, signature].join('.') })
    })
    const auth = await scene.signIn()
    await auth.getAccessToken()
    await auth.getAccessToken()
    expect(posts(scene)).toBe(1)
  },
)

/** What the token endpoint said last, as this browser saw it. */
function lastAnswer(scene: Scene): { refresh_token?: string } {
  const refresh = scene.tokens().filter((token) => !token.includes('.'))
  return { refresh_token: refresh.at(-1)! }
}
