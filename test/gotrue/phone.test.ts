import { expect, test } from 'vitest'

import { codeOf, FLAVORS, setUp } from './scene.js'

const phone = '+15550100'
/** As the servers keep it. */
const digits = '15550100'

test.each(FLAVORS)('%s: a code from a text message signs in', async (flavor) => {
  const scene = setUp(flavor)
  const auth = scene.create()
  await auth.signInWithOtp({ phone })
  expect(JSON.parse(scene.asked('POST', '/otp')[0]!.body)).toEqual({ phone, create_user: true })
  const wrong = auth.verifyOtp({ type: 'sms', phone, token: '000000' })
  expect(await codeOf(wrong)).toBe('otp_expired')
  const { code } = scene.server.outbox.at(-1)!
  const session = await auth.verifyOtp({ type: 'sms', phone, token: code })
  // No link, and no mail: a sign-in like any other.
  expect(session).toMatchObject({ user: { phone: digits, email: null }, kind: 'signIn' })
  expect(auth.session.value.data).toEqual(session)
  expect(await codeOf(auth.verifyOtp({ type: 'sms', phone, token: code }))).toBe('otp_expired')
  expect(auth.session.value.status).toBe('authenticated')
})

test.each(FLAVORS)('%s: signed up by phone, and signed in by password', async (flavor) => {
  const scene = setUp(flavor, { knobs: { phoneAutoconfirm: true } })
  const auth = scene.create()
  const { status } = await auth.signUp({ phone, password: 'correct horse' })
  expect(status).toBe('authenticated')
  await auth.signOut()
  const session = await auth.signInWithPassword({ phone, password: 'correct horse' })
  expect(session.user).toMatchObject({ phone: digits, name: null })
})

test('current: a text message is sent once more', async () => {
  const scene = setUp('current')
  const auth = scene.create()
  await auth.signInWithOtp({ phone, channel: 'sms' })
  scene.world.clock.jump(1_000)
  await auth.resend({ type: 'sms', phone })
  const { code } = scene.server.outbox.at(-1)!
  expect(scene.server.outbox).toHaveLength(2)
  expect(await codeOf(auth.verifyOtp({ type: 'sms', phone, token: code }))).toBe('resolved')
})
