import { describe, expect, it } from 'vitest'

import { createAuth, dribbble, github } from '../../src/server/index.js'
import { CLIENT_SECRET, answer, tokens } from './provider.js'
import { body, browser, landing, world } from './world.js'

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
