import { describe, expect, it } from 'vitest'

import { body, browser, world, type Browser } from './world.js'

const APP = 'https://app.example.com'
const origin = 'https://auth.example.com'
const trustedOrigins = [APP, 'https://*.preview.example.com', 'http://localhost:*']

const cors = (response: Response): Record<string, string> =>
  Object.fromEntries([...response.headers].filter(([name]) => name.startsWith('access-control-')))

const preflight = (user: Browser, from: string): Promise<Response> =>
  user.send('/auth/signOut', {
    method: 'OPTIONS',
    headers: {
      origin: from,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'x-csrf-token',
    },
  })

describe('CORS', () => {
  it.each([APP, 'https://pr-1.preview.example.com', 'http://localhost:5173'])(
    'lets %s read answers with credentials',
    async (from) => {
      const user = browser(world({ origin, trustedOrigins }))
      for (const path of ['/auth/session', '/auth/csrfToken', '/auth/nowhere']) {
        const response = await user.send(path, { headers: { origin: from } })
        expect(cors(response)).toEqual({
          'access-control-allow-origin': from,
          'access-control-allow-credentials': 'true',
          'access-control-expose-headers': 'Date, Retry-After',
        })
        expect(response.headers.get('vary')).toBe('Origin')
      }
    },
  )

  it.each([
    'https://evil.com',
    'http://app.example.com',
    'https://app.example.com:8443',
    'https://app.example.com.evil.com',
    'https://app.example.com/',
    'https://user@app.example.com',
    'https://preview.example.com',
    'https://a.b.preview.example.com',
    'https://evilpreview.example.com',
    'https://x.preview.example.com/path',
    'https://x.preview.example.com:444',
    'http://localhost',
    'null',
    '*',
    origin,
  ])('tells %s nothing', async (from) => {
    const user = browser(world({ origin, trustedOrigins }))
    const response = await user.send('/auth/session', { headers: { origin: from } })
    expect(cors(response)).toEqual({})
    expect(response.headers.get('vary')).toBe('Origin')
    const asked = await preflight(user, from)
    expect(asked.status).toBe(405)
    expect(cors(asked)).toEqual({})
  })

  it('answers preflights of trusted origins', async () => {
    const response = await preflight(browser(world({ origin, trustedOrigins })), APP)
    expect(response.status).toBe(204)
    expect(cors(response)).toMatchObject({
      'access-control-allow-origin': APP,
      'access-control-allow-credentials': 'true',
      'access-control-allow-methods': 'GET, POST, PATCH, DELETE',
      'access-control-allow-headers': 'X-CSRF-Token, Content-Type',
    })
    expect(response.headers.get('vary')).toContain('Origin')
  })

  it('signs in and out from a trusted origin', async () => {
    const user = browser(world({ origin, trustedOrigins }))
    const { state } = await user.signIn(`${APP}/home?x=1#top`)
    expect((await user.comeBack({ state })).headers.get('location')).toBe(`${APP}/home?x=1#top`)
    const response = await user.send('/auth/signOut?token_type_hint=session_token&redirect=false', {
      method: 'POST',
      headers: { 'x-csrf-token': await user.csrfToken(), origin: APP },
    })
    expect(response.status).toBe(202)
    expect(cors(response)['access-control-allow-origin']).toBe(APP)
  })

  it('asks a function about every request', async () => {
    const seen: string[] = []
    const user = browser(
      world({
        origin,
        trustedOrigins: async (request) => {
          seen.push(new URL(request.url).pathname)
          return [APP]
        },
      }),
    )
    const response = await user.send('/auth/session', { headers: { origin: APP } })
    expect(cors(response)['access-control-allow-origin']).toBe(APP)
    expect(seen).toEqual(['/auth/session'])
  })

  it('is a server error, not trust, when that function fails', async () => {
    const place = world({
      trustedOrigins: () => {
        throw new Error('database down')
      },
    })
    const response = await browser(place).send('/auth/session', { headers: { origin: APP } })
    expect(response.status).toBe(500)
    expect(cors(response)).toEqual({})
    expect(await body(response)).toMatchObject({ type: 'SERVER_ERROR', code: 'SERVER_ERROR' })
    expect(place.errors).toHaveLength(1)
  })
})

describe('methods and routes', () => {
  it.each(['OPTIONS', 'HEAD', 'PUT'])('does not know %s', async (method) => {
    const response = await browser(world()).send('/auth/session', { method })
    expect(response.status).toBe(405)
    expect(response.headers.get('allow')).toBe('GET, POST, PATCH, DELETE')
    expect(await response.text()).toBe('Method Not Allowed')
  })

  it.each([
    ['GET', '/auth'],
    ['GET', '/auth/'],
    ['GET', '/auth/signIn'],
    ['GET', '/auth/signIn/'],
    ['GET', '/auth/signIn/dribbble/x'],
    ['GET', '/auth/session/'],
    ['GET', '/authsession'],
    ['GET', '/other'],
    ['GET', '/auth/constructor'],
    ['POST', '/auth/session'],
    ['POST', '/auth/signIn/dribbble'],
    ['PATCH', '/auth/session'],
    ['DELETE', '/auth/providers/dribbble'],
  ])('has no %s %s', async (method, path) => {
    const response = await browser(world()).send(path, { method })
    expect(response.status).toBe(404)
    expect(await body(response)).toMatchObject({ type: 'ROUTER_FLOW', code: 'NOT_FOUND' })
  })

  it('answers each method by its own handler, too', async () => {
    const { handlers } = world().auth
    const request = (method: string): Request =>
      new Request('http://localhost:3000/auth/session', { method })
    expect((await handlers.GET(request('GET'))).status).toBe(401)
    expect((await handlers.POST(request('POST'))).status).toBe(404)
    expect((await handlers.PATCH(request('PATCH'))).status).toBe(404)
    expect((await handlers.DELETE(request('DELETE'))).status).toBe(404)
    expect((await handlers.GET(request('HEAD'))).status).toBe(405)
  })

  it('can be mounted elsewhere', async () => {
    const user = browser(world({ basePath: '/api/auth' }))
    const response = await user.send('/api/auth/signIn/dribbble')
    const url = new URL(response.headers.get('location') ?? '')
    expect(url.searchParams.get('redirect_uri')).toBe(
      'http://localhost:3000/api/auth/callback/dribbble',
    )
    expect((await user.send('/auth/session')).status).toBe(404)
  })
})
