import { expect } from 'vitest'

import { onEachServer } from './server.js'
import { read, send, signUp, somebody } from './steps.js'

const version = { 'x-supabase-api-version': '2024-01-01' }

onEachServer(({ server, check }) => {
  check([], 'errors have a number for a code, and no other', async () => {
    const answer = await send(server, '/signup', {
      json: { email: 'no address', password: 'x'.repeat(9) },
    })
    expect(await read(answer)).toEqual({
      status: 422,
      code: 422,
      msg: expect.stringMatching(/^Unable to validate email address/),
    })
    const weak = await read(
      await send(server, '/signup', { json: { email: 'a@b.co', password: 'x' } }),
    )
    expect(weak).toMatchObject({ code: 422, msg: expect.stringMatching(/at least \d+ characters/) })
    expect(
      await read(await send(server, '/signup', { json: {}, headers: version })),
    ).not.toHaveProperty('message')
  })

  check([], 'errors of grants are OAuth’s', async () => {
    const json = somebody()
    expect(await read(await send(server, '/token?grant_type=password', { json }))).toEqual({
      status: 400,
      error: 'invalid_grant',
      error_description: 'Invalid login credentials',
    })
    for (const type of ['pkce', 'web3', 'nonsense']) {
      const answer = await read(await send(server, `/token?grant_type=${type}`, { json }))
      expect(answer).toEqual({ status: 400, error: 'unsupported_grant_type' })
    }
    expect(await read(await send(server, '/otp', { json: {} }))).toMatchObject({ status: 400 })
  })
}, 'fork2022')

onEachServer(({ server, check }) => {
  check([], 'errors have a code of letters beside the number', async () => {
    const json = somebody()
    const response = await send(server, '/token?grant_type=password', { json })
    expect(response.headers.get('x-sb-error-code')).toBe('invalid_credentials')
    expect(await read(response)).toEqual({
      status: 400,
      code: 400,
      error_code: 'invalid_credentials',
      msg: 'Invalid login credentials',
    })
    expect(await read(await send(server, '/token?grant_type=nonsense', { json }))).toMatchObject({
      status: 400,
      error_code: 'invalid_credentials',
      msg: 'unsupported_grant_type',
    })
  })

  check([], 'or instead of it, where a version is asked for', async () => {
    const json = somebody()
    const response = await send(server, '/token?grant_type=password', { json, headers: version })
    expect(response.headers.get('x-supabase-api-version')).toBe('2024-01-01')
    expect(await read(response)).toEqual({
      status: 400,
      code: 'invalid_credentials',
      message: 'Invalid login credentials',
    })
  })

  check([], 'but never for an ID token', async () => {
    const json = { provider: 'google' }
    for (const headers of [{}, version]) {
      const response = await send(server, '/token?grant_type=id_token', { json, headers })
      expect(await read(response)).toEqual({
        status: 400,
        error: 'invalid request',
        error_description: 'id_token required',
      })
    }
  })

  check([], 'a weak password comes with reasons', async () => {
    const json = { email: somebody().email, password: 'x' }
    expect(await read(await send(server, '/signup', { json }))).toMatchObject({
      status: 422,
      error_code: 'weak_password',
      weak_password: { reasons: expect.arrayContaining(['length']) },
    })
    expect(await read(await send(server, '/signup', { json, headers: version }))).toMatchObject({
      status: 422,
      code: 'weak_password',
      weak_password: { reasons: expect.arrayContaining(['length']) },
    })
  })

  check(['account'], 'a password may not stay the same', async () => {
    const account = somebody()
    const { access_token: token } = await signUp(server, account)
    const json = { password: account.password }
    expect(await read(await send(server, '/user', { method: 'PUT', json, token }))).toMatchObject({
      status: 422,
      error_code: 'same_password',
    })
  })
}, 'current')
