import { describe, expect, it } from 'vitest'

import { createAuth, dribbble, isAuthError, type AuthOptions } from '../../src/server/index.js'
import { body, browser, world, SALT, SECRET } from './world.js'

const env = {
  AURA_AUTH_SECRET: SECRET,
  AURA_AUTH_SALT: SALT,
  AURA_AUTH_DRIBBBLE_CLIENT_ID: 'id',
  AURA_AUTH_DRIBBBLE_CLIENT_SECRET: 'secret',
}

const refusal = (options: Partial<AuthOptions>): string => {
  try {
    createAuth({ oauth: ['dribbble'], env, ...options })
  } catch (error) {
    if (isAuthError(error, 'invalid_config')) return error.message
    throw error
  }
  return 'none'
}

describe('the configuration', () => {
  it.each<[string, Partial<AuthOptions>, RegExp]>([
    ['no secret', { env: { ...env, AURA_AUTH_SECRET: undefined } }, /^AURA_AUTH_SECRET is not set/],
    ['an empty secret', { env: { ...env, AURA_AUTH_SECRET: '' } }, /openssl rand -base64 32$/],
    ['a short secret', { secret: 'x'.repeat(31) }, /SECRET is shorter than 32 bytes.*openssl rand/],
    ['no salt', { env: { ...env, AURA_AUTH_SALT: undefined } }, /^AURA_AUTH_SALT.*openssl rand/],
    ['a short salt', { salt: 'x' }, /^AURA_AUTH_SALT is shorter than 32 bytes/],
    [
      'no client id',
      { env: { ...env, AURA_AUTH_DRIBBBLE_CLIENT_ID: undefined } },
      /AURA_AUTH_DRIBBBLE_CLIENT_ID/,
    ],
    [
      'no client secret',
      { env: { ...env, AURA_AUTH_DRIBBBLE_CLIENT_SECRET: '' } },
      /AURA_AUTH_DRIBBBLE_CLIENT_SECRET/,
    ],
    ['an unknown provider', { oauth: ['dribble' as 'dribbble'] }, /"dribble".*dribbble, github/],
    ['a name every object has', { oauth: ['constructor' as 'dribbble'] }, /"constructor"/],
    ['two of one provider', { oauth: ['dribbble', dribbble()] }, /two providers/],
    ['an id that is a path', { oauth: [dribbble({ id: 'a/b' })] }, /letters, digits/],
    [
      'variables of a dashed id',
      { oauth: [dribbble({ id: 'my-app' })] },
      /AURA_AUTH_MY_APP_CLIENT_ID/,
    ],
    [
      'a token endpoint without TLS',
      { oauth: [dribbble({ token: { url: 'http://dribbble.com/oauth/token' } })] },
      /token\.url must be https/,
    ],
    ['a URL that is none', { oauth: [dribbble({ userinfo: { url: 'nope' } })] }, /userinfo\.url/],
    ['a wildcard origin', { trustedOrigins: ['*'] }, /trustedOrigins: "\*"/],
    ['a wildcard domain', { trustedOrigins: ['https://*'] }, /trustedOrigins/],
    ['a scheme of one’s own', { trustedOrigins: ['myapp://x'] }, /trustedOrigins/],
    ['an origin with a path', { trustedOrigins: ['https://x.com/app'] }, /trustedOrigins/],
    ['proxy headers that anyone may send', { trustedProxyHeaders: true }, /trustedOrigins or base/],
    ['a base URL with a path', { baseURL: 'https://x.com/app' }, /"https:\/\/x\.com"/],
    ['a base URL that is none', { baseURL: 'x.com' }, /baseURL/],
    ['a base path without a slash', { basePath: 'auth' }, /basePath/],
    ['a base path that climbs', { basePath: '/a/../b' }, /basePath/],
    ['a session without a life', { session: { maxAge: 0 } }, /maxAge/],
    ['a session that never ends', { session: { maxAge: Infinity } }, /maxAge/],
  ])('refuses %s at the start', (_, options, message) => {
    expect(refusal(options)).toMatch(message)
  })

  it('never puts a secret into its complaint', () => {
    expect(refusal({ secret: 'short-secret' })).not.toContain('short-secret')
  })

  it('allows a provider on this machine without TLS, or anywhere on request', () => {
    const url = 'http://127.0.0.1:4000/oauth/token'
    expect(refusal({ oauth: [dribbble({ token: { url } })] })).toBe('none')
    const oauth = [dribbble({ token: { url: 'http://intranet/token' } })]
    expect(refusal({ oauth, allowInsecureRequests: true })).toBe('none')
  })

  it('exchanges codes with a provider on this machine without TLS', async () => {
    const place = world({
      oauth: [
        dribbble({
          clientId: 'c',
          clientSecret: 's',
          token: { url: 'http://localhost:4000/oauth/token' },
        }),
      ],
    })
    expect((await browser(place).signInFully()).headers.get('location')).toBe('/dashboard')
    expect(place.provider.tokenRequests).toHaveLength(1)
  })

  it('reads trusted origins from the environment, which wins', async () => {
    const place = world({
      env: {
        ...env,
        AURA_AUTH_TRUSTED_ORIGINS: 'https://a.example, https://b.example\nhttps://*.c.example',
      },
      trustedOrigins: ['https://d.example'],
    })
    const user = browser(place)
    for (const [name, status] of [
      ['a', 302],
      ['b', 302],
      ['x.c', 302],
      ['d', 400],
    ] as const)
      expect((await user.signIn(`https://${name}.example/`)).response.status).toBe(status)
  })
})

describe('the public origin', () => {
  const callbackOf = (response: Response): string | null =>
    new URL(response.headers.get('location') ?? '').searchParams.get('redirect_uri')

  it('over https has cookies that no neighbour can plant', async () => {
    const user = browser(world({ origin: 'https://example.com' }))
    const { response, state } = await user.signIn()
    expect(callbackOf(response)).toBe('https://example.com/auth/callback/dribbble')
    const [attempt] = user.attempts()
    expect(attempt).toMatch(/^__Host-aura-auth\.attempt\./)
    expect(user.cookies.get(attempt!)?.attributes).toBe(
      'Path=/; Max-Age=3600; HttpOnly; SameSite=Lax; Secure',
    )
    await user.comeBack({ state })
    expect(
      Object.fromEntries([...user.cookies].map(([name, { attributes }]) => [name, attributes])),
    ).toEqual({
      '__Secure-aura-auth.session_token': 'Path=/; Max-Age=1296000; HttpOnly; SameSite=Lax; Secure',
      '__Host-aura-auth.csrf_token': 'Path=/; Max-Age=1296000; HttpOnly; SameSite=Strict; Secure',
    })
    const plain = user.cookies.get('__Secure-aura-auth.session_token')!.value
    const cookie = `aura-auth.session_token=${plain}`
    expect((await user.send('/auth/session', { headers: { cookie } })).status).toBe(401)
  })

  it.each([
    ['baseURL', { baseURL: 'https://example.com' }],
    ['a baseURL with the base path', { baseURL: 'https://example.com/auth/' }],
    ['AURA_AUTH_BASE_URL', { env: { ...env, AURA_AUTH_BASE_URL: 'https://example.com' } }],
  ])('is what %s says behind a proxy', async (_, options) => {
    const user = browser(world({ origin: 'http://10.0.0.7:3000', ...options }))
    const { response } = await user.signIn('https://example.com/home')
    expect(callbackOf(response)).toBe('https://example.com/auth/callback/dribbble')
    expect(user.attempts()[0]).toMatch(/^__Host-/)
    const from = { headers: { 'x-forwarded-host': 'evil.com', 'x-forwarded-proto': 'http' } }
    expect(callbackOf(await user.send('/auth/signIn/dribbble', from))).toMatch(/^https:\/\/example/)
  })

  it('ignores proxy headers unless told to trust them', async () => {
    const headers = { 'x-forwarded-host': 'evil.com', 'x-forwarded-proto': 'https' }
    const response = await browser(world()).send('/auth/signIn/dribbble', { headers })
    expect(callbackOf(response)).toBe('http://localhost:3000/auth/callback/dribbble')
  })

  it('is what trusted proxy headers say, if it is a trusted one', async () => {
    const place = world({
      origin: 'http://10.0.0.7:3000',
      trustedProxyHeaders: true,
      trustedOrigins: ['https://example.com'],
    })
    const user = browser(place)
    const start = (host: string, proto = 'https'): Promise<Response> =>
      user.send('/auth/signIn/dribbble?redirectTo=%2Fhome', {
        headers: { 'x-forwarded-host': host, 'x-forwarded-proto': proto },
      })
    expect(callbackOf(await start('example.com, 10.0.0.1'))).toBe(
      'https://example.com/auth/callback/dribbble',
    )
    expect(user.attempts()[0]).toMatch(/^__Host-/)
    for (const [host, proto] of [
      ['evil.com', 'https'],
      ['example.com', 'http'],
      ['example.com@evil.com', 'https'],
      ['evil.com/', 'https'],
      ['*.com', 'https'],
    ] as const) {
      const response = await start(host, proto)
      expect(response.status).toBe(400)
      expect(await body(response)).toMatchObject({ code: 'INVALID_TRUSTED_ORIGIN' })
    }
    expect((await user.send('/auth/session')).status).toBe(400)
    expect(place.errors.every(({ code }) => code === 'untrusted_origin')).toBe(true)
  })
})
