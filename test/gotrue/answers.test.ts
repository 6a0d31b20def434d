import { expect, test } from 'vitest'

import { json } from '../aura-server.js'
import { ACCOUNT, APP, codeOf, FLAVORS, inTime, setUp, type Scene } from './scene.js'

const REFRESH = 'POST /token?grant_type=refresh_token'

/** From now on answers of that path are changed on their way to the page. */
function rewrite({ world, server }: Scene, path: string, change: (body: object) => unknown): void {
  world.network.respond(async (request) => {
    const headers = new Headers(request.headers)
    headers.set('origin', APP)
    const response = await server.handler(new Request(request, { headers }))
    if (new URL(request.url).pathname !== path || !response.ok) return response
    return json(change((await response.json()) as object))
  })
}

/** What a database says of users who were not made by GoTrue itself. */
const BARE = { user_metadata: null, app_metadata: null, identities: null, email: '', phone: '' }

test.each(FLAVORS)('%s: a user of whom next to nothing is known signs in', async (flavor) => {
  const scene = setUp(flavor)
  rewrite(scene, '/signup', ({ user, ...rest }: { user?: object }) => ({
    ...rest,
    user: { ...user, ...BARE },
  }))
  const auth = await scene.signUp()
  expect(auth.session.value.data).toMatchObject({
    user: { name: null, email: null, image: null, phone: null, data: {} },
    identities: [],
  })
})

test.each([
  ...FLAVORS.map((flavor) => [flavor, null] as const),
  ['current', undefined],
  ['current', {}],
] as const)('%s: what a refresh says of the user (%o) costs no session', async (flavor, user) => {
  const scene = setUp(flavor)
  const auth = await scene.signUp()
  rewrite(scene, '/token', (body) => ({
    ...body,
    user: user === null ? { ...(body as { user: object }).user, ...BARE } : user,
  }))
  for (const round of [1, 2]) {
    scene.world.clock.jump(3_600_000)
    expect(await inTime(scene, auth.getAccessToken())).toEqual(expect.any(String))
    expect(scene.refreshes()).toBe(round)
  }
  expect((await auth.getSession())?.user.id).toEqual(expect.any(String))
})

const NO_WORD = [
  { status: 404, body: { message: 'User not found' } },
  { status: 404, body: '404 page not found' },
  { status: 403, body: '<h1>Forbidden</h1>' },
  { status: 401, body: { message: 'No API key found in request' } },
  { status: 500, body: { code: 500, msg: 'User not found', error_id: 'x' } },
  { status: 502, body: { code: 'session_not_found', message: 'upstream' } },
  { status: 503, body: { error: 'invalid_grant' } },
  { status: 429, body: { error: 'invalid_grant' } },
] as const

test.each(FLAVORS.flatMap((flavor) => NO_WORD.map((fault) => [flavor, fault] as const)))(
  '%s: %o ends no session',
  async (flavor, fault) => {
    const scene = setUp(flavor)
    const auth = await scene.signUp()
    scene.server.knobs.faults.push({ on: 'GET /user', ...fault })
    expect(await codeOf(auth.getUser())).not.toBe('resolved')
    expect((await scene.another().getSession())?.user.email).toBe(ACCOUNT.email)
    scene.server.knobs.faults.push({ on: REFRESH, ...fault })
    scene.world.clock.jump(3_600_000)
    expect(await codeOf(inTime(scene, auth.getAccessToken()))).not.toBe('resolved')
    scene.world.clock.jump(60_000)
    expect(await inTime(scene, auth.getAccessToken())).toEqual(expect.any(String))
  },
)

test.each(FLAVORS)('%s: a page of somebody else’s is no settings', async (flavor) => {
  const scene = setUp(flavor)
  for (const body of ['<h1>Welcome to our Wi-Fi</h1>', ['x'], {}]) {
    scene.server.knobs.faults.push({ on: 'GET /settings', status: 200, body })
    const auth = scene.create({ gotrue: { flavor: undefined! } })
    expect(await codeOf(auth.settings())).toBe('invalid_response')
    expect(await auth.settings()).toHaveProperty('external')
  }
  expect((await scene.signIn({ gotrue: { flavor: undefined! } })).session.value.status).toBe(
    'authenticated',
  )
})

test.each(FLAVORS)(
  '%s: who asks about the user asks for no more tokens than others',
  async (flavor) => {
    const scene = setUp(flavor)
    const auth = await scene.signUp()
    scene.world.clock.jump(3_540_000 + 1_000)
    scene.server.knobs.faults.push({ on: REFRESH, status: 429, times: 100 })
    let answered = 0
    for (let second = 0; second < 20; second += 1) {
      void auth.getUser().then(() => (answered += 1))
      await scene.pass(1_000, 250)
    }
    expect(answered).toBeGreaterThan(15)
    expect(scene.asked('POST', '/token').length).toBeLessThanOrEqual(6)
  },
)

test('a storage that fails once costs one call', async () => {
  const scene = setUp('current')
  const map = new Map<string, string>()
  let fails = 1
  const storage = {
    getItem: async (key: string) => {
      if (fails-- > 0) throw new Error('The database is locked.')
      return map.get(key) ?? null
    },
    setItem: async (key: string, value: string) => void map.set(key, value),
    removeItem: async (key: string) => void map.delete(key),
  }
  const auth = scene.create({ storage })
  expect(await codeOf(auth.getAccessToken())).toBe('storage_unavailable')
  expect((await auth.signUp(ACCOUNT)).status).toBe('authenticated')
  expect((await scene.create({ storage }).getSession())?.user.email).toBe(ACCOUNT.email)
})
