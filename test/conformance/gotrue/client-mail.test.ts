import { expect } from 'vitest'

import { failureOf, PKCE, setUp } from './client.js'
import { onEachServer } from './server.js'
import { followLink, generateLink, linkTo, somebody } from './steps.js'

/** The links of an admin have no challenge. */
const implicit = { gotrue: { mailLinks: 'implicit' } } as const

onEachServer(({ server, check }) => {
  const cb = `${server.siteURL}/cb`

  check(['account', 'links'], 'a recovery link signs in, and says what it was', async () => {
    const account = somebody()
    await setUp(server).signIn({}, account)
    const link = await generateLink(server, 'recovery', { email: account.email }, cb)
    const { land, inTime, tab } = setUp(server)
    const auth = land(await followLink(link), implicit)
    const session = await inTime(auth.getSession())
    expect(session).toMatchObject({ kind: 'recovery', user: { email: account.email } })
    expect(tab.page.location.href).toBe(cb)

    const changed = await inTime(auth.updateUser({ password: somebody().password }))
    expect(changed.kind).not.toBe('recovery')

    // The second of two tabs: an error, and who is signed in stays so.
    const again = land(await followLink(link), implicit)
    const code = server.flavor === 'fork2022' ? /not_found|otp_expired/ : /^otp_expired$/
    const error = await failureOf(inTime(again.completeSignIn()))
    expect(error['code']).toMatch(code)
    expect(await inTime(again.getSession())).toMatchObject({ user: { email: account.email } })
    expect(tab.page.location.href).toBe(cb)
    const reloaded = land(tab.page.location.href)
    expect(await inTime(reloaded.completeSignIn())).toBe(null)
  })

  for (const type of ['magiclink', 'invite', 'signup'] as const) {
    check(['account', 'links'], `a link of a ${type} mail signs in on any page`, async () => {
      const account = somebody()
      if (type === 'magiclink') await setUp(server).signIn({}, account)
      const given = type === 'signup' ? account : { email: account.email }
      const link = await generateLink(server, type, given, `${cb}?x=1`)
      const { land, inTime, tab } = setUp(server)
      const auth = land(await followLink(link), implicit)
      expect(await inTime(auth.getSession())).toMatchObject({
        kind: type,
        user: { email: account.email },
      })
      expect(tab.page.location.href).toBe(`${cb}?x=1`)
    })
  }

  check(
    ['account', 'links'],
    'a link never takes the place of somebody else’s session',
    async () => {
      const { signIn, land, inTime } = setUp(server)
      const { user } = (await (await signIn()).getSession())!
      const other = somebody()
      await setUp(server).signIn({}, other)
      const link = await generateLink(server, 'magiclink', { email: other.email }, cb)
      const auth = land(await followLink(link), implicit)
      expect(await failureOf(inTime(auth.completeSignIn()))).toMatchObject({
        code: 'session_conflict',
      })
      expect((await inTime(auth.getSession()))?.user.id).toBe(user.id)
    },
  )

  check(
    ['account', 'mailbox', 'confirmation'],
    'the first of two confirmations is no error',
    async () => {
      const { signIn, land, inTime, tab } = setUp(server)
      const auth = await signIn()
      if (server.standIn) server.standIn.knobs.autoconfirm = false
      const { email } = somebody()
      await inTime(auth.updateUser({ email, redirectTo: '/cb' }))
      const events: unknown[] = []
      const page = land(await followLink(await linkTo(server, email)), {
        gotrue: { onEvent: (event) => events.push(event) },
      })
      expect(await inTime(page.completeSignIn())).toBe(null)
      expect(events).toMatchObject([
        { type: 'notice', message: expect.stringMatching(/^Confirmation link accepted/) },
      ])
      expect(await inTime(page.getSession())).not.toBe(null)
      expect(tab.page.location.href).toBe(cb)
    },
  )
})

onEachServer(({ server, check }) => {
  check(['account', 'mailbox'], 'a link asked for here is recalled as what it was', async () => {
    const account = somebody()
    await setUp(server).signIn({}, account)
    const { create, land, inTime, seen, tab } = setUp(server)
    await inTime(create().recover({ email: account.email, redirectTo: '/cb' }))
    const auth = land(await followLink(await linkTo(server, account.email)))
    expect(await inTime(auth.getSession())).toMatchObject({
      kind: 'recovery',
      user: { email: account.email },
    })
    expect(seen(PKCE)).toHaveLength(1)
    expect(tab.page.location.href).toBe(`${server.siteURL}/cb`)
  })

  check(
    ['account', 'mailbox', 'broken'],
    'an empty code is a failure, and not a sign-in',
    async () => {
      const account = somebody()
      await setUp(server).signIn({}, account)
      const { create, land, inTime, seen, tab } = setUp(server)
      await inTime(create().recover({ email: account.email, redirectTo: '/cb' }))
      server.standIn!.knobs.brokenVerify = true
      const location = await followLink(await linkTo(server, account.email))
      server.standIn!.knobs.brokenVerify = false
      const auth = land(location)
      expect(await failureOf(inTime(auth.completeSignIn()))).toMatchObject({ name: 'AuthError' })
      expect(seen(PKCE)).toHaveLength(0)
      expect(await inTime(auth.getSession())).toBe(null)
      expect(tab.page.location.href).not.toContain('code=')
    },
  )
}, 'current')
