import { describe, expect, it } from 'vitest'

import { createAuth, dribbble, isAuthError, type AuthOptions } from '../../src/server/index.js'
import { APP, REDIRECT, form, pages } from './pages.js'
import { body, SALT, SECRET } from './world.js'

const OWN = 'https://auth.example.com'
const type = (value: string): Record<string, string> => ({ 'content-type': value })

describe('who may use the bridge', () => {
  it.each<[string, string | null]>([
    ['another site', 'https://evil.com'],
    ['a sandboxed frame', 'null'],
    ['no page at all', null],
    ['a trusted origin whose redirect URI it is not', 'https://other.example.com'],
    ['this origin, whose redirect URI it is not', OWN],
    ['two origins', `${APP}, ${APP}`],
  ])('not %s', async (_, origin) => {
    const { post, provider } = pages({ trustedOrigins: [APP, 'https://other.example.com'] })
    const response = await post(form('c'), { origin })
    expect(response.status).toBe(403)
    expect(await body(response)).toMatchObject({ error: 'unauthorized_client' })
    expect(provider.tokenRequests).toHaveLength(0)
  })

  it('tells a foreign page nothing: not even whether it was right', async () => {
    const response = await pages().post(form('c'), { origin: 'https://evil.com' })
    expect([...response.headers.keys()].filter((name) => name.startsWith('access-'))).toEqual([])
  })

  it.each([
    `${REDIRECT}/`,
    `${REDIRECT}?a=1`,
    `${REDIRECT}#`,
    REDIRECT.toUpperCase(),
    `${APP}/callback%2ehtml`,
    `${APP}/`,
    'https://evil.com/callback.html',
    `${OWN}/auth/callback/dribbble`,
  ])('no code that belongs to %s', async (redirect_uri) => {
    const { exchange, provider } = pages()
    const response = await exchange({ redirect_uri })
    expect(response.status).toBe(400)
    expect(await body(response)).toMatchObject({ error: 'invalid_request' })
    expect(provider.tokenRequests).toHaveLength(0)
  })

  it('no page of a name that was rebound to this server', async () => {
    const { auth, provider } = pages()
    const origin = 'http://evil.com'
    const response = await auth.handlers.ALL(
      new Request(`${origin}/auth/bridge/dribbble/token`, {
        method: 'POST',
        headers: { origin },
        body: new URLSearchParams(form('c')),
      }),
    )
    expect(response.status).toBe(403)
    expect(provider.tokenRequests).toHaveLength(0)
  })

  it('no page whose redirect URI is listed, but whose origin is not trusted', async () => {
    const redirect_uri = 'https://former.example.com/cb'
    const { exchange, provider } = pages({ bridge: { dribbble: [redirect_uri] } })
    const response = await exchange({ redirect_uri }, { origin: new URL(redirect_uri).origin })
    expect(response.status).toBe(403)
    expect(await body(response)).toMatchObject({ error: 'unauthorized_client' })
    expect(provider.tokenRequests).toHaveLength(0)
  })

  it('lets a page of the app ask beforehand what it may send', async () => {
    const { auth } = pages()
    const headers = {
      origin: APP,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'content-type',
    }
    const url = `${OWN}/auth/bridge/dribbble/token`
    const response = await auth.handlers.ALL(new Request(url, { method: 'OPTIONS', headers }))
    expect(response.status).toBe(204)
    expect(response.headers.get('access-control-allow-headers')).toMatch(/content-type/i)
  })
})

describe('there is no bridge', () => {
  it.each<[string, Partial<AuthOptions>, string]>([
    ['unless it is configured', { bridge: {} }, 'dribbble/token'],
    ['for other providers', {}, 'github/token'],
    ['for names that every object has', {}, 'constructor/token'],
    ['to anything else', {}, 'dribbble/session'],
    ['below it', {}, 'dribbble/token/x'],
    ['without a provider', {}, 'token'],
  ])('%s', async (_, options, path) => {
    const { post, provider } = pages(options)
    const response = await post(form('c'), {}, `/auth/bridge/${path}`)
    expect(response.status).toBe(404)
    expect(await body(response)).toMatchObject({ error: 'not_found' })
    expect(provider.tokenRequests).toHaveLength(0)
  })

  it('for GET', async () => {
    const { auth } = pages()
    const url = `${OWN}/auth/bridge/dribbble/token?${new URLSearchParams(form('c'))}`
    expect((await auth.handlers.ALL(new Request(url, { headers: { origin: APP } }))).status).toBe(
      404,
    )
  })
})

describe('what is no token request', () => {
  const good = { code: 'c', redirectUri: REDIRECT }
  it.each<[string, string, Record<string, string>]>([
    ['nothing', '', type('application/x-www-form-urlencoded')],
    ['plain text', String(new URLSearchParams(form('c'))), type('text/plain')],
    ['a body of unknown type', JSON.stringify(good), {}],
    ['half a JSON', '{"code":"c"', type('application/json')],
    ['a list', JSON.stringify([good]), type('application/json')],
    ['a number for a code', JSON.stringify({ ...good, code: 1 }), type('application/json')],
    ['a list for a code', JSON.stringify({ ...good, code: ['c'] }), type('application/json')],
    ['no code', JSON.stringify({ redirectUri: REDIRECT }), type('application/json')],
    ['an empty code', JSON.stringify({ ...good, code: '' }), type('application/json')],
    ['no redirect URI', JSON.stringify({ code: 'c' }), type('application/json')],
    [
      'an inherited code',
      `{"__proto__":{"code":"c"},"redirectUri":"${REDIRECT}"}`,
      type('application/json'),
    ],
    [
      'two redirect URIs',
      JSON.stringify({ ...good, redirect_uri: `${APP}/x` }),
      type('application/json'),
    ],
    [
      'two codes',
      `${new URLSearchParams(form('c'))}&code=d`,
      type('application/x-www-form-urlencoded'),
    ],
    [
      'more than any code needs',
      String(new URLSearchParams(form('c'.repeat(17_000)))),
      type('application/x-www-form-urlencoded'),
    ],
    [
      'a secret, which no page may hold',
      String(new URLSearchParams({ ...form('c'), client_secret: 'whatever' })),
      type('application/x-www-form-urlencoded'),
    ],
  ])('%s', async (_, text, headers) => {
    const { post, provider, errors } = pages()
    const response = await post(text, { 'content-type': null, ...headers })
    expect(response.status).toBe(400)
    expect(await body(response)).toEqual({
      error: 'invalid_request',
      error_description: expect.any(String),
    })
    expect(response.headers.get('access-control-allow-origin')).toBe(APP)
    expect(provider.tokenRequests).toHaveLength(0)
    expect(errors).toEqual([])
  })

  it('one whose body never ends', async () => {
    const { auth, provider } = pages({ timeout: 10 })
    const init = {
      method: 'POST',
      headers: { origin: APP, ...type('application/json') },
      body: new ReadableStream(),
      duplex: 'half',
    } as RequestInit
    const url = `${OWN}/auth/bridge/dribbble/token`
    expect((await auth.handlers.ALL(new Request(url, init))).status).toBe(400)
    expect(provider.tokenRequests).toHaveLength(0)
  })

  it.each([
    ['grant_type', 'refresh_token', 400, 'unsupported_grant_type'],
    ['client_id', 'other', 401, 'invalid_client'],
  ])('one with %s=%s', async (name, value, status, error) => {
    const { exchange, provider } = pages()
    const response = await exchange({ [name]: value })
    expect(response.status).toBe(status)
    expect(await body(response)).toMatchObject({ error })
    expect(provider.tokenRequests).toHaveLength(0)
  })
})

describe('the bridge option', () => {
  const env = { AURA_AUTH_SECRET: SECRET, AURA_AUTH_SALT: SALT }
  const refusal = (bridge: unknown, options: Partial<AuthOptions> = {}): string => {
    try {
      createAuth({
        oauth: [dribbble({ clientId: 'client', clientSecret: 'secret' })],
        env: { ...env, AURA_AUTH_BASE_URL: OWN },
        trustedOrigins: [APP, 'http://localhost:5173'],
        bridge: bridge as NonNullable<AuthOptions['bridge']>,
        ...options,
      })
    } catch (error) {
      if (isAuthError(error, 'invalid_config')) return error.message
      throw error
    }
    return 'none'
  }

  it.each<[string, unknown, RegExp]>([
    ['an unknown provider', { github: [REDIRECT] }, /no provider "github"/],
    ['no redirect URI', { dribbble: [] }, /must list the redirect URIs/],
    ['one that is not in a list', { dribbble: REDIRECT }, /must list the redirect URIs/],
    ['a path', { dribbble: ['/callback.html'] }, /is not a URL/],
    ['a number', { dribbble: [1] }, /is not a URL/],
    ['plain http', { dribbble: ['http://app.example.com/cb'] }, /must be https/],
    ['a scheme of one’s own', { dribbble: ['myapp://cb'] }, /must be https/],
    ['a pattern', { dribbble: [`${APP}/*`] }, /must be exact/],
    ['a fragment', { dribbble: [`${REDIRECT}#`] }, /fragment/],
    ['a user name', { dribbble: ['https://me@app.example.com/cb'] }, /user name/],
    ['a callback of this server', { dribbble: [`${OWN}/auth/callback/x`] }, /route of this server/],
    ['an origin that may not call', { dribbble: ['https://x.com/cb'] }, /trustedOrigins/],
  ])('refuses %s at the start', (_, bridge, message) => {
    expect(refusal(bridge)).toMatch(message)
  })

  it.each([
    REDIRECT,
    `${OWN}/app.html`,
    `${OWN}/authors`,
    `${APP}/auth/callback/dribbble`,
    'http://localhost:5173/cb?x=1',
  ])('accepts %s', (redirectURI) => {
    expect(refusal({ dribbble: [redirectURI] })).toBe('none')
  })

  it('wants to know where this server is, before a path like its own may be a page', () => {
    const bridge = { dribbble: [`${APP}/auth/callback/dribbble`] }
    expect(refusal(bridge, { env })).toMatch(/baseURL/)
  })

  it('cannot know the origins of a server that is told its own by requests', () => {
    const bridge = { dribbble: ['https://any.example/cb'] }
    expect(refusal(bridge, { env })).toBe('none')
    expect(refusal(bridge, { trustedOrigins: () => [] })).toBe('none')
  })
})
