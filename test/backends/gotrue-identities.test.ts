import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'

import { PASSWORD, SITE, startRig } from './gotrue-rig.js'

const email = 'ada@example.com'
const credentials = { email, password: PASSWORD }

describe('Supabase’s client of today', () => {
  test('signs in anonymously and becomes somebody', async () => {
    const { client, gotrue } = await startRig()
    const auth = client()
    const { data, error } = await auth.signInAnonymously({ options: { data: { theme: 'dark' } } })
    expect(error).toBeNull()
    expect(data.user).toMatchObject({ is_anonymous: true, user_metadata: { theme: 'dark' } })
    const updated = await auth.updateUser({ email, password: PASSWORD })
    expect(updated.data.user).toMatchObject({ id: data.user?.id, is_anonymous: false, email })
    gotrue.knobs.anonymous = false
    expect((await client().signInAnonymously()).error).toMatchObject({
      status: 422,
      code: 'anonymous_provider_disabled',
    })
  })

  test('links an identity and removes it again', async () => {
    const { client, visit, gotrue } = await startRig()
    const auth = client()
    const { data } = await auth.signUp(credentials)
    const link = () =>
      auth.linkIdentity({ provider: 'github', options: { redirectTo: `${SITE}/cb` } })
    expect((await link()).error).toMatchObject({ status: 404, code: 'manual_linking_disabled' })
    gotrue.knobs.manualLinking = true
    const only = (await auth.getUserIdentities()).data!.identities[0]!
    expect((await auth.unlinkIdentity(only)).error).toMatchObject({
      code: 'single_identity_not_deletable',
    })

    const landing = new URL(await visit((await link()).data.url!))
    const linked = await auth.exchangeCodeForSession(landing.searchParams.get('code')!)
    expect(linked.data.user?.id).toBe(data.user?.id)
    const identities = (await auth.getUserIdentities()).data!.identities
    expect(identities.map(({ provider }) => provider)).toEqual(['email', 'github'])
    const again = new URL(await visit((await link()).data.url!))
    expect(again.searchParams.get('error_code')).toBe('identity_already_exists')
    expect((await auth.unlinkIdentity(identities[1]!)).error).toBeNull()
    expect((await auth.getUserIdentities()).data!.identities).toHaveLength(1)
  })

  test('signs in with an ID token and the nonce in it', async () => {
    const { client, gotrue } = await startRig()
    const nonce = 'nonce-of-this-sign-in'
    const token = await gotrue.idToken({}, createHash('sha256').update(nonce).digest('hex'))
    const good = await client().signInWithIdToken({ provider: 'google', token, nonce })
    expect(good.error).toBeNull()
    expect(good.data.user?.email).toBe('ada@winter.example')
    for (const other of [{ nonce: 'of-another' }, {}, { nonce, token: `${token}x` }]) {
      const bad = await client().signInWithIdToken({ provider: 'google', token, ...other })
      expect(bad.error?.status).toBe(400)
    }
    const off = await client().signInWithIdToken({ provider: 'apple', token, nonce })
    expect(off.error).toMatchObject({ code: 'provider_disabled' })
  })

  test('checks tokens by itself where they are signed with a key pair', async () => {
    const { client } = await startRig({ algorithm: 'ES256' })
    const auth = client()
    await auth.signUp(credentials)
    const { data, error } = await auth.getClaims()
    expect(error).toBeNull()
    expect(data?.header).toMatchObject({ alg: 'ES256' })
    expect(data?.claims).toMatchObject({ email, role: 'authenticated', is_anonymous: false })
  })

  test('brings the answer to a captcha where one is asked for', async () => {
    const { client } = await startRig({ knobs: { captcha: 'right' } })
    const without = await client().signUp(credentials)
    expect(without.error).toMatchObject({ status: 400, code: 'captcha_failed' })
    const options = { captchaToken: 'right' }
    expect((await client().signUp({ ...credentials, options })).error).toBeNull()
    const auth = client()
    expect((await auth.signInWithPassword(credentials)).error).not.toBeNull()
    expect((await auth.signInWithPassword({ ...credentials, options })).error).toBeNull()
    expect((await auth.refreshSession()).error).toBeNull()
  })

  test('is refused everywhere once it is banned', async () => {
    const { client, gotrue } = await startRig()
    const auth = client()
    await auth.signUp(credentials)
    gotrue.ban(email)
    expect((await auth.getUser()).error).toMatchObject({ status: 403, code: 'user_banned' })
    expect((await auth.refreshSession()).error).toMatchObject({ status: 400, code: 'user_banned' })
    expect((await client().signInWithPassword(credentials)).error).toMatchObject({
      code: 'user_banned',
    })
  })
})
