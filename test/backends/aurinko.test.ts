import { createHmac } from 'node:crypto'

import { describe, expect, it } from 'vitest'

import { createAurinko, startAurinko, type Aurinko } from '../../demo/backends/aurinko.js'

const APP = 'http://localhost:3000'
const returnUrl = `${APP}/callback.html`
const asked = {
  clientId: 'client',
  serviceType: 'Google',
  accountRole: 'primary',
  returnUrl,
  scopes: 'Mail.Read',
}

const authorize = async (aurinko: Aurinko, params: Record<string, string>): Promise<Response> =>
  aurinko.api(new Request(`${APP}/v1/auth/authorizeUser?${new URLSearchParams(params)}`))
const codeOf = async (response: Response): Promise<unknown> =>
  ((await response.json()) as { code?: unknown }).code

/** From the authorization to the return URL, with everything the last hop set. */
const land = async (aurinko: Aurinko, params: Record<string, string>): Promise<Response> => {
  const consent = (await authorize(aurinko, params)).headers.get('location')!
  const back = await aurinko.provider(new Request(`${consent}&answer=allow`))
  return aurinko.api(new Request(back.headers.get('location')!))
}
const landing = (response: Response): URLSearchParams =>
  new URL(response.headers.get('location')!).searchParams

describe('authorizeUser', () => {
  it.each([
    [{ clientId: 'other' }, 'clientid.invalid'],
    [{ serviceType: 'google' }, 'servicetype.invalid'],
    [{ serviceType: 'HubSpot' }, 'servicetype.invalid'],
    [{ accountRole: '' }, 'accountrole.invalid'],
    [{ returnUrl: `${returnUrl}/` }, 'returnurl.invalid'],
    [{ returnUrl: returnUrl.replace('http:', 'https:') }, 'returnurl.invalid'],
    [{ responseType: 'token' }, 'responsetype.invalid'],
    [{ responseType: 'none' }, 'responsetype.invalid'],
    [{ scopes: 'Mail.Read,Mail.Send' }, 'Scopes.invalid'],
    [{ serviceType: 'IMAP', scopes: '' }, 'Scopes.invalid'],
  ])('shows %j as JSON and goes nowhere', async (wrong, code) => {
    const response = await authorize(createAurinko({ appOrigin: APP }), { ...asked, ...wrong })
    expect(response.status).toBeGreaterThanOrEqual(400)
    expect(await codeOf(response)).toBe(code)
  })

  it('ignores what is spelled as OAuth would, and misses its own', async () => {
    const params = {
      client_id: 'client',
      redirect_uri: returnUrl,
      scope: 'x',
      response_type: 'code',
    }
    const response = await authorize(createAurinko({ appOrigin: APP }), params)
    expect(await codeOf(response)).toBe('clientid.invalid')
  })

  it('answers 303', async () => {
    const response = await authorize(createAurinko({ appOrigin: APP }), asked)
    expect(response.status).toBe(303)
  })

  it('has half an hour', async () => {
    let now = 1_700_000_000_000
    const aurinko = createAurinko({ appOrigin: APP, now: () => now })
    const consent = (await authorize(aurinko, asked)).headers.get('location')!
    const back = await aurinko.provider(new Request(`${consent}&answer=allow`))
    now += 1_800_001
    const response = await aurinko.api(new Request(back.headers.get('location')!))
    expect(await codeOf(response)).toBe('state.invalid')
  })
})

describe('a user’s signature', () => {
  const NOW = 1_700_000_000_000
  const vector = '6d5cc94560b75df0fe54ea643c79008319faf6121cd4615eb581293d4f72534f'

  it('is HMAC-SHA-256 of the id and the seconds', () => {
    const hmac = createHmac('sha256', 'secret').update('user-1' + '1700000000')
    expect(hmac.digest('hex')).toBe(vector)
    expect(Buffer.from(vector, 'hex').toString('base64')).toBe(
      'bVzJRWC3XfD+VOpkPHkAgxn69hIc1GFetYEpPU9yU08=',
    )
  })

  /** Links an account to the first user, by a signature made like this. */
  const link = async (
    encoding: 'hex' | 'base64' | 'base64url',
    timestamp = '1700000000',
    secret = 'secret',
  ): Promise<string | null> => {
    const aurinko = createAurinko({ appOrigin: APP, now: () => NOW })
    const code = landing(await land(aurinko, { ...asked, responseType: 'code' })).get('code')!
    const headers = { authorization: `Basic ${btoa('client:secret')}` }
    const exchange = new Request(`${APP}/v1/auth/token/${code}`, { method: 'POST', headers })
    const { userId } = (await (await aurinko.api(exchange)).json()) as { userId: string }
    const userSignature = createHmac('sha256', secret)
      .update(userId + timestamp)
      .digest(encoding)
    const secondary = { accountRole: 'secondary', responseType: 'none', serviceType: 'Office365' }
    const params = { ...asked, ...secondary, userId, timestamp, userSignature }
    const first = landing(await authorize(aurinko, params))
    if (first.has('status')) return first.get('status')
    return landing(await land(aurinko, params)).get('status')
  }

  it.each(['hex', 'base64', 'base64url'] as const)('may be written in %s', async (encoding) => {
    expect(await link(encoding)).toBe('success')
  })

  it.each([
    ['milliseconds', '1700000000000', 'secret'],
    ['an hour ago', '1699996400', 'secret'],
    ['no number', 'now', 'secret'],
    ['another secret', '1700000000', 'guess'],
  ])('of %s is refused', async (_, timestamp, secret) => {
    expect(await link('hex', timestamp, secret)).toBe('error')
  })
})

describe('the token endpoint', () => {
  it.each(['POST', 'GET'])('takes a code once, by %s', async (method) => {
    const aurinko = createAurinko({ appOrigin: APP })
    const code = landing(await land(aurinko, { ...asked, responseType: 'code' })).get('code')!
    expect(code.length).toBeGreaterThan(1_800)
    const exchange = async (secret: string): Promise<Response> => {
      const headers = { authorization: `Basic ${btoa(`client:${secret}`)}` }
      return aurinko.api(new Request(`${APP}/v1/auth/token/${code}`, { method, headers }))
    }
    expect((await exchange('wrong')).status).toBe(401)
    const body = (await (await exchange('secret')).json()) as object
    expect(Object.keys(body).sort()).toEqual(['accessToken', 'accountId', 'userId', 'userSession'])
    expect(await codeOf(await exchange('secret'))).toBe('code.expired')
  })
})

describe('the cookie', () => {
  it.each([undefined, 'Lax', 'Strict', 'None'] as const)('is HttpOnly, SameSite=%s', async (as) => {
    const aurinko = createAurinko({ appOrigin: APP, knobs: { cookieSameSite: as } })
    const response = await land(aurinko, asked)
    const [cookie] = response.headers.getSetCookie()
    expect(cookie).toMatch(/^AUR1504=[\w-]{43}; Path=\/; HttpOnly/)
    expect(/SameSite=(\w+)/.exec(cookie!)?.[1]).toBe(as)
  })

  it.each(['off', [APP]] as const)('is of no use across origins where CORS is %s', async (cors) => {
    const aurinko = createAurinko({ appOrigin: APP, knobs: { cors } })
    const headers = { origin: APP }
    const response = await aurinko.api(new Request(`${APP}/v1/user`, { headers }))
    expect(response.headers.get('access-control-allow-origin')).toBe(cors === 'off' ? null : APP)
  })
})

it('runs on ports of its own, another site than localhost', async () => {
  const { apiURL, providerURL, close } = await startAurinko({ appOrigin: APP })
  expect(new URL(apiURL).hostname).toBe('127.0.0.1')
  expect((await fetch(`${apiURL}/v1/user`)).status).toBe(401)
  expect((await fetch(`${providerURL}/google`)).status).toBe(404)
  await close()
  await expect(fetch(apiURL)).rejects.toThrow(TypeError)
})
