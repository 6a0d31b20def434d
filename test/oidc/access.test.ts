import { afterAll, beforeAll, expect, test } from 'vitest'

import type { OpenIdProvider } from '../../demo/backends/openid.js'
import { settle } from '../rig.js'
import { codeOf, forward, setUp, startProvider, type Client, type Scene } from './scene.js'

let provider: OpenIdProvider
beforeAll(async () => {
  provider = await startProvider()
})
afterAll(async () => provider.close())

const API = 'https://api.test'
/** Signed in, by an app whose API is {@link API}. */
async function start(headers = {}): Promise<Scene & { readonly auth: Client }> {
  const scene = setUp(provider)
  const auth = await scene.signIn({ storage: 'local', headers, oidc: { origins: [API] } })
  return { ...scene, auth }
}

test.each([
  ['HTTPS://API.TEST:443/x', true],
  ['https://api.test.evil.test/', false],
  ['https://api.test@evil.test/', false],
  ['https://api.test:444/', false],
  ['http://api.test/', false],
] as const)('the token goes to %s: %s', async (url, sent) => {
  const { world, auth } = await start()
  world.network.respond(() => new Response(''))
  await codeOf(auth.fetch(url))
  expect(world.network.requests.at(-1)!.headers.has('authorization')).toBe(sent)
})

test('headers for the backend go to the backend, and not to whom the app asks', async () => {
  const { world, auth } = await start({ 'x-key': 'of the backend' })
  expect(
    world.network.requests.find(({ url }) => url.endsWith('/token'))?.headers.get('x-key'),
  ).toBe('of the backend')
  world.network.respond(() => new Response(''))
  for (const url of [`${API}/`, 'https://cdn.test/']) {
    await auth.fetch(url, { headers: { 'x-own': 'kept' } })
    const { headers } = world.network.requests.at(-1)!
    expect([headers.get('x-key'), headers.get('x-own')]).toEqual([null, 'kept'])
  }
})

test.each([false, true])(
  'an abort is heard while a token is refreshed, also because it was refused: %s',
  async (refused) => {
    const { world, auth } = await start()
    const { hang } = world.network
    world.network.respond(({ url }) =>
      refused && url === `${API}/` ? new Response('', { status: 401 }) : hang(),
    )
    if (!refused) world.clock.jump(300_001)
    const controller = new AbortController()
    const asked = codeOf(auth.fetch(`${API}/`, { signal: controller.signal }))
    while (world.network.count('POST /token') === 1) await settle()
    controller.abort()
    expect(await asked).toBe('aborted')
  },
)

test('an API that wants no token at all costs one refresh, and not one for each request', async () => {
  const { world, auth } = await start()
  const { count } = world.network
  world.network.respond((request, { body }) =>
    request.url.startsWith(API) ? new Response('', { status: 401 }) : forward(request, body),
  )
  const before = count('POST /token')
  for (let i = 0; i < 5; i += 1) expect((await auth.fetch(`${API}/`)).status).toBe(401)
  expect(count('POST /token') - before).toBe(1)
  expect(count('GET /')).toBe(6)
  // The next token may be another matter.
  await world.clock.advance(300_001)
  for (let i = 0; i < 5; i += 1) expect((await auth.fetch(`${API}/`)).status).toBe(401)
  expect(count('POST /token') - before).toBe(3)
})

test('a streamed body is sent whole, also the second time', async () => {
  const { world, auth } = await start()
  let isFirst = true
  world.network.respond(async (request, { body }) => {
    if (!request.url.startsWith(API)) return forward(request, body)
    const answer = isFirst ? new Response('', { status: 401 }) : new Response(body)
    isFirst = false
    return answer
  })
  const init = { method: 'POST', body: new Blob(['all of it']).stream(), duplex: 'half' }
  expect(await (await auth.fetch(`${API}/`, init as RequestInit)).text()).toBe('all of it')
})
