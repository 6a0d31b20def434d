import { describe, expect, test } from 'vitest'

import { fragmentOf, PASSWORD, SITE, startRig } from './gotrue-rig.js'

const email = 'ada@example.com'
const credentials = { email, password: PASSWORD }

describe('Supabase’s client of today, with its mails', () => {
  test('confirms a sign-up by link, in the browser that asked', async () => {
    const { client, follow, gotrue, lastMessage } = await startRig({
      knobs: { autoconfirm: false },
    })
    const auth = client()
    const emailRedirectTo = `${SITE}/welcome?a=1&b=2`
    const { data, error } = await auth.signUp({ ...credentials, options: { emailRedirectTo } })
    expect(error).toBeNull()
    expect(data.session).toBeNull()
    expect(await client().signInWithPassword(credentials)).toMatchObject({
      error: { code: 'email_not_confirmed' },
    })
    expect(gotrue.outbox).toHaveLength(1)
    expect(lastMessage()).toMatchObject({
      to: email,
      type: 'signup',
      code: expect.stringMatching(/^\d{6}$/),
    })
    const landing = new URL(await follow(lastMessage()))
    expect(landing.pathname).toBe('/welcome')
    expect(landing.searchParams.get('b')).toBe('2')
    const exchanged = await auth.exchangeCodeForSession(landing.searchParams.get('code')!)
    expect(exchanged.error).toBeNull()
    expect(exchanged.data.user?.email_confirmed_at).toBeDefined()
  })

  test('signs in by the code or the link of one mail, but not by both', async () => {
    const { client, follow, lastMessage, pass } = await startRig()
    const auth = client()
    await auth.signUp(credentials)
    const ask = () => auth.signInWithOtp({ email, options: { emailRedirectTo: `${SITE}/cb` } })
    expect((await ask()).error).toBeNull()
    const mail = lastMessage()
    expect(mail.type).toBe('magiclink')
    const typed = await client().verifyOtp({ email, token: mail.code, type: 'email' })
    expect(typed.error).toBeNull()
    expect(typed.data.user?.email).toBe(email)
    const landing = new URL(await follow(mail))
    expect(landing.searchParams.get('error_code')).toBe('otp_expired')
    expect((await ask()).error).toMatchObject({ status: 429, code: 'over_email_send_rate_limit' })

    pass(60_000)
    await ask()
    pass(3_500_000)
    // Half an hour late, and still good: following the link starts the code's own five minutes.
    const code = new URL(await follow(lastMessage())).searchParams.get('code')!
    pass(299_000)
    expect((await auth.exchangeCodeForSession(code)).error).toBeNull()
  })

  test('recovers a password, by a link that has to be followed soon', async () => {
    const { client, follow, lastMessage, pass } = await startRig()
    const auth = client()
    await client().signUp(credentials)
    const ask = () => auth.resetPasswordForEmail(email, { redirectTo: `${SITE}/reset` })
    await ask()
    const landing = new URL(await follow(lastMessage()))
    expect([...landing.searchParams.keys()]).toEqual(['code'])
    expect((await auth.exchangeCodeForSession(landing.searchParams.get('code')!)).error).toBeNull()
    expect((await auth.updateUser({ password: PASSWORD })).error).toMatchObject({
      code: 'same_password',
    })
    expect((await auth.updateUser({ password: 'another horse' })).error).toBeNull()
    expect((await client().signInWithPassword(credentials)).error).not.toBeNull()

    pass(60_000)
    await ask()
    pass(300_001)
    const late = new URL(await follow(lastMessage())).searchParams.get('code')!
    expect((await auth.exchangeCodeForSession(late)).error).toMatchObject({
      status: 422,
      code: 'flow_state_expired',
    })
    expect((await auth.resetPasswordForEmail('nobody@example.com')).error).toBeNull()
  })

  test('signs in by SMS, and asks for the code again', async () => {
    const { client, lastMessage, pass } = await startRig()
    const auth = client()
    const phone = '+15550100'
    expect((await auth.signInWithOtp({ phone })).error).toBeNull()
    expect((await auth.resend({ phone, type: 'sms' })).error).toMatchObject({
      code: 'over_sms_send_rate_limit',
    })
    pass(60_001)
    await auth.resend({ phone, type: 'sms' })
    expect(lastMessage()).toMatchObject({ to: '15550100', type: 'sms', link: null })
    const wrong = await auth.verifyOtp({ phone, token: 'abcdef', type: 'sms' })
    expect(wrong.error).toMatchObject({ status: 403, code: 'otp_expired' })
    const right = await auth.verifyOtp({ phone, token: lastMessage().code, type: 'sms' })
    expect(right.data.user?.phone).toBe('15550100')
    const off = await auth.signInWithOtp({
      phone: '+15550199',
      options: { shouldCreateUser: false },
    })
    expect(off.error).toMatchObject({ status: 422, code: 'otp_disabled' })
  })

  test('changes an address once both have agreed', async () => {
    const { client, follow, gotrue } = await startRig()
    const auth = client({ flowType: 'implicit' })
    await auth.signUp(credentials)
    gotrue.knobs.autoconfirm = false
    const next = 'ada@winter.example'
    const { data, error } = await auth.updateUser({ email: next })
    expect(error).toBeNull()
    expect(data.user).toMatchObject({ email, new_email: next })
    const [first, second] = gotrue.outbox
    const halfway = await follow(first)
    expect(fragmentOf(halfway)).toMatchObject({ message: expect.stringContaining('other') })
    expect(fragmentOf(await follow(second))).toMatchObject({ type: 'email_change' })
    expect((await auth.getUser()).data.user?.email).toBe(next)
  })

  test('sets a password with the nonce of a mail, where that is wanted', async () => {
    const { client, lastMessage, pass } = await startRig({ knobs: { reauthenticate: true } })
    const auth = client()
    await auth.signUp(credentials)
    const { data } = await auth.getSession()
    // Whoever signed in within a day needs none.
    expect((await auth.updateUser({ password: 'second horse' })).error).toBeNull()
    pass(86_400_001)
    await auth.refreshSession(data.session!)
    const password = 'third horse'
    expect((await auth.updateUser({ password })).error).toMatchObject({
      code: 'reauthentication_needed',
    })
    expect((await auth.reauthenticate()).error).toBeNull()
    const nonce = lastMessage().code
    expect((await auth.updateUser({ password, nonce: 'x' })).error).toMatchObject({
      code: 'reauthentication_not_valid',
    })
    expect((await auth.updateUser({ password, nonce })).error).toBeNull()
  })
})
