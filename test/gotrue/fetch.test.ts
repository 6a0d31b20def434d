import { expect, test } from 'vitest'

import { json } from '../aura-server.js'
import { ACCOUNT, BACKEND, codeOf, FLAVORS, setUp, type Client, type Scene } from './scene.js'

const API = 'http://api.test'
const OWN = `${BACKEND}/rest/v1/rows`
const THEIRS = `${API}/rows`
const OTHERS = 'http://other.test/rows'

/** Where everybody answers what the app asks for, and a gateway's key goes with every request. */
async function atGateway(flavor: Scene['flavor']): Promise<{ scene: Scene; auth: Client }> {
  const scene = setUp(flavor)
  const answer = scene.world.network.fetch
  const fetch: typeof globalThis.fetch = async (input, init) => {
    const { origin, href } = new URL(input instanceof Request ? input.url : input)
    if (origin === BACKEND && !href.startsWith(OWN)) return answer(input, init)
    seen.push(new Request(input, init))
    return json([])
  }
  const headers = { apikey: 'anon', 'x-client': 'app', authorization: 'Bearer anon' }
  const options = { fetch, headers, gotrue: { flavor, origins: [BACKEND, API] } }
  scene.server.knobs.gateway = true
  return { scene, auth: scene.create(options) }
}
let seen: Request[] = []
const headersOf = (url: string): Record<string, string> => {
  const { headers } = seen.find((request) => request.url === url)!
  return Object.fromEntries(headers)
}

test.each(FLAVORS)(
  '%s: the app’s requests bring the gateway’s headers to the gateway, and to nobody else',
  async (flavor) => {
    for (const isSignedIn of [false, true]) {
      seen = []
      const { auth } = await atGateway(flavor)
      if (isSignedIn) await auth.signUp(ACCOUNT)
      const token = await auth.getAccessToken()
      expect(token === null).toBe(!isSignedIn)
      const init = { headers: { prefer: 'count=exact', 'x-client': 'this call' } }
      for (const url of [OWN, THEIRS, OTHERS]) await auth.fetch(url, init)
      const own = { prefer: 'count=exact', 'x-client': 'this call' }
      const bearer = isSignedIn ? { authorization: `Bearer ${token}` } : {}
      expect(headersOf(OWN)).toEqual({
        apikey: 'anon',
        authorization: 'Bearer anon',
        ...own,
        ...bearer,
      })
      expect(headersOf(THEIRS)).toEqual({ ...own, ...bearer })
      expect(headersOf(OTHERS)).toEqual(own)
    }
  },
)

test('what the app asks with is what is sent: method, body, credentials', async () => {
  seen = []
  const { auth } = await atGateway('current')
  await auth.signUp(ACCOUNT)
  const request = new Request(OWN, { method: 'POST', body: '{"a":1}', credentials: 'include' })
  await auth.fetch(request)
  expect(seen).toHaveLength(1)
  expect(seen[0]).toMatchObject({ method: 'POST', credentials: 'include', url: OWN })
  expect(await seen[0]!.text()).toBe('{"a":1}')
})

test.each([
  `${BACKEND}.evil.test/rows`,
  'http://gotrue.test:8080/rows',
  'https://gotrue.test/rows',
  'http://evil.test/?http://gotrue.test/',
  'http://gotrue.test@evil.test/',
])('%s is not the gateway', async (url) => {
  seen = []
  const { auth } = await atGateway('current')
  await auth.signUp(ACCOUNT)
  // With userinfo it is refused by `fetch` itself.
  const code = await codeOf(auth.fetch(url))
  expect(seen.map(({ headers }) => [...headers])).toEqual(code === 'resolved' ? [[]] : [])
})
