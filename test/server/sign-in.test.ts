import { describe, expect, it } from 'vitest'

import { CLIENT_SECRET, CODE, dan } from './provider.js'
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
