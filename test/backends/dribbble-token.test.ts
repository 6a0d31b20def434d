import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'

import { APP, createRig, SITE, withSecret } from './dribbble-rig.js'

const INVALID_CLIENT = {
  error: 'invalid_client',
  error_description:
    'Client authentication failed due to unknown client, no client authentication included, ' +
    'or unsupported authentication method.',
}
const INVALID_GRANT = {
  error: 'invalid_grant',
  error_description:
    'The provided authorization grant is invalid, expired, revoked, does not match the ' +
    'redirection URI used in the authorization request, or was issued to another client.',
}

describe('token', () => {
  test('answers as documented, without expires_in and refresh_token', async () => {
    const { code, exchange } = createRig()
    const response = await exchange(withSecret({ code: await code({ scope: 'public upload' }) }))
    expect(response.status).toBe(200)
    expect(response.headers.get('cache-control')).toBe('no-store')
    expect(await response.json()).toEqual({
      access_token: expect.any(String),
      token_type: 'bearer',
      scope: 'public upload',
      created_at: 1_700_000_000,
    })
  })

  test('tokenType, expiresIn and createdAt change the answer', async () => {
    const knobs = { tokenType: 'Bearer', expiresIn: 31_557_600, createdAt: false }
    const { code, exchange, knobs: live } = createRig({ knobs })
    const body = await (await exchange(withSecret({ code: await code() }))).json()
    expect(body).toMatchObject({ token_type: 'Bearer', expires_in: 31_557_600 })
    expect(body).not.toHaveProperty('created_at')
    live.createdAt = 5
    const other = await exchange(withSecret({ code: await code() }))
    expect(await other.json()).toMatchObject({ created_at: 5 })
  })

  test('the secret may come by HTTP Basic, and parameters as JSON', async () => {
    const { code, exchange, site } = createRig()
    const authorization = `Basic ${btoa(`${APP.clientId}:${APP.clientSecret}`)}`
    expect((await exchange({ code: await code() }, { authorization })).status).toBe(200)
    const request = new Request(`${SITE}/oauth/token`, {
      method: 'POST',
      body: JSON.stringify(withSecret({ code: await code() })),
      headers: { 'content-type': 'application/json' },
    })
    expect((await site(request)).status).toBe(200)
  })

  test('a wrong or missing secret is invalid_client and spends no code', async () => {
    const { code, exchange } = createRig()
    const fields = withSecret({ code: await code() })
    const authorization = `Basic ${btoa(`${APP.clientId}:wrong`)}`
    const refused = [
      await exchange({ ...fields, client_secret: 'wrong' }),
      await exchange({ code: fields['code'] ?? '', client_id: APP.clientId }),
      await exchange(fields, { authorization }),
    ]
    for (const response of refused) {
      expect(response.status).toBe(401)
      expect(response.headers.get('www-authenticate')).toContain('error="invalid_client"')
      expect(await response.json()).toEqual(INVALID_CLIENT)
    }
    expect((await exchange(fields)).status).toBe(200)
  })

  test('a code works once', async () => {
    const { code, exchange } = createRig()
    const fields = withSecret({ code: await code() })
    expect((await exchange(fields)).status).toBe(200)
    const replay = await exchange(fields)
    expect(replay.status).toBe(400)
    expect(await replay.json()).toEqual(INVALID_GRANT)
  })

  test('a code works for ten minutes', async () => {
    const { code, exchange, pass } = createRig()
    const early = await code()
    pass(599_999)
    expect((await exchange(withSecret({ code: early }))).status).toBe(200)
    const late = await code()
    pass(600_000)
    expect(await (await exchange(withSecret({ code: late }))).json()).toEqual(INVALID_GRANT)
  })

  test('a code belongs to its app', async () => {
    const other = { clientId: 'other', clientSecret: 'other', callbackURL: 'http://other.test/' }
    const { code, exchange } = createRig({ otherApps: [other] })
    const fields = { client_id: 'other', client_secret: 'other', code: await code() }
    expect(await (await exchange(fields)).json()).toEqual(INVALID_GRANT)
  })

  test('a code belongs to its redirect_uri, which need not be repeated', async () => {
    const { code, exchange } = createRig()
    const redirect_uri = `${APP.callbackURL}/sub`
    const fields = withSecret({ code: await code({ redirect_uri }) })
    const wrong = await exchange({ ...fields, redirect_uri: APP.callbackURL })
    expect(await wrong.json()).toEqual(INVALID_GRANT)
    expect((await exchange({ ...fields, redirect_uri })).status).toBe(200)
    expect((await exchange(withSecret({ code: await code({ redirect_uri }) }))).status).toBe(200)
  })

  test('grant_type may be absent but not different, and code is required', async () => {
    const { exchange } = createRig()
    const other = await exchange(withSecret({ grant_type: 'refresh_token' }))
    expect(other.status).toBe(400)
    expect(await other.json()).toMatchObject({ error: 'unsupported_grant_type' })
    expect(await (await exchange(withSecret({}))).json()).toEqual({
      error: 'invalid_request',
      error_description: 'Missing required parameter: code.',
    })
  })

  test('legacyStatus401 makes every error a 401', async () => {
    const { exchange } = createRig({ knobs: { legacyStatus401: true } })
    const response = await exchange(withSecret({ code: 'unknown' }))
    expect(response.status).toBe(401)
    expect(await response.json()).toEqual(INVALID_GRANT)
  })

  test('tokenError is passed on, whatever it says', async () => {
    const tokenError = { error: 'odd', description: 'a "ü"\n', status: 503 }
    const { exchange } = createRig({ knobs: { tokenError } })
    const response = await exchange({})
    expect(response.status).toBe(503)
    expect(await response.json()).toEqual({ error: 'odd', error_description: 'a "ü"\n' })
  })

  test('is out of reach for scripts: no CORS header on any answer of the site', async () => {
    const { site, requests } = createRig()
    const headers = { origin: 'http://app.test' }
    for (const [method, path] of [
      ['OPTIONS', '/oauth/token'],
      ['POST', '/oauth/token'],
      ['GET', '/oauth/authorize?client_id=shot'],
      ['GET', '/oauth/authorize?client_id=shot&scope=bad'],
      ['POST', '/oauth/authorize'],
      ['GET', '/avatars/adawinter.svg'],
      ['GET', '/style.css'],
      ['GET', '/nowhere'],
    ] as const) {
      const response = await site(new Request(SITE + path, { method, headers }))
      const names = [...response.headers.keys()]
      expect(names.filter((field) => field.startsWith('access-control'))).toEqual([])
    }
    expect(requests[0]?.status).toBe(404)
  })
})

describe('PKCE', () => {
  const verifier = 'v'.repeat(43)
  const code_challenge = createHash('sha256').update(verifier).digest('base64url')
  const challenged = { code_challenge, code_challenge_method: 'S256' }

  test.each([
    ['verify', verifier, 200],
    ['verify', 'wrong', 400],
    ['verify', undefined, 200],
    ['require', verifier, 200],
    ['require', undefined, 400],
    ['ignore', 'wrong', 200],
  ] as const)('%s, with verifier %s: %i', async (pkce, sent, status) => {
    const { code, exchange } = createRig({ knobs: { pkce } })
    const fields = withSecret({ code: await code(challenged) })
    const response = await exchange(sent ? { ...fields, code_verifier: sent } : fields)
    expect(response.status).toBe(status)
    if (status === 400) expect(await response.json()).toEqual(INVALID_GRANT)
  })

  test('a verifier without a challenge does not matter', async () => {
    const { code, exchange } = createRig({ knobs: { pkce: 'require' } })
    const fields = withSecret({ code: await code(), code_verifier: verifier })
    expect((await exchange(fields)).status).toBe(200)
  })
})
