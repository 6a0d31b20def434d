import { describe, expect, it } from 'vitest'

import { createAuth, dribbble, github } from '../../src/server/index.js'
import { CLIENT_SECRET, CODE, answer, dan, tokens } from './provider.js'
import { body, browser, landing, world } from './world.js'

describe('signing in', () => {
  it('goes to the provider with PKCE and a state, and remembers the attempt in one sealed cookie', async () => {
    const user = browser(world())
    const { response } = await user.signIn()
    expect(response.status).toBe(302)
    const url = new URL(response.headers.get('location') ?? '')
    expect(url.origin + url.pathname).toBe('https://dribbble.com/oauth/authorize')
    expect(Object.fromEntries(url.searchParams)).toEqual({
      response_type: 'code',
      client_id: 'client',
      redirect_uri: 'http://localhost:3000/auth/callback/dribbble',
      scope: 'public',
      state: expect.stringMatching(/^[\w-]{43}$/),
      code_challenge: expect.stringMatching(/^[\w-]{43}$/),
      code_challenge_method: 'S256',
    })
    expect(await body(response)).toEqual({ success: true, redirect: true, signInURL: url.href })
    const [name] = user.attempts()
    expect([...user.cookies.keys()]).toEqual([name])
    expect(name).toMatch(/^aura-auth\.attempt\.[0-9a-f]{32}$/)
    expect(user.cookies.get(name ?? '')?.attributes).toBe(
      'Path=/; Max-Age=3600; HttpOnly; SameSite=Lax',
    )
  })

  it('ends at redirectTo, signed in', async () => {
    const { provider, ...rest } = world()
    const user = browser({ provider, ...rest })
    const response = await user.signInFully()
    expect(response.status).toBe(302)
    expect(response.headers.get('location')).toBe('/dashboard')
    expect(await body(response)).toEqual({ oauth: 'dribbble' })
    expect(user.attempts()).toEqual([])
    expect([...user.cookies.keys()].sort()).toEqual([
      'aura-auth.csrf_token',
      'aura-auth.session_token',
    ])
    expect(user.cookies.get('aura-auth.session_token')?.attributes).toBe(
      'Path=/; Max-Age=1296000; HttpOnly; SameSite=Lax',
    )
    expect(user.cookies.get('aura-auth.csrf_token')?.attributes).toBe(
      'Path=/; Max-Age=1296000; HttpOnly; SameSite=Strict',
    )
    expect(await body(await user.send('/auth/session'))).toEqual({
      success: true,
      session: {
        user: { sub: '1', name: dan.name, email: null, image: dan.avatar_url },
        expires: '2026-01-16T00:00:00.000Z',
      },
    })

    expect(provider.tokenRequests).toHaveLength(1)
    const { form, headers } = provider.tokenRequests[0]!
    expect(Object.fromEntries(form)).toEqual({
      grant_type: 'authorization_code',
      code: CODE,
      redirect_uri: 'http://localhost:3000/auth/callback/dribbble',
      client_id: 'client',
      client_secret: CLIENT_SECRET,
      code_verifier: expect.stringMatching(/^[\w-]{43}$/),
    })
    expect(headers.has('authorization')).toBe(false)
    // The secret and the token go to the configured addresses and to no other.
    expect(provider.tokenRequests[0]!.redirect).toBe('manual')
    expect(provider.userinfoRequests[0]!.redirect).toBe('manual')
    expect(provider.userinfoRequests).toHaveLength(1)
    expect(provider.userinfoRequests[0]!.headers.get('authorization')).toMatch(/^Bearer /)
    expect(provider.userinfoRequests[0]!.url).toBe('https://api.dribbble.com/v2/user')
  })

  it('marks every answer as private to this exchange', async () => {
    const user = browser(world())
    const { response, state } = await user.signIn()
    const responses = [
      response,
      await user.comeBack({ state }),
      await user.send('/auth/session'),
      await user.send('/auth/csrfToken'),
      await user.send('/auth/nowhere'),
      await user.comeBack({ state: 'forged' }),
    ]
    for (const { headers } of responses) {
      expect(headers.get('cache-control')).toBe('no-store')
      expect(headers.get('referrer-policy')).toBe('no-referrer')
      expect(headers.get('x-content-type-options')).toBe('nosniff')
      expect(headers.get('vary')).toContain('Origin')
    }
  })

  it.each([
    ['access_denied', 'The resource owner or authorization server denied the request.'],
    ['application_suspended', 'Your application has been suspended.'],
    ['invalid_redirect_uri', 'The redirect uri included is not valid.'],
  ])('brings %s back to redirectTo in the provider’s own words', async (error, description) => {
    const { provider, ...rest } = world()
    const user = browser({ provider, ...rest })
    const { state } = await user.signIn('/work?tab=2&q=a%20b#top')
    const response = await user.comeBack({ error, error_description: description, state })
    const { to } = landing(response)
    expect(landing(response)).toMatchObject({ error, description })
    expect(to).toMatch(/^\/work\?tab=2&q=a%20b&error=.*#top$/)
    expect(user.cookies.size).toBe(0)
    expect(provider.tokenRequests).toHaveLength(0)
  })

  it('lets an error win over a code that comes with it', async () => {
    const { provider, ...rest } = world()
    const user = browser({ provider, ...rest })
    const { state } = await user.signIn()
    const response = await user.send(
      `/auth/callback/dribbble?code=${CODE}&error=access_denied&state=${state}`,
    )
    expect(landing(response).error).toBe('access_denied')
    expect(provider.tokenRequests).toHaveLength(0)
  })

  it('reports a denial to nobody, and a suspended application to the operator', async () => {
    const place = world()
    const user = browser(place)
    await user.comeBack({ error: 'access_denied', state: (await user.signIn()).state })
    expect(place.errors).toEqual([])
    await user.comeBack({ error: 'application_suspended', state: (await user.signIn()).state })
    expect(place.errors).toMatchObject([{ code: 'application_suspended', source: 'provider' }])
  })

  it('does not carry the last failure into the next attempt', async () => {
    const user = browser(world())
    const { state } = await user.signIn('/dashboard?error=access_denied&a=1&error_description=x')
    expect((await user.comeBack({ state })).headers.get('location')).toBe('/dashboard?a=1')
  })

  it('says so when the provider sends neither a code nor an error', async () => {
    const user = browser(world())
    const { state } = await user.signIn()
    const response = await user.send(`/auth/callback/dribbble?state=${state}`)
    expect(landing(response).error).toBe('invalid_response')
  })

  it('keeps the session there is when another sign-in fails', async () => {
    const user = browser(world())
    await user.signInFully()
    await user.comeBack({ error: 'access_denied', state: (await user.signIn()).state })
    expect((await user.send('/auth/session')).status).toBe(200)
  })

  it('answers an unknown provider at redirectTo, and a script with 422', async () => {
    const user = browser(world())
    const gone = await user.send('/auth/signIn/nope?redirectTo=%2Fin%23x')
    expect(landing(gone)).toMatchObject({ error: 'unknown_provider' })
    expect(landing(gone).to).toMatch(/^\/in\?error=unknown_provider&.*#x$/)
    for (const query of ['?redirect=false&redirectTo=%2Fin', '']) {
      const response = await user.send(`/auth/signIn/nope${query}`)
      expect(response.status).toBe(422)
      expect(await body(response)).toMatchObject({
        type: 'VALIDATION',
        code: 'UNPROCESSABLE_ENTITY',
        error: 'unknown_provider',
        details: { oauth: {} },
      })
    }
    expect((await user.comeBack({ state: 'x' }, 'nope')).status).toBe(401)
    expect(user.cookies.size).toBe(0)
  })

  it('builds the URL for redirect=false and starts nothing', async () => {
    const user = browser(world())
    const response = await user.send('/auth/signIn/dribbble?redirect=FALSE&redirectTo=%2Fa%3Fb%3D1')
    expect(response.status).toBe(200)
    expect(await body(response)).toEqual({
      success: true,
      redirect: false,
      signInURL: 'http://localhost:3000/auth/signIn/dribbble?redirectTo=%2Fa%3Fb%3D1',
    })
    expect(user.cookies.size).toBe(0)
    expect((await user.send('/auth/signIn/dribbble?redirect=maybe')).status).toBe(422)
  })

  it('returns to the page that led here when redirectTo is not given', async () => {
    const user = browser(world())
    const end = async (referer?: string): Promise<string | null> => {
      const headers = referer === undefined ? {} : { referer }
      const response = await user.send('/auth/signIn/dribbble', { headers })
      const state = new URL(response.headers.get('location') ?? '').searchParams.get('state') ?? ''
      return (await user.comeBack({ state })).headers.get('location')
    }
    expect(await end('http://localhost:3000/shots?page=2')).toBe('/shots?page=2')
    expect(await end('https://evil.com/')).toBe('/')
    expect(await end('http://localhost:3000/auth/callback/dribbble?code=x')).toBe('/')
    expect(await end()).toBe('/')
  })

  it('shows people a page, and scripts JSON, where there is nowhere to go back to', async () => {
    const user = browser(world())
    const accept = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8'
    const evil = '/auth/callback/dribbble?state=%3Cscript%3E&error=%3Cb%3E&error_description=pwned'
    const page = await user.send(evil, { headers: { accept } })
    expect(page.status).toBe(401)
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8')
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'")
    const html = await page.text()
    expect(html).toContain('Error code: <code>state_mismatch</code>')
    expect(html).not.toMatch(/script|pwned|<b>/)
    for (const asked of ['*/*', 'application/json', 'application/json, text/html']) {
      const response = await user.send(evil, { headers: { accept: asked } })
      expect(response.headers.get('content-type')).toBe('application/json')
      expect(await body(response)).toMatchObject({ error: 'state_mismatch' })
    }
  })
})

describe('providers', () => {
  const custom = dribbble({
    clientId: 'client',
    clientSecret: CLIENT_SECRET,
    authorize: { params: { scope: 'upload', prompt: undefined, login_hint: '' } },
  })

  it('merges options deeply, so a new scope keeps the URL', async () => {
    const { response } = await browser(world({ oauth: [custom] })).signIn()
    const url = new URL(response.headers.get('location') ?? '')
    expect(url.origin + url.pathname).toBe('https://dribbble.com/oauth/authorize')
    expect(url.searchParams.get('scope')).toBe('upload')
    expect(url.searchParams.has('prompt')).toBe(false)
    expect(url.searchParams.has('login_hint')).toBe(false)
    expect(dribbble().authorize.params).toEqual({ scope: 'public' })
  })

  it('does not let an option replace what makes the flow safe', async () => {
    const oauth = [
      dribbble({
        clientId: 'client',
        clientSecret: CLIENT_SECRET,
        authorize: {
          params: { state: 'fixed', redirect_uri: 'https://evil.com', response_type: 'token' },
        },
      }),
    ]
    const { response, state } = await browser(world({ oauth })).signIn()
    const { searchParams } = new URL(response.headers.get('location') ?? '')
    expect(state).not.toBe('fixed')
    expect(searchParams.get('redirect_uri')).toBe('http://localhost:3000/auth/callback/dribbble')
    expect(searchParams.get('response_type')).toBe('code')
  })

  it('takes a plain object, HTTP Basic and a profile of one’s own', async () => {
    const place = world({
      oauth: [
        {
          id: 'acme',
          name: 'Acme',
          clientId: 'acme-client',
          clientSecret: CLIENT_SECRET,
          authorize: { url: 'https://acme.example/authorize?tenant=1' },
          token: { url: 'https://acme.example/token', authMethod: 'client_secret_basic' },
          userinfo: { url: 'https://acme.example/me' },
          profile: (raw, { scopes }) => ({
            sub: `acme|${String(raw['id'])}`,
            role: 'admin',
            scopes,
          }),
        },
      ],
    })
    const user = browser(place)
    place.provider.onToken = () => tokens({ scope: 'a b', token_type: 'Bearer', id: 1 })
    const start = await user.send('/auth/signIn/acme')
    const url = new URL(start.headers.get('location') ?? '')
    expect(url.searchParams.get('tenant')).toBe('1')
    const state = url.searchParams.get('state') ?? ''
    expect((await user.comeBack({ state }, 'acme')).headers.get('location')).toBe('/')
    expect(place.provider.tokenRequests[0]?.form.has('client_secret')).toBe(false)
    expect(place.provider.tokenRequests[0]?.headers.get('authorization')).toMatch(/^Basic /)
    expect(await body(await user.send('/auth/session'))).toMatchObject({
      session: {
        user: { sub: 'acme|1', role: 'admin', scopes: ['a', 'b'], name: null, email: null },
      },
    })
  })

  it('maps Dribbble’s user: text id, login for a missing name, no claim about the address', () => {
    const map = (raw: Record<string, unknown>): unknown => dribbble().profile(raw, { scopes: null })
    expect(map({ id: 7, name: null, login: 'ada', email: 'a@b.c', avatar_url: null })).toEqual({
      sub: '7',
      name: 'ada',
      email: 'a@b.c',
      image: null,
    })
  })

  it('signs in with GitHub’s preset', async () => {
    const place = world({ oauth: [github({ clientId: 'c', clientSecret: CLIENT_SECRET })] })
    place.provider.onUserinfo = () => answer({ id: 5, login: 'octocat', name: null })
    const user = browser(place)
    const start = await user.send('/auth/signIn/github?redirectTo=%2F')
    const url = new URL(start.headers.get('location') ?? '')
    expect(url.hostname).toBe('github.com')
    await user.comeBack({ state: url.searchParams.get('state') ?? '' }, 'github')
    expect(await place.auth.api.getSession(cookieRequest(user))).toMatchObject({
      user: { sub: '5', name: 'octocat' },
    })
  })

  it('refuses one provider’s answer to another’s attempt', async () => {
    const credentials = { clientId: 'c', clientSecret: CLIENT_SECRET }
    const place = world({ oauth: [dribbble(credentials), github(credentials)] })
    const user = browser(place)
    const { state } = await user.signIn()
    expect(landing(await user.comeBack({ state }, 'github')).error).toBe('state_mismatch')
    expect(place.provider.tokenRequests).toHaveLength(0)
    expect(user.attempts()).toEqual([])
  })

  it('needs nothing but the environment', () => {
    const env = {
      AURA_AUTH_SECRET: 's'.repeat(32),
      AURA_AUTH_SALT: 't'.repeat(32),
      AURA_AUTH_DRIBBBLE_CLIENT_ID: 'id',
      AURA_AUTH_DRIBBBLE_CLIENT_SECRET: 'secret',
    }
    expect(() => createAuth({ oauth: ['dribbble'], env })).not.toThrow()
  })
})

const cookieRequest = (user: ReturnType<typeof browser>): Headers =>
  new Headers({
    cookie: [...user.cookies].map(([name, { value }]) => `${name}=${value}`).join('; '),
  })
