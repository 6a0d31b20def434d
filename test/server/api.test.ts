import { describe, expect, it, vi } from 'vitest'

import { createAuth } from '../../src/server/index.js'
import { browser, world, SALT, SECRET, type Browser, type World } from './world.js'

const env = {
  AURA_AUTH_SECRET: SECRET,
  AURA_AUTH_SALT: SALT,
  AURA_AUTH_DRIBBBLE_CLIENT_ID: 'id',
  AURA_AUTH_DRIBBBLE_CLIENT_SECRET: 'secret',
}

const cookieOf = (user: Browser): string =>
  [...user.cookies].map(([name, { value }]) => `${name}=${value}`).join('; ')

const signedIn = async (place: World): Promise<string> => {
  const user = browser(place)
  await user.signInFully()
  return cookieOf(user)
}

describe('the server code of an app', () => {
  it('works as written', async () => {
    for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value)
    const auth = createAuth({ oauth: ['dribbble'] })
    vi.unstubAllEnvs()
    const { handlers, api, jose } = auth
    expect(Object.keys(handlers)).toEqual(['GET', 'POST', 'PATCH', 'DELETE', 'ALL'])
    expect(Object.keys(jose)).toHaveLength(6)

    const location = async (): Promise<string | null> => {
      const response = await api.signIn('dribbble', {
        redirectTo: 'http://localhost:3000/dashboard',
      })
      return response.headers.get('Location')
    }
    expect(await location()).toBe(
      '/auth/signIn/dribbble?redirectTo=http%3A%2F%2Flocalhost%3A3000%2Fdashboard',
    )
    const request = new Request('http://localhost:3000/dashboard')
    const session = await api.getSession(request)
    expect(session?.user).toBeUndefined()
  })
})

describe('api.signIn', () => {
  it('leads through this server, which sets the cookies', async () => {
    const place = world()
    const response = await place.auth.api.signIn('dribbble', {
      redirectTo: '/dashboard',
      request: new Request('http://localhost:3000/login'),
    })
    expect(response.signInURL).toBe(
      'http://localhost:3000/auth/signIn/dribbble?redirectTo=%2Fdashboard',
    )
    expect(response.headers.get('location')).toBe(response.signInURL)
    expect(response.toResponse().status).toBe(302)
    const user = browser(place)
    const start = await user.send(response.signInURL.replace(place.origin, ''))
    expect(new URL(start.headers.get('location') ?? '').hostname).toBe('dribbble.com')
    expect(user.attempts()).toHaveLength(1)
  })

  it('takes its origin from the configuration, never from redirectTo', async () => {
    const { api } = world({ baseURL: 'https://auth.example.com' }).auth
    const response = await api.signIn('dribbble', { redirectTo: 'https://evil.com' })
    expect(new URL(response.signInURL).origin).toBe('https://auth.example.com')
    expect((await api.signIn('dribbble')).signInURL).toBe(
      'https://auth.example.com/auth/signIn/dribbble',
    )
  })

  it('takes it from trusted proxy headers', async () => {
    const { api } = world({
      trustedProxyHeaders: true,
      trustedOrigins: ['https://example.com'],
    }).auth
    const headers = { 'x-forwarded-host': 'example.com', 'X-Forwarded-Proto': 'https' }
    expect((await api.signIn('dribbble', { headers })).signInURL).toMatch(/^https:\/\/example\.com/)
    await expect(
      api.signIn('dribbble', { headers: { ...headers, 'x-forwarded-host': 'evil.com' } }),
    ).rejects.toMatchObject({ code: 'untrusted_origin' })
  })

  it('rejects an unknown provider', async () => {
    await expect(world().auth.api.signIn('nope')).rejects.toMatchObject({
      code: 'unknown_provider',
    })
  })
})

describe('api.getSession', () => {
  it.each(['http://localhost:3000', 'https://example.com'])(
    'finds the cookie of %s in anything with headers',
    async (origin) => {
      const place = world({ origin })
      const cookie = await signedIn(place)
      const { api } = place.auth
      const expected = {
        user: { sub: '1', name: 'Dan Cederholm', email: null, image: 'https://cdn.example/dc.jpg' },
        expires: '2026-01-16T00:00:00.000Z',
      }
      const headers = new Headers({ cookie })
      const sources = [
        new Request('http://10.0.0.7/page', { headers }),
        headers,
        { headers },
        { Cookie: cookie },
        { headers: { cookie, 'set-cookie': ['x'] } },
      ]
      for (const source of sources) expect(await api.getSession(source)).toEqual(expected)
      expect(await api.getSession({})).toBeNull()
      expect(await api.getSession({ headers: {} })).toBeNull()
    },
  )

  it('says null once the session is over', async () => {
    const place = world()
    const headers = { cookie: await signedIn(place) }
    place.clock.now += 15 * 86_400_000
    expect(await place.auth.api.getSession({ headers })).toBeNull()
  })

  it('does not take an unprefixed cookie where the server is known to be https', async () => {
    const cookie = await signedIn(world())
    const { api } = world({ baseURL: 'https://example.com' }).auth
    expect(await api.getSession({ headers: { cookie } })).toBeNull()
  })
})

it('api.signOut ends the session by the headers it returns', async () => {
  const { headers } = await world().auth.api.signOut({
    request: new Request('https://example.com/bye'),
  })
  expect(headers.getSetCookie()).toEqual([
    '__Secure-aura-auth.session_token=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax; Secure',
    '__Host-aura-auth.csrf_token=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict; Secure',
  ])
})

describe('jose', () => {
  it.each([
    ['signJWS', 'verifyJWS', 3],
    ['encryptJWE', 'decryptJWE', 5],
    ['encodeJWT', 'decodeJWT', 5],
  ] as const)('%s and %s belong together', async (write, read, parts) => {
    const place = world({ session: { maxAge: 60 } })
    const { jose } = place.auth
    const token = await jose[write]({ role: 'admin', sub: '1' })
    expect(token.split('.')).toHaveLength(parts)
    expect(await jose[read](token)).toMatchObject({ role: 'admin', sub: '1' })
    const wrong = { code: 'invalid_token' }
    await expect(world({ secret: 'x'.repeat(32) }).auth.jose[read](token)).rejects.toMatchObject(
      wrong,
    )
    await expect(jose[read](`${token.slice(0, -4)}AAAA`)).rejects.toMatchObject(wrong)
    await expect(jose[read]('')).rejects.toMatchObject(wrong)
    place.clock.now += 60_000
    await expect(jose[read](token)).rejects.toMatchObject(wrong)
  })

  it('makes no session and opens no cookie', async () => {
    const place = world()
    const { jose, api } = place.auth
    const claims = { user: { sub: '1' }, exp: 4102444800, mexp: null }
    for (const value of [await jose.encryptJWE(claims), await jose.encodeJWT(claims)])
      expect(
        await api.getSession({ headers: { cookie: `aura-auth.session_token=${value}` } }),
      ).toBeNull()
    const user = browser(place)
    await user.signInFully()
    for (const { value } of user.cookies.values())
      for (const read of ['verifyJWS', 'decryptJWE', 'decodeJWT'] as const)
        await expect(jose[read](value)).rejects.toMatchObject({ code: 'invalid_token' })
  })
})
