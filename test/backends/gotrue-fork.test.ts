import { GoTrueClient as ForkClient } from '@supabase/gotrue-js'
import { describe, expect, test } from 'vitest'

import { fragmentOf, jsonOf, memory, PASSWORD, SITE, startRig, type Rig } from './gotrue-rig.js'

const email = 'ada@example.com'
const credentials = { email, password: PASSWORD }

const start = async (knobs = {}): Promise<Rig & { client2022: () => ForkClient }> => {
  const rig = await startRig({ flavor: 'fork2022', knobs })
  const options = { autoRefreshToken: false, detectSessionInUrl: false, persistSession: true }
  const client2022 = () => new ForkClient({ url: rig.url, ...options, localStorage: memory() })
  return { ...rig, client2022 }
}

describe('the client of 2022, on the fork', () => {
  test('signs up, in and out', async () => {
    const { client2022 } = await start()
    const auth = client2022()
    const up = await auth.signUp(credentials, { data: { name: 'Ada' } })
    expect(up.error).toBeNull()
    expect(up.user?.user_metadata).toEqual({ name: 'Ada' })
    const { access_token } = auth.session()!
    expect((await auth.api.getUser(access_token)).user?.id).toBe(up.user?.id)
    expect((await auth.update({ data: { name: 'Ada Winter' } })).error).toBeNull()
    expect((await auth.signOut()).error).toBeNull()
    // Nothing but the refresh tokens ended: an access token lives until it expires.
    expect((await auth.api.getUser(access_token)).user?.user_metadata).toEqual({
      name: 'Ada Winter',
    })
    expect((await auth.signIn(credentials)).error).toBeNull()
    expect((await client2022().signUp(credentials)).error).toMatchObject({
      status: 400,
      message: 'User already registered',
    })
    expect((await client2022().signIn({ email, password: 'wrong horse' })).error).toMatchObject({
      status: 400,
      message: 'Invalid login credentials',
    })
  })

  test('gets tokens in the fragment of a sign-in at the provider', async () => {
    const { client2022, visit } = await start()
    const auth = client2022()
    const redirectTo = `${SITE}/#/login`
    const { url } = await auth.signIn({ provider: 'github' }, { redirectTo, scopes: 'repo' })
    const location = await visit(url!)
    // Two fragments, because the server appends text.
    const [, fragment = ''] = location.split(`${redirectTo}#`)
    const tokens = Object.fromEntries(new URLSearchParams(fragment))
    expect(Object.keys(tokens)).toEqual([
      'access_token',
      'expires_in',
      'provider_token',
      'refresh_token',
      'token_type',
    ])
    const { session, error } = await auth.setSession(tokens['refresh_token']!)
    expect(error).toBeNull()
    expect(session?.user?.email).toBe('ada@winter.example')
  })

  test('loses everything by refreshing twice with one token', async () => {
    const { client2022, post } = await start()
    const auth = client2022()
    await auth.signUp(credentials)
    const { refresh_token: parent = '' } = auth.session()!
    expect((await auth.refreshSession()).error).toBeNull()
    const again = await post('/token?grant_type=refresh_token', { refresh_token: parent })
    expect(await again.json()).toEqual({
      error: 'invalid_grant',
      error_description: 'Invalid Refresh Token',
    })
    expect((await auth.refreshSession()).error).toMatchObject({ message: 'Invalid Refresh Token' })
  })

  test('is given the same token again within the interval', async () => {
    const { client2022, pass } = await start({ reuseInterval: 10_000 })
    const auth = client2022()
    await auth.signUp(credentials)
    const { refresh_token: refreshToken = '' } = auth.session()!
    await auth.refreshSession()
    const child = auth.session()!.refresh_token
    const other = client2022()
    expect((await other.signIn({ refreshToken })).session?.refresh_token).toBe(child)
    pass(10_001)
    expect((await client2022().signIn({ refreshToken })).error).not.toBeNull()
    expect((await auth.refreshSession()).error).not.toBeNull()
  })

  test('has its family forked by two requests of one moment', async () => {
    const { client2022, gotrue, url } = await start()
    const auth = client2022()
    await auth.signUp(credentials)
    const body = JSON.stringify({ refresh_token: auth.session()!.refresh_token })
    const refresh = () =>
      gotrue.handler(new Request(`${url}/token?grant_type=refresh_token`, { method: 'POST', body }))
    const both = await Promise.all([refresh(), refresh()])
    expect(both.map(({ status }) => status)).toEqual([200, 200])
    const [one, other] = await Promise.all(both.map(jsonOf))
    expect(one!['refresh_token']).not.toBe(other!['refresh_token'])
  })

  test('signs out everywhere', async () => {
    const { client2022 } = await start()
    const [here, there] = [client2022(), client2022()]
    await here.signUp(credentials)
    await there.signIn(credentials)
    await here.signOut()
    expect((await there.refreshSession()).error).toMatchObject({ message: 'Invalid Refresh Token' })
  })

  test('follows the link of a mail, with the tokens and what it was for', async () => {
    const { client2022, follow, lastMessage } = await start({ autoconfirm: false })
    const auth = client2022()
    const up = await auth.signUp(credentials, { redirectTo: `${SITE}/welcome` })
    expect([up.session, up.user?.email]).toEqual([null, email])
    expect((await auth.signIn(credentials)).error).toMatchObject({ message: 'Email not confirmed' })
    expect(lastMessage().code).toMatch(/^([a-z]{5}-){3}[a-z]{5}$/)
    const location = await follow(lastMessage())
    expect(fragmentOf(location)).toMatchObject({ type: 'signup', token_type: 'bearer' })
    expect(fragmentOf(await follow(lastMessage()))).toEqual({
      error_code: '404',
      error_description: 'Confirmation Token not found',
    })
    await auth.api.resetPasswordForEmail(email)
    expect(fragmentOf(await follow(lastMessage()))).toMatchObject({ type: 'recovery' })
    expect((await auth.api.resetPasswordForEmail('nobody@example.com')).error).toMatchObject({
      status: 404,
      message: 'User not found',
    })
  })

  test('signs in by the code of a mail or an SMS', async () => {
    const { client2022, lastMessage } = await start()
    const auth = client2022()
    await auth.signUp(credentials)
    expect((await auth.signIn({ email })).error).toBeNull()
    const token = lastMessage().code
    expect((await auth.verifyOTP({ email, token, type: 'magiclink' })).error).toBeNull()
    expect((await auth.verifyOTP({ email, token, type: 'magiclink' })).error).toMatchObject({
      status: 401,
      message: 'Token has expired or is invalid',
    })
    const phone = '15550100'
    expect((await auth.signIn({ phone })).error).toBeNull()
    const sms = await auth.verifyOTP({ phone, token: lastMessage().code, type: 'sms' })
    expect(sms.user?.phone).toBe(phone)
  })

  test('invites and generates links with a service key', async () => {
    const { client2022, gotrue, follow, lastMessage } = await start()
    const { api } = client2022()
    const headers = { authorization: `Bearer ${await gotrue.key('service_role')}` }
    Object.assign(api, { headers })
    expect((await api.inviteUserByEmail(email, { redirectTo: `${SITE}/invited` })).error).toBeNull()
    expect(fragmentOf(await follow(lastMessage()))).toMatchObject({ type: 'invite' })
    const { data } = await api.generateLink('magiclink', email)
    expect(data).toMatchObject({ action_link: expect.stringContaining('type=magiclink') })
    Object.assign(headers, { authorization: `Bearer ${await gotrue.key('anon')}` })
    expect((await api.inviteUserByEmail(email)).error).toMatchObject({
      status: 401,
      message: 'User not allowed',
    })
  })
})

describe('the client of today, on the fork', () => {
  test('asks for what did not exist', async () => {
    const { client, visit, gotrue } = await startRig({
      flavor: 'fork2022',
      knobs: { manualLinking: true },
    })
    const auth = client()
    expect((await auth.signUp(credentials)).error).toBeNull()
    expect((await auth.refreshSession()).error).toBeNull()
    expect((await auth.linkIdentity({ provider: 'github' })).error).not.toBeNull()
    expect(gotrue.requests.at(-1)).toMatchObject({
      path: '/user/identities/authorize',
      status: 404,
    })
    const { data } = await auth.signInWithOAuth({ provider: 'github' })
    // PKCE is ignored in silence: tokens, and no code.
    expect(fragmentOf(await visit(data.url!))).toHaveProperty('access_token')
    expect((await client().signInAnonymously()).error).toMatchObject({ status: 422 })
    await auth.signInWithOtp({ email })
    const token = gotrue.outbox.at(-1)!.code
    const verified = await client().verifyOtp({ email, token, type: 'email' })
    expect(verified.error).toMatchObject({ status: 401 })
    expect(gotrue.requests.at(-1)).toMatchObject({ path: '/verify', status: 401 })
  })
})
