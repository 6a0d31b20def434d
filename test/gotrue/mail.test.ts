import { expect, test } from 'vitest'

import { ACCOUNT, APP, codeOf, FLAVORS, setUp } from './scene.js'

const { email } = ACCOUNT
/** What is asked for, and what kind of session its link brings. */
const MAILS = ['signup', 'magiclink', 'recovery', 'email_change'] as const

test.each(FLAVORS.flatMap((flavor) => MAILS.map((kind) => [flavor, kind] as const)))(
  '%s: the link of a mail signs in, and says what it was for: %s',
  async (flavor, kind) => {
    const scene = setUp(flavor, { knobs: { secureEmailChange: false } })
    const auth = await scene.signUp()
    scene.server.knobs.autoconfirm = false
    const redirectTo = '/welcome?kept=1'
    if (kind === 'email_change') await auth.updateUser({ email: 'new@winter.example', redirectTo })
    await auth.signOut()
    if (kind === 'magiclink') await auth.signInWithMagicLink({ email, redirectTo })
    if (kind === 'recovery') await auth.recover({ email, redirectTo })
    if (kind === 'signup') {
      await auth.signUp({ ...ACCOUNT, email: 'new@winter.example', redirectTo })
    }
    // In another tab, which the mail program opened.
    const tab = scene.world.tab(await scene.follow())
    const back = scene.create({}, tab.page)
    expect((await back.completeSignIn())?.session.kind).toBe(kind)
    expect(tab.page.location.href).toBe(APP + redirectTo)
    const exchanges = scene.asked('POST', '/token', 'pkce')
    expect(exchanges).toHaveLength(flavor === 'current' ? 1 : 0)
    // The first tab is signed in with it.
    expect((await auth.getSession({ fresh: true }))?.kind).toBe(kind)
  },
)

test.each(FLAVORS)(
  '%s: a link’s page stays where sign-ins have one of their own',
  async (flavor) => {
    const scene = setUp(flavor)
    const auth = await scene.signUp()
    await auth.signOut()
    await auth.signInWithMagicLink({ email, redirectTo: '/welcome?kept=1' })
    const left = scene.tab.navigations.length
    const back = scene.land(await scene.follow(), { callbackURL: '/callback' })
    const landing = await back.completeSignIn()
    expect(landing?.redirectTo).toBe(`${APP}/welcome?kept=1`)
    // Going there would be a reload, and the end of what only this page holds.
    expect(scene.tab.navigations).toHaveLength(left)
  },
)

test.each(FLAVORS)('%s: a recovery is one until there is a new password', async (flavor) => {
  const scene = setUp(flavor)
  const auth = await scene.signUp()
  await auth.signOut()
  await auth.recover({ email, redirectTo: '/reset' })
  const back = scene.land(await scene.follow())
  await back.completeSignIn()
  const reloaded = scene.land(`${APP}/reset`)
  expect((await reloaded.getSession())?.kind).toBe('recovery')
  const session = await reloaded.updateUser({ password: 'another horse' })
  expect(session.kind).toBe('signIn')
  expect((await scene.land(`${APP}/`).getSession())?.kind).toBe('signIn')
})

test.each(FLAVORS)('%s: an invitation', async (flavor) => {
  const scene = setUp(flavor)
  const key = await scene.server.key('service_role')
  await scene.server.handler(
    new Request('http://gotrue.test/invite', {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ email }),
    }),
  )
  const link = await scene.follow()
  if (flavor === 'current') {
    expect(await codeOf(scene.land(link).completeSignIn())).toBe('flow_mismatch')
  }
  const auth = scene.land(link, { gotrue: { flavor, mailLinks: 'implicit' } })
  expect((await auth.completeSignIn())?.session.kind).toBe('invite')
})

test('current: of two mails, each link finds what it was asked with', async () => {
  const scene = setUp('current')
  const auth = await scene.signUp()
  await auth.signOut()
  await auth.signInWithMagicLink({ email, redirectTo: '/one' })
  const first = await scene.follow()
  await auth.recover({ email, redirectTo: '/two' })
  const second = await scene.follow()
  expect((await scene.land(first).completeSignIn())?.session.kind).toBe('magiclink')
  await scene.create().signOut()
  expect((await scene.land(second).completeSignIn())?.session.kind).toBe('recovery')
  expect(scene.stored()).not.toContain('verifier')
})

test('current: in another browser a link is of no use, and says so', async () => {
  const scene = setUp('current')
  const auth = await scene.signUp()
  await auth.signOut()
  await auth.signInWithMagicLink({ email, redirectTo: '/cb' })
  scene.world.local.of(APP).clear()
  expect(await codeOf(scene.land(await scene.follow()).completeSignIn())).toBe(
    'pkce_verifier_missing',
  )
})

test('current: links with tokens, where the app asks for those', async () => {
  const scene = setUp('current')
  const options = { gotrue: { flavor: 'current', mailLinks: 'implicit' } } as const
  const auth = await scene.signUp(options)
  await auth.signOut()
  await auth.recover({ email, redirectTo: '/cb' })
  scene.world.local.of(APP).clear()
  const back = scene.land(await scene.follow(), options)
  expect((await back.completeSignIn())?.session.kind).toBe('recovery')
  expect(scene.tab.page.location.href).toBe(`${APP}/cb`)
})

test.each(FLAVORS)(
  '%s: the first of two confirmations is a notice, and no error',
  async (flavor) => {
    const scene = setUp(flavor)
    const auth = await scene.signUp()
    scene.server.knobs.autoconfirm = false
    await auth.updateUser({ email: 'new@winter.example', redirectTo: '/cb?x=1' })
    const back = scene.land(await scene.follow())
    expect(await back.completeSignIn()).toBe(null)
    expect(scene.events).toEqual([
      { type: 'notice', message: expect.stringMatching(/^Confirmation link accepted/) },
    ])
    expect(scene.tab.page.location.href).toBe(`${APP}/cb?x=1`)
    expect((await back.getSession())?.user.email).toBe(email)
  },
)

test.each(FLAVORS)('%s: a link that was used before ends nobody’s session', async (flavor) => {
  const scene = setUp(flavor)
  const auth = await scene.signUp()
  await auth.signOut()
  await auth.signInWithMagicLink({ email, redirectTo: '/cb' })
  await scene.land(await scene.follow()).completeSignIn()
  const again = scene.land(await scene.follow())
  expect(await codeOf(again.completeSignIn())).toBe('otp_expired')
  expect(scene.tab.page.location.href).toBe(`${APP}/cb`)
  expect((await again.getSession())?.user.email).toBe(email)
})

test.each(['memory', 'session'] as const)(
  'current: a link finds what it was asked with, where tokens are kept in %s',
  async (storage) => {
    const scene = setUp('current')
    const auth = await scene.signUp({ storage })
    await auth.signOut()
    await auth.recover({ email, redirectTo: '/reset' })
    const back = scene.create({ storage }, scene.world.tab(await scene.follow()).page)
    expect((await back.completeSignIn())?.session.kind).toBe('recovery')
    expect(scene.stored()).not.toMatch(/verifier|accessToken/)
  },
)

test('current: however many are asked for, five are kept, and what nobody can read is not', async () => {
  const scene = setUp('current')
  const auth = await scene.signUp()
  await auth.signOut()
  const key = `latchkey:tokens:http://gotrue.test:mail`
  const storage = scene.world.local.of(APP)
  for (const garbage of ['[null]', '{}', '"x"', '[{"askedAt":"x"}]']) {
    storage.set(key, garbage)
    await auth.signInWithMagicLink({ email, redirectTo: '/cb' })
    expect((await scene.land(await scene.follow()).completeSignIn())?.session.kind).toBe(
      'magiclink',
    )
    await scene.create().signOut()
  }
  for (let i = 0; i < 8; i += 1) await auth.signInWithMagicLink({ email })
  expect(JSON.parse(storage.get(key)!)).toHaveLength(5)
})
