import { expect } from 'vitest'

import { onEachServer } from './server.js'
import { begin, queryOf, read, send, signInAtProvider, signUp, somebody } from './steps.js'

onEachServer(({ server, check }) => {
  const isFork = server.flavor === 'fork2022'

  check(['autoconfirm'], 'signing up twice is refused where it is confirmed at once', async () => {
    const json = somebody()
    const first = await read(await send(server, '/signup', { json }))
    expect(first).toMatchObject({ status: 200, access_token: expect.any(String) })
    const twice = await read(await send(server, '/signup', { json }))
    expect(twice).toMatchObject(
      isFork
        ? { status: 400, code: 400, msg: 'User already registered' }
        : { status: 422, error_code: 'user_already_exists' },
    )
  })

  check(['confirmation'], 'a sign-up that waits for a mail is a bare user', async () => {
    if (server.standIn) server.standIn.knobs.autoconfirm = false
    const json = somebody()
    const user = await read(await send(server, '/signup', { json }))
    expect(user).toMatchObject({
      status: 200,
      email: json.email,
      confirmation_sent_at: expect.any(String),
    })
    expect(user).not.toHaveProperty('access_token')
    const early = await read(await send(server, '/token?grant_type=password', { json }))
    expect(early).toMatchObject(
      isFork
        ? { error: 'invalid_grant', error_description: 'Email not confirmed' }
        : { status: 400, error_code: 'email_not_confirmed' },
    )
  })

  check(['confirmation', 'links'], 'one that is registered looks like a new one', async () => {
    const account = somebody()
    const known = await signUp(server, account)
    if (server.standIn) server.standIn.knobs.autoconfirm = false
    const fake = await read(await send(server, '/signup', { json: account }))
    expect(fake).toMatchObject({ status: 200, email: account.email, identities: [] })
    expect(fake['id']).not.toBe(known.user['id'])
  })

  check(
    ['account'],
    'the user changes at once, the access token not until it is renewed',
    async () => {
      const { access_token: token } = await signUp(server)
      const json = { data: { theme: 'dark' } }
      const answer = await read(await send(server, '/user', { method: 'PUT', json, token }))
      expect(answer).toMatchObject({ status: 200, user_metadata: { theme: 'dark' } })
      expect(answer).not.toHaveProperty('access_token')
    },
  )

  check(['account'], 'identities, resending and public keys are of today', async () => {
    const { access_token: token } = await signUp(server)
    const has = async (path: string, init = {}): Promise<boolean> =>
      !String((await read(await send(server, path, init)))['text']).includes('404 page not found')
    expect([
      await has(`/user/identities/authorize?provider=${server.provider}`, { token }),
      await has('/resend', { json: {} }),
      await has('/.well-known/jwks.json'),
    ]).toEqual(Array.from({ length: 3 }, () => !isFork))
    // Who may not be there is not even told what is.
    expect((await send(server, '/user/identities/authorize')).status).toBe(401)
  })
})

onEachServer(({ server, check }) => {
  const redirect_to = `${server.siteURL}/cb`
  /** Where the browser ends up, of whoever this token is. */
  const link = async (token: string): Promise<string> => {
    const { provider } = server
    const query = new URLSearchParams({ provider, redirect_to, skip_http_redirect: 'true' })
    const answer = await send(server, `/user/identities/authorize?${query}`, { token })
    const { url } = await read(answer)
    return signInAtProvider(server, new URL(String(url)))
  }

  check(
    ['account', 'linking', 'provider', 'person'],
    'an identity is linked by a URL that is asked for',
    async () => {
      const { access_token: token, user } = await signUp(server)
      const location = await link(token)
      expect(location).toContain('#access_token=')
      const known = await read(await send(server, '/user', { token }))
      expect(known['id']).toBe(user['id'])
      const identities = known['identities'] as { identity_id: string; provider: string }[]
      expect(identities).toHaveLength(2)

      // By the id of the identity, not by the provider's id of the person.
      const linked = identities.find(({ provider }) => provider === server.provider)!
      const unlink = (id: string) =>
        send(server, `/user/identities/${id}`, { method: 'DELETE', token })
      expect(await read(await unlink('no-uuid'))).toMatchObject({ status: 404 })
      expect((await unlink(linked.identity_id)).status).toBe(200)
      const [last] = identities.filter((it) => it !== linked)
      expect(await read(await unlink(last!.identity_id))).toMatchObject({
        status: 422,
        error_code: 'single_identity_not_deletable',
      })
    },
  )

  check(
    ['account', 'linking', 'provider'],
    'one that is taken is refused in the redirect',
    async () => {
      // Whoever the provider knows has an account after this.
      await signInAtProvider(server, await begin(server, { redirect_to }))
      const { access_token: token } = await signUp(server)
      const location = await link(token)
      expect(queryOf(location)).toMatchObject({ error_code: 'identity_already_exists' })
    },
  )

  check(['account', 'linkingOff'], 'linking is off unless it was turned on', async () => {
    if (server.standIn) server.standIn.knobs.manualLinking = false
    const { access_token: token } = await signUp(server)
    const path = `/user/identities/authorize?provider=${server.provider}&skip_http_redirect=true`
    const answer = await read(await send(server, path, { token }))
    expect(answer).toMatchObject({ status: 404, error_code: 'manual_linking_disabled' })
  })
}, 'current')
