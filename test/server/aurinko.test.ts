import { createHmac } from 'node:crypto'

import { describe, expect, it } from 'vitest'

import { ORIGIN, setUp, signedIn } from './aurinko-place.js'

describe('options', () => {
  it.each([
    ['clientId', { clientId: '' }, 'AURA_AUTH_AURINKO_CLIENT_ID'],
    ['clientSecret', { clientSecret: '' }, 'AURA_AUTH_AURINKO_CLIENT_SECRET'],
    ['secret', { secret: 'short' }, 'AURA_AUTH_SECRET'],
    ['apiURL', { apiURL: 'http://api.example' }, 'https'],
  ])('%s is checked at the start', (_, options, named) => {
    expect(() => setUp(options)).toThrow(
      expect.objectContaining({
        code: 'invalid_config',
        message: expect.stringContaining(named) as string,
      }),
    )
  })
})

describe('POST /exchange', () => {
  it('answers the user, and keeps the userSession sealed', async () => {
    const place = setUp()
    const response = await place.send('POST /exchange', { code: await place.code() })
    const body = await response.text()
    expect(JSON.parse(body)).toMatchObject({ email: 'ada.winter@gmail.example' })
    expect(response.headers.getSetCookie()[0]).toMatch(
      /^latchkey\.aurinko=[\w.-]+; Path=\/; Max-Age=1296000; HttpOnly; SameSite=Lax$/,
    )
    const session = await place.bridge.api.getSession({ headers: { cookie: place.cookie } })
    expect(session).toEqual({
      userId: JSON.parse(body).id as string,
      userSession: expect.stringMatching(/^[\w-]{43}$/) as string,
    })
    expect(body + place.cookie).not.toContain(session!.userSession)
  })

  it('is for https with the prefix that pins the cookie to this host', async () => {
    const place = setUp({ baseURL: 'https://app.example' })
    const headers = { origin: 'https://app.example' }
    const response = await place.send('POST /exchange', { code: await place.code(), headers })
    expect(response.headers.getSetCookie()[0]).toMatch(/^__Host-latchkey\.aurinko=.*; Secure$/)
  })

  it('spends a code once, also for two who come at the same time', async () => {
    const place = setUp()
    const code = await place.code()
    const both = await Promise.all([
      place.send('POST /exchange', { code }),
      place.send('POST /exchange', { code }),
    ])
    expect(both.map(({ status }) => status)).toEqual([200, 400])
    expect(await both[1].json()).toMatchObject({ error: 'code_expired' })
    const calls = place.service.requests.filter(({ path }) => path.includes('/token/'))
    expect(calls).toHaveLength(1)
  })

  it.each(['', '{}', '{"code":7}', '{"code":""}', 'null', `{"code":"${'x'.repeat(9_000)}"}`])(
    'refuses a body without a code: %.20s',
    async (body) => {
      const place = setUp()
      const response = await place.send('POST /exchange', { body })
      expect(response.status).toBe(400)
      expect(place.service.requests.filter(({ path }) => path.includes('/token/'))).toEqual([])
    },
  )

  it('tells the operator of a wrong secret, and keeps it to itself', async () => {
    const place = setUp({ clientSecret: 'not-the-secret' })
    const response = await place.send('POST /exchange', { code: await place.code() })
    expect(response.status).toBe(500)
    expect(await response.text()).not.toContain('not-the-secret')
    expect(place.reported).toEqual(['POST /aurinko/exchange invalid_config'])
  })

  it('signs in also where it cannot be said who it is', async () => {
    const place = setUp()
    const code = await place.code()
    place.service.knobs.userRefusal = 'token.dead'
    const response = await place.send('POST /exchange', { code })
    expect([response.status, await response.json()]).toMatchObject([401, { code: 'token.dead' }])
    place.service.knobs.userRefusal = undefined
    expect((await place.send('GET /user')).status).toBe(200)
  })
})

describe('a request from another origin', () => {
  it.each(['POST /exchange', 'POST /signature', 'POST /user/logout', 'DELETE /user/accounts/101'])(
    '%s is refused',
    async (what) => {
      const place = await signedIn()
      place.service.requests.length = 0
      const response = await place.send(what, { headers: { origin: 'https://evil.test' } })
      expect(response.status).toBe(403)
      expect(response.headers.has('access-control-allow-origin')).toBe(false)
      expect(place.service.requests).toEqual([])
    },
  )

  it('is answered where it is trusted', async () => {
    const app = 'http://localhost:5173'
    const place = await signedIn({ trustedOrigins: [app] })
    const response = await place.send('GET /user', { headers: { origin: app } })
    expect(response.headers.get('access-control-allow-origin')).toBe(app)
    const headers = { origin: app, 'access-control-request-method': 'POST' }
    const preflight = new Request(`${ORIGIN}/aurinko/exchange`, { method: 'OPTIONS', headers })
    expect((await place.bridge.handlers.ALL(preflight)).status).toBe(204)
  })
})

describe('as the user', () => {
  it('nobody is asked about without a cookie, or with one that was made up', async () => {
    const place = setUp()
    for (const cookie of ['', 'latchkey.aurinko=x', 'latchkey.aurinko=a.b.c.d.e']) {
      place.cookie = cookie
      const response = await place.send('GET /user')
      expect([response.status, await response.json()]).toMatchObject([
        401,
        { code: 'unauthorized' },
      ])
    }
    expect(place.service.requests).toEqual([])
  })

  it('a session that Aurinko ended takes its cookie along', async () => {
    const place = await signedIn()
    place.service.knobs.userRefusal = 'unauthorized'
    const response = await place.send('GET /user')
    expect(response.status).toBe(401)
    expect(response.headers.getSetCookie()[0]).toContain('Max-Age=0')
  })

  it.each(['token.dead', 'token.refresh.failed'] as const)('%s does not', async (userRefusal) => {
    for (const errorShape of ['flat', 'nested', 'original'] as const) {
      const place = await signedIn()
      Object.assign(place.service.knobs, { userRefusal, errorShape })
      const response = await place.send('GET /user')
      expect(response.status).toBe(401)
      expect(response.headers.getSetCookie()).toEqual([])
    }
  })

  it('limits are passed on', async () => {
    const place = await signedIn()
    place.service.knobs.rateLimited = { retryAfter: 3 }
    const response = await place.send('GET /user')
    expect([response.status, response.headers.get('retry-after')]).toEqual([429, '3'])
  })

  it('the cookie ends when it said it would', async () => {
    let now = 1_800_000_000_000
    const place = await signedIn({ now: () => now, maxAge: 60 })
    now += 59_000
    expect(await place.bridge.api.getSession({ headers: { cookie: place.cookie } })).not.toBe(null)
    now += 2_000
    expect(await place.bridge.api.getSession({ headers: { cookie: place.cookie } })).toBe(null)
  })

  it('signing out clears the cookie also when Aurinko is down', async () => {
    const place = await signedIn()
    place.service.knobs.down = 503
    const response = await place.send('POST /user/logout')
    expect(response.status).toBe(503)
    expect(response.headers.getSetCookie()[0]).toContain('Max-Age=0')
  })

  it('nothing else is forwarded', async () => {
    const place = await signedIn()
    place.service.requests.length = 0
    for (const what of [
      'GET /user/../account',
      'PATCH /user',
      'DELETE /user/accounts/1x',
      'GET /',
    ]) {
      expect((await place.send(what)).status).toBeGreaterThanOrEqual(404)
    }
    expect(place.service.requests).toEqual([])
  })
})

describe('POST /signature', () => {
  it('is HMAC-SHA-256 of user and seconds, by the client secret', async () => {
    const place = await signedIn({ now: () => 1_700_000_000_000 })
    const { userId, timestamp, userSignature } = (await (
      await place.send('POST /signature')
    ).json()) as Record<string, string>
    expect(timestamp).toBe('1700000000')
    const expected = createHmac('sha256', 'secret').update(`${userId}${timestamp}`).digest('hex')
    expect(userSignature).toBe(expected)
  })

  it('is for whoever is signed in', async () => {
    expect((await setUp().send('POST /signature')).status).toBe(401)
  })

  it('is refused to a cookie that was copied before the sign-out', async () => {
    const place = await signedIn()
    const { cookie } = place
    await place.send('POST /user/logout')
    const response = await place.send('POST /signature', { headers: { cookie } })
    expect([response.status, await response.json()]).toEqual([
      401,
      expect.objectContaining({ error: 'no_session' }),
    ])
  })

  it.each(['flat', 'nested', 'original'] as const)(
    'is given to whose account is dead, said in the shape “%s”',
    async (errorShape) => {
      const place = await signedIn()
      Object.assign(place.service.knobs, { userRefusal: 'token.dead', errorShape })
      const response = await place.send('POST /signature')
      expect(Object.keys((await response.json()) as object)).toContain('userSignature')
    },
  )

  it('is not given where Aurinko does not say', async () => {
    const place = await signedIn()
    place.service.knobs.down = 503
    expect((await place.send('POST /signature')).status).toBe(503)
  })
})
