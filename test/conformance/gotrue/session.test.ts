import { decodeJwt } from 'jose'
import { expect } from 'vitest'

import { onEachServer } from './server.js'
import { read, refresh, send, signIn, signUp, somebody } from './steps.js'

onEachServer(({ server, check }) => {
  const isFork = server.flavor === 'fork2022'

  check(['account'], 'a token answer says who, and how long', async () => {
    const account = somebody()
    const { access_token, refresh_token, ...rest } = await signUp(server, account)
    expect(rest).toMatchObject({
      token_type: 'bearer',
      user: { id: expect.any(String), email: account.email, aud: expect.any(String) },
    })
    expect('expires_at' in rest).toBe(!isFork)
    expect(refresh_token).toMatch(isFork ? /^[\w-]{22}$/ : /^([a-z0-9]{12}|[\w-]{51,})$/)
    const { exp = 0, iat = 0, sub, ...claims } = decodeJwt(access_token)
    expect(sub).toBe(rest.user['id'])
    expect('session_id' in claims).toBe(!isFork)
    // Either way the moment of issue, by the server's clock.
    const issuedAt = exp - rest.expires_in
    if (!isFork) expect(issuedAt).toBe(iat)
  })

  check(['account'], 'who has no good token is told so', async () => {
    const { access_token } = await signUp(server)
    expect(await read(await send(server, '/user', { token: access_token }))).toMatchObject({
      status: 200,
      email_confirmed_at: expect.any(String),
      app_metadata: { provider: 'email' },
    })
    expect(await read(await send(server, '/user'))).toMatchObject({ status: 401 })
    const forged = await read(await send(server, '/user', { token: `${access_token}x` }))
    if (isFork) expect(forged).toMatchObject({ status: 401, code: 401 })
    else expect(forged).toMatchObject({ status: 403, error_code: 'bad_jwt' })
  })

  check(['account', 'clock'], 'an expired token is 401 on the fork, 403 on the other', async () => {
    const { access_token } = await signUp(server)
    server.standIn!.pass(3_600_000)
    const answer = await read(await send(server, '/user', { token: access_token }))
    const expired = {
      status: 401,
      msg: expect.stringMatching(/^Invalid token: token is expired by /),
    }
    expect(answer).toMatchObject(isFork ? expired : { status: 403, error_code: 'bad_jwt' })
    // Signing out cannot reach the server any more, either.
    const out = await send(server, '/logout', { method: 'POST', token: access_token })
    expect(out.status).toBe(isFork ? 401 : 403)
  })

  check(['account'], 'signing out ends what it is asked to end', async () => {
    const account = somebody()
    const here = await signUp(server, account)
    const there = await signIn(server, account)
    const out = (scope: string) =>
      send(server, `/logout?scope=${scope}`, { method: 'POST', token: here.access_token })
    const isIn = async ({ access_token, refresh_token }: typeof here) => [
      (await send(server, '/user', { token: access_token })).status,
      (await refresh(server, refresh_token)).status,
    ]
    expect((await out('local')).status).toBe(204)
    if (isFork) {
      // Every refresh token of theirs, whatever the scope; no access token.
      expect([await isIn(here), await isIn(there)]).toEqual([
        [200, 400],
        [200, 400],
      ])
      return
    }
    expect([await isIn(here), await isIn(there)]).toEqual([
      [403, 400],
      [200, 200],
    ])
    expect(await read(await out('local'))).toMatchObject({
      status: 403,
      error_code: 'session_not_found',
    })
  })
})

onEachServer(({ server, check }) => {
  check(['account'], 'the scope is others, global or local, and nothing else', async () => {
    const account = somebody()
    const here = await signUp(server, account)
    const there = await signIn(server, account)
    const out = (scope: string, token = here.access_token) =>
      send(server, `/logout${scope}`, { method: 'POST', token })
    const statuses = () =>
      Promise.all(
        [here, there].map(async ({ access_token: token }) => {
          return (await send(server, '/user', { token })).status
        }),
      )
    expect(await read(await out('?scope=all'))).toMatchObject({ error_code: 'validation_failed' })
    await out('?scope=others')
    expect(await statuses()).toEqual([200, 403])
    const third = await signIn(server, account)
    await out('', third.access_token)
    expect(await statuses()).toEqual([403, 403])
  })

  check(['account'], 'a new password ends the other sessions', async () => {
    const account = somebody()
    const here = await signUp(server, account)
    const there = await signIn(server, account)
    const json = { password: somebody().password }
    const token = here.access_token
    expect((await send(server, '/user', { method: 'PUT', json, token })).status).toBe(200)
    expect((await send(server, '/user', { token })).status).toBe(200)
    expect((await refresh(server, there.refresh_token)).status).toBe(400)
  })
}, 'current')
