import { expect } from 'vitest'

import { onEachServer } from './server.js'
import {
  begin,
  comeBack,
  exchange,
  fragmentOf,
  locationOf,
  pkce,
  queryOf,
  read,
  send,
  signInAtProvider,
} from './steps.js'

const denial = { error: 'access_denied', error_description: 'The user said: no' }

onEachServer(({ server, check }) => {
  const isFork = server.flavor === 'fork2022'
  const redirect_to = `${server.siteURL}/cb`

  check([], 'a sign-in goes to the provider with a state', async () => {
    const url = await begin(server, { redirect_to, scopes: 'repo' })
    expect(url.searchParams.get('scope')).toContain('repo')
    const state = url.searchParams.get('state')!
    expect(state.split('.').length).toBe(isFork ? 3 : 1)
  })

  check([], 'a provider that is not enabled leaves people on a page of JSON', async () => {
    const { external } = (await read(await send(server, '/settings'))) as {
      external: Record<string, boolean>
    }
    const isOff = ([name, on]: [string, boolean]) =>
      !on && !['email', 'phone', 'anonymous_users', 'saml'].includes(name)
    const [off] = Object.entries(external).find(isOff) ?? []
    expect(off).toBeDefined()
    const response = await send(server, `/authorize?provider=${off}&redirect_to=${redirect_to}`)
    expect(response.headers.has('location')).toBe(false)
    expect(await read(response)).toMatchObject({
      status: 400,
      msg: expect.stringMatching(/^Unsupported provider: /),
    })
  })

  check([], 'a denial comes back in the provider’s words', async () => {
    const location = await comeBack(server, await begin(server, { redirect_to }), denial)
    expect(location.startsWith(`${redirect_to}?`)).toBe(true)
    expect(queryOf(location)).toEqual(denial)
    if (isFork) expect(location).not.toContain('#')
    // Escaped once more than the query is, so that reading it once leaves `%3A`.
    else
      expect(fragmentOf(location)).toEqual({
        error: 'access_denied',
        error_description: 'The user said%3A no',
        sb: '',
      })
  })

  check([], 'a denial meets the query and the fragment that were there', async () => {
    const asked = `${redirect_to}?x=1#/route`
    const location = await comeBack(server, await begin(server, { redirect_to: asked }), denial)
    const encoded = 'error=access_denied&error_description=The+user+said%3A+no'
    // The fork appends text, into the fragment. The other sorts the query and takes the fragment.
    if (isFork) expect(location).toBe(`${asked}?${encoded}`)
    else expect(location).toBe(`${redirect_to}?${encoded}&x=1#${encoded.replace('%', '%25')}&sb=`)
    if (!isFork) return
    const query = await begin(server, { redirect_to: `${redirect_to}?x=1` })
    expect(await comeBack(server, query, denial)).toBe(`${redirect_to}?x=1?${encoded}`)
  })

  check([], 'whoever asks for another site comes out at SITE_URL', async () => {
    const started = await begin(server, { redirect_to: 'https://elsewhere.example/cb' })
    const location = await comeBack(server, started, denial)
    expect(location.startsWith(server.siteURL)).toBe(true)
    expect(location).not.toContain('elsewhere')
  })

  check([], 'a state that is not good leads nowhere, or to SITE_URL', async () => {
    for (const [query, code] of [
      ['', 'bad_oauth_callback'],
      ['state=forged', 'bad_oauth_state'],
      ['state=00000000-0000-4000-8000-000000000000', 'bad_oauth_state'],
    ]) {
      const response = await send(server, `/callback?code=any&${query}`)
      if (isFork) {
        expect(response.headers.has('location')).toBe(false)
        expect(await read(response)).toMatchObject({ status: 400, code: 400 })
        continue
      }
      const location = locationOf(response, 303)
      expect(location.startsWith(`${server.siteURL}?`)).toBe(true)
      expect(queryOf(location)).toMatchObject({ error: 'invalid_request', error_code: code })
    }
  })

  check(['clock'], 'a state is good for five minutes', async () => {
    const started = await begin(server, { redirect_to })
    server.standIn!.pass(300_001)
    const state = started.searchParams.get('state')!
    const response = await send(server, `/callback?${new URLSearchParams({ state, ...denial })}`)
    if (isFork) expect(response.status).toBe(400)
    else expect(queryOf(locationOf(response, 303))).toMatchObject({ error_code: 'bad_oauth_state' })
  })

  check(['provider'], 'without PKCE the tokens are in the fragment, behind any other', async () => {
    for (const asked of [redirect_to, `${server.siteURL}/#/cb`]) {
      const started = await begin(server, { redirect_to: asked })
      const location = await signInAtProvider(server, started)
      expect(location.startsWith(`${asked}#`)).toBe(true)
      const names = Object.keys(fragmentOf(location))
      expect(names).toEqual(expect.arrayContaining(['access_token', 'expires_in', 'refresh_token']))
      expect(names.includes('expires_at')).toBe(!isFork)
      expect(names.includes('sb')).toBe(!isFork)
      expect(names).toEqual([...names].sort())
      const token = fragmentOf(location)['access_token']!
      expect((await send(server, '/user', { token })).status).toBe(200)
    }
  })

  check(['provider'], 'a code challenge makes it a code, but not on the fork', async () => {
    const asked = `${redirect_to}?x=1#/route`
    const location = await signInAtProvider(
      server,
      await begin(server, { redirect_to: asked, ...pkce }),
    )
    if (isFork) {
      expect(fragmentOf(location)).toHaveProperty('access_token')
      return
    }
    expect(queryOf(location)).toEqual({ code: expect.stringMatching(/^[\da-f-]{36}$/), x: '1' })
    expect(new URL(location).hash).toBe('#/route')
  })
})

onEachServer(({ server, check }) => {
  const redirect_to = `${server.siteURL}/cb`
  const getCode = async (): Promise<string> =>
    queryOf(await signInAtProvider(server, await begin(server, { redirect_to, ...pkce })))['code']!

  check(['provider'], 'a code is good once, and a wrong verifier costs nothing', async () => {
    const code = await getCode()
    expect(await read(await exchange(server, code, 'x'.repeat(43)))).toMatchObject({
      status: 400,
      error_code: 'bad_code_verifier',
    })
    expect(await read(await exchange(server, code))).toMatchObject({
      status: 200,
      token_type: 'bearer',
      expires_at: expect.any(Number),
      provider_token: expect.any(String),
    })
    expect(await read(await exchange(server, code))).toMatchObject({
      status: 404,
      error_code: 'flow_state_not_found',
    })
  })

  check(['provider', 'clock'], 'dialog and exchange share five minutes', async () => {
    const code = await getCode()
    server.standIn!.pass(300_001)
    expect(await read(await exchange(server, code))).toMatchObject({
      status: 422,
      error_code: 'flow_state_expired',
    })
  })

  check(['provider'], 'coming back twice is refused', async () => {
    const started = await begin(server, { redirect_to, ...pkce })
    await signInAtProvider(server, started)
    const state = started.searchParams.get('state')!
    const response = await send(server, `/callback?code=any&state=${state}`)
    expect(queryOf(locationOf(response, 303))).toMatchObject({
      error_code: 'flow_state_already_used',
    })
  })

  check([], 'a challenge needs its method', async () => {
    const { code_challenge } = pkce
    for (const extra of [{ code_challenge }, { ...pkce, code_challenge: 'short' }]) {
      const query = new URLSearchParams({ provider: server.provider, ...extra })
      expect(await read(await send(server, `/authorize?${query}`))).toMatchObject({
        status: 400,
        error_code: 'validation_failed',
      })
    }
  })
}, 'current')
