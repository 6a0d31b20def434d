import { isAuthApiError, isAuthWeakPasswordError } from '@supabase/auth-js'
import { describe, expect, test } from 'vitest'

import { fragmentOf, PASSWORD, SITE, startRig } from './gotrue-rig.js'

const email = 'ada@example.com'
const credentials = { email, password: PASSWORD }

describe.each([1, 2] as const)(
  'Supabase’s client of today, refresh tokens version %i',
  (version) => {
    const start = (knobs = {}) => startRig({ refreshTokenVersion: version, knobs })

    test('signs up, in and out', async () => {
      const { client } = await start()
      const auth = client()
      const { data, error } = await auth.signUp({
        ...credentials,
        options: { data: { name: 'Ada' } },
      })
      expect(error).toBeNull()
      expect(data.user?.user_metadata).toMatchObject({ name: 'Ada', email })
      expect(data.session?.expires_at).toBeCloseTo(Date.now() / 1000 + 3600, -1)
      expect((await auth.signOut()).error).toBeNull()
      expect((await auth.getSession()).data.session).toBeNull()

      const again = await auth.signInWithPassword(credentials)
      expect(again.error).toBeNull()
      expect((await auth.getUser()).data.user?.id).toBe(data.user?.id)
    })

    test('is told why it may not', async () => {
      const { client } = await start()
      const auth = client()
      const weak = await auth.signUp({ email, password: 'short' })
      expect(isAuthWeakPasswordError(weak.error) && weak.error.reasons).toEqual(['length'])
      await auth.signUp(credentials)
      const twice = await client().signUp(credentials)
      expect(twice.error).toMatchObject({ status: 422, code: 'user_already_exists' })
      const wrong = await client().signInWithPassword({ email, password: 'wrong horse' })
      expect(isAuthApiError(wrong.error)).toBe(true)
      expect(wrong.error).toMatchObject({ status: 400, code: 'invalid_credentials' })
      expect((await auth.getUser('no.such.token')).error).toMatchObject({ code: 'bad_jwt' })
    })

    test('exchanges the code of a sign-in at the provider, once', async () => {
      const { client, visit } = await start()
      const auth = client()
      const { data } = await auth.signInWithOAuth({
        provider: 'github',
        options: {
          redirectTo: `${SITE}/cb?x=1#/route`,
          scopes: 'repo',
          queryParams: { prompt: 'login' },
        },
      })
      const landing = new URL(await visit(data.url!))
      expect(landing.searchParams.get('x')).toBe('1')
      expect(landing.hash).toBe('#/route')
      const code = landing.searchParams.get('code')!
      const exchanged = await auth.exchangeCodeForSession(code)
      expect(exchanged.error).toBeNull()
      expect(exchanged.data.session).toMatchObject({
        provider_token: 'provider-token-of-483920',
        provider_refresh_token: expect.any(String),
      })
      expect(exchanged.data.user?.app_metadata).toEqual({
        provider: 'github',
        providers: ['github'],
      })
      await auth.signInWithOAuth({ provider: 'github' })
      expect((await auth.exchangeCodeForSession(code)).error).toMatchObject({
        status: 404,
        code: 'flow_state_not_found',
      })
    })

    test('takes the tokens of a fragment', async () => {
      const { client, visit } = await start()
      const auth = client({ flowType: 'implicit' })
      const { data } = await auth.signInWithOAuth({
        provider: 'github',
        options: { redirectTo: `${SITE}/cb` },
      })
      const tokens = fragmentOf(await visit(data.url!))
      expect(tokens).toMatchObject({ token_type: 'bearer', expires_in: '3600', sb: '' })
      const { access_token = '', refresh_token = '' } = tokens
      const set = await auth.setSession({ access_token, refresh_token })
      expect(set.error).toBeNull()
      expect(set.data.user?.email).toBe('ada@winter.example')
    })

    test('renews, and is forgiven one answer that got lost', async () => {
      const { client, refreshes } = await start()
      const auth = client()
      await auth.signUp(credentials)
      const first = (await auth.getSession()).data.session!
      const second = (await auth.refreshSession()).data.session!
      expect(second.refresh_token).not.toBe(first.refresh_token)
      // The parent of the active token is good at any time, also without an interval.
      const other = await client().refreshSession({ refresh_token: first.refresh_token })
      expect(other.error).toBeNull()
      expect(other.data.session?.refresh_token).toBe(second.refresh_token)
      expect((await auth.refreshSession()).error).toBeNull()
      expect(refreshes()).toBe(3)
      const reused = await client().refreshSession({ refresh_token: first.refresh_token })
      expect(reused.error).toMatchObject({ status: 400, code: 'refresh_token_already_used' })
    })

    test('loses the session when an old token comes back', async () => {
      const { client, post } = await start()
      const auth = client()
      await auth.signUp(credentials)
      const { refresh_token } = (await auth.getSession()).data.session!
      await auth.refreshSession()
      await auth.refreshSession()
      await post('/token?grant_type=refresh_token', { refresh_token })
      // Version 2 deletes the session; version 1 leaves the access token alone until it expires.
      expect((await auth.getUser()).error?.message).toBe(
        version === 2 ? 'Auth session missing!' : undefined,
      )
      expect((await client().refreshSession({ refresh_token })).error).not.toBeNull()
    })

    test('signs out as widely as it is asked to', async () => {
      const { client } = await start()
      const [here, there, elsewhere] = [client(), client(), client()]
      await here.signUp(credentials)
      for (const auth of [there, elsewhere]) await auth.signInWithPassword(credentials)
      const isIn = async (auth: typeof here) => (await auth.getUser()).error === null
      await elsewhere.signOut({ scope: 'local' })
      expect([await isIn(here), await isIn(there)]).toEqual([true, true])
      await here.signOut({ scope: 'others' })
      expect([await isIn(here), await isIn(there)]).toEqual([true, false])
      await there.signInWithPassword(credentials)
      await there.signOut({ scope: 'global' })
      expect(await isIn(here)).toBe(false)
    })
  },
)
