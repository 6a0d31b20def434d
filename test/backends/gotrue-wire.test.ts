import { createRemoteJWKSet, decodeJwt, jwtVerify } from 'jose'
import { describe, expect, test } from 'vitest'

import { createGoTrue } from '../../demo/backends/gotrue.js'
import { fragmentOf, jsonOf, PASSWORD, SITE, startRig } from './gotrue-rig.js'

const account = { email: 'ada@example.com', password: PASSWORD }

describe('faults', () => {
  test('strike one endpoint as often as they say, and nothing is done', async () => {
    const { gotrue, post } = await startRig()
    const { refresh_token } = await jsonOf(await post('/signup', account))
    const path = '/token?grant_type=refresh_token'
    const on = `POST ${path}`
    gotrue.knobs.faults.push({ on, status: 429, retryAfter: 7, times: 2 }, { on, status: 409 })
    const statuses: number[] = []
    for (let i = 0; i < 4; i += 1) {
      const response = await post(path, { refresh_token })
      statuses.push(response.status)
      if (i === 0) {
        expect(response.headers.get('retry-after')).toBe('7')
        expect(await jsonOf(response)).toMatchObject({ error_code: 'over_request_rate_limit' })
      }
      expect((await post('/token?grant_type=password', account)).status).toBe(200)
    }
    expect(statuses).toEqual([429, 429, 409, 200])
    expect(gotrue.knobs.faults).toEqual([])
  })

  test('let an answer get lost after the server has acted', async () => {
    const { gotrue, post } = await startRig()
    const { refresh_token } = await jsonOf(await post('/signup', account))
    const path = '/token?grant_type=refresh_token'
    gotrue.knobs.faults.push({ on: 'POST /token', lost: true })
    await expect(post(path, { refresh_token })).rejects.toThrow()
    // Spent already, and good once more, because it is the parent of the active one.
    const again = await jsonOf(await post(path, { refresh_token }))
    expect(again['refresh_token']).not.toBe(refresh_token)
    expect(gotrue.requests.map(({ status }) => status)).toEqual([200, 0, 200])
  })

  test('hold an answer until they are told', async () => {
    const { gotrue, url } = await startRig()
    const send = () => gotrue.handler(new Request(`${url}/settings`))
    let release = (): void => {}
    const delay = new Promise<void>((resolve) => (release = resolve))
    gotrue.knobs.faults.push({ on: 'GET /settings', delay })
    const answer = send()
    expect((await send()).status).toBe(200)
    expect(gotrue.requests).toHaveLength(1)
    release()
    expect((await answer).status).toBe(200)
  })

  test('speak as a gateway or a database does', async () => {
    const { gotrue, send } = await startRig()
    const on = 'GET /user'
    gotrue.knobs.faults.push({ on, status: 502, body: '<h1>Bad Gateway</h1>' })
    gotrue.knobs.faults.push({ on, status: 500, body: { code: '23505', message: 'duplicate key' } })
    const html = await send('/user')
    expect(html.headers.get('content-type')).toContain('text/html')
    expect(await html.text()).toBe('<h1>Bad Gateway</h1>')
    expect(await jsonOf(await send('/user'))).toEqual({ code: '23505', message: 'duplicate key' })
  })
})

test('the gateway reflects every header, and wants its key', async () => {
  const { gotrue, send } = await startRig({ knobs: { gateway: true } })
  const preflight = await send('/user', {
    method: 'OPTIONS',
    headers: {
      origin: SITE,
      'access-control-request-method': 'GET',
      'access-control-request-headers': 'apikey,authorization',
    },
  })
  expect(preflight.headers.get('access-control-allow-headers')).toBe('apikey,authorization')
  const without = await send('/settings', { headers: { origin: SITE } })
  expect(without.status).toBe(401)
  expect(without.headers.get('access-control-allow-origin')).toBe('*')
  expect(await jsonOf(without)).toEqual({ message: 'No API key found in request' })
  const apikey = await gotrue.key('anon')
  expect((await send('/settings', { headers: { apikey } })).status).toBe(200)
})

test('tokens are signed with the pair whose public half is shown', async () => {
  const { url, post } = await startRig({ algorithm: 'ES256' })
  const { access_token } = await jsonOf(await post('/signup', account))
  const keys = createRemoteJWKSet(new URL(`${url}/.well-known/jwks.json`))
  const { payload, protectedHeader } = await jwtVerify(String(access_token), keys)
  expect(protectedHeader.alg).toBe('ES256')
  expect(payload).toMatchObject({ iss: url, aud: 'authenticated', aal: 'aal1' })
})

test('the fork’s token says neither when it was issued nor in which session', async () => {
  const { post } = await startRig({ flavor: 'fork2022' })
  const body = await jsonOf(await post('/signup', account))
  expect(Object.keys(body)).toEqual([
    'access_token',
    'token_type',
    'expires_in',
    'refresh_token',
    'user',
  ])
  expect(body['refresh_token']).toMatch(/^[\w-]{22}$/)
  expect(Object.keys(decodeJwt(String(body['access_token']))).sort()).toEqual([
    'app_metadata',
    'aud',
    'email',
    'exp',
    'phone',
    'role',
    'sub',
    'user_metadata',
  ])
})

test('one clock rules them all', async () => {
  let now = Date.parse('2030-01-01T00:00:00Z')
  const { handler } = createGoTrue({
    flavor: 'current',
    siteURL: SITE,
    now: () => now,
    knobs: { autoconfirm: true, accessTokenLifetime: 60_000, timebox: 120_000 },
  })
  const send = (path: string, body?: unknown, token = '') =>
    handler(
      new Request(`http://gotrue.test${path}`, {
        headers: { authorization: `Bearer ${token}` },
        ...(body !== undefined && { method: 'POST', body: JSON.stringify(body) }),
      }),
    )
  const tokens = await jsonOf(await send('/signup', account))
  const token = String(tokens['access_token'])
  expect(tokens['expires_at']).toBe(now / 1000 + 60)
  now += 59_000
  expect((await send('/user', undefined, token)).status).toBe(200)
  now += 1_000
  const expired = await send('/user', undefined, token)
  expect([expired.status, (await jsonOf(expired))['error_code']]).toEqual([403, 'bad_jwt'])
  now += 61_000
  const { refresh_token } = tokens
  const ended = await jsonOf(await send('/token?grant_type=refresh_token', { refresh_token }))
  expect(ended['error_code']).toBe('session_expired')
})

test('a database that fails in the middle of a link leaves no trace of it', async () => {
  const { gotrue, follow, post, lastMessage } = await startRig({
    knobs: { brokenVerify: true, autoconfirm: false },
  })
  await post(`/signup?redirect_to=${SITE}/cb`, account)
  expect(await follow(lastMessage())).toBe(`${SITE}/cb`)
  const challenge = { code_challenge: 'c'.repeat(43), code_challenge_method: 's256' }
  gotrue.knobs.messageInterval = 0
  await post(`/signup?redirect_to=${SITE}/cb`, { ...account, ...challenge })
  expect(await follow(lastMessage())).toBe(`${SITE}/cb?code=`)
})

test('whoever comes back without a verified address gets a mail first', async () => {
  const person = { sub: '7', email: 'new@example.com', emailVerified: false, name: 'New' }
  const start = `/authorize?provider=github&redirect_to=${SITE}/cb`
  const knobs = { autoconfirm: false, person }
  const fork = await startRig({ flavor: 'fork2022', knobs })
  expect(fragmentOf(await fork.visit(fork.url + start))).toEqual({
    error: 'unauthorized_client',
    error_code: '401',
    error_description: 'Unverified email with github',
  })
  expect(fork.gotrue.outbox).toHaveLength(1)
  const current = await startRig({ knobs })
  expect(fragmentOf(await current.visit(current.url + start))).toMatchObject({
    error: 'access_denied',
    error_code: 'provider_email_needs_verification',
  })
})

test('the provider’s page asks, says who asks, and can cut its opener off', async () => {
  const { send, gotrue } = await startRig()
  const { headers } = await send('/authorize?provider=github&scopes=repo')
  const to = headers.get('location')!
  const page = await (await fetch(to)).text()
  expect(page).toMatch(/id="allow"[\s\S]*id="deny"/)
  expect(page).toContain('repo')
  gotrue.knobs.coop = 'same-origin'
  expect((await fetch(to)).headers.get('cross-origin-opener-policy')).toBe('same-origin')
  const elsewhere = to.replace('%2Fcallback', '%2Felsewhere')
  expect((await fetch(elsewhere)).status).toBe(400)
})
