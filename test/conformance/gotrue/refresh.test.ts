import { expect } from 'vitest'

import { onEachServer } from './server.js'
import { read, refresh, renew, send, signUp } from './steps.js'

const INVALID_GRANT = {
  status: 400,
  error: 'invalid_grant',
  error_description: 'Invalid Refresh Token',
}
const USED = { status: 400, error_code: 'refresh_token_already_used' }

onEachServer(({ server, check }) => {
  check(['account'], 'a refresh token is spent for the next, of its own shape', async () => {
    const first = await signUp(server)
    const next = await renew(server, first)
    expect(next.refresh_token).not.toBe(first.refresh_token)
    expect(next.refresh_token).toHaveLength(first.refresh_token.length)
    expect('expires_at' in next).toBe(server.flavor === 'current')
    expect((await send(server, '/user', { token: next.access_token })).status).toBe(200)
  })
})

onEachServer(({ server, check }) => {
  check(
    ['account', 'strict'],
    'reuse without an interval costs the token that took its place',
    async () => {
      const first = await signUp(server)
      const next = await renew(server, first)
      expect(await read(await refresh(server, first.refresh_token))).toEqual(INVALID_GRANT)
      expect(await read(await refresh(server, next.refresh_token))).toEqual(INVALID_GRANT)
      // Signed out, and nobody is told: the access token lives on.
      expect((await send(server, '/user', { token: next.access_token })).status).toBe(200)
    },
  )

  check(['account', 'interval'], 'within the interval the same token is given again', async () => {
    if (server.standIn) server.standIn.knobs.reuseInterval = 10_000
    const first = await signUp(server)
    const next = await renew(server, first)
    const again = await renew(server, first)
    expect(again.refresh_token).toBe(next.refresh_token)
    // The grandparent of the active one is too old at any time.
    await renew(server, next)
    expect(await read(await refresh(server, first.refresh_token))).toEqual(INVALID_GRANT)
  })

  check([], 'every cause has the same words', async () => {
    expect(await read(await refresh(server, 'never-issued'))).toEqual(INVALID_GRANT)
    expect(await read(await refresh(server, ''))).toEqual({
      status: 400,
      error: 'invalid_request',
      error_description: 'refresh_token required',
    })
  })
}, 'fork2022')

onEachServer(({ server, check }) => {
  check(['account'], 'the parent of the active token is good at any time', async () => {
    const first = await signUp(server)
    const next = await renew(server, first)
    server.standIn?.pass(86_400_000)
    expect((await renew(server, first)).refresh_token).toBe(next.refresh_token)
    expect((await renew(server, first)).refresh_token).toBe(next.refresh_token)
  })

  check(['account', 'strict'], 'an older one ends the family, or the whole session', async () => {
    const first = await signUp(server)
    const second = await renew(server, first)
    const third = await renew(server, second)
    expect(await read(await refresh(server, first.refresh_token))).toMatchObject(USED)
    const user = await read(await send(server, '/user', { token: third.access_token }))
    const after = await read(await refresh(server, third.refresh_token))
    if (third.refresh_token.length === 12) {
      expect([user['status'], after]).toMatchObject([200, USED])
    } else {
      expect(user).toMatchObject({ status: 403, error_code: 'session_not_found' })
      expect(after).toMatchObject({ status: 400, error_code: 'refresh_token_not_found' })
    }
  })

  check(['account', 'interval'], 'within the interval an older one is forgiven', async () => {
    if (server.standIn) server.standIn.knobs.reuseInterval = 10_000
    const first = await signUp(server)
    const third = await renew(server, await renew(server, first))
    const forgiven = await renew(server, first)
    // Version 1 adds a child beside the active one, version 2 gives the active one again.
    const isSame = forgiven.refresh_token === third.refresh_token
    expect(isSame).toBe(third.refresh_token.length !== 12)
    expect((await refresh(server, third.refresh_token)).status).toBe(200)
  })

  check([], 'what no server has issued is told apart', async () => {
    for (const [token, code] of [
      ['short', 'validation_failed'],
      ['UPPERCASE123', 'validation_failed'],
      ['aaaaaaaaaaaa', 'refresh_token_not_found'],
      ['a'.repeat(51), 'validation_failed'],
    ] as const) {
      const answer = await read(await refresh(server, token))
      expect(answer).toMatchObject({ status: 400, error_code: code })
    }
  })
}, 'current')
