import { expect } from 'vitest'

import { failureOf, setUp } from './client.js'
import { onEachServer } from './server.js'
import { followLink, linkTo, somebody } from './steps.js'

onEachServer(({ server, check }) => {
  const isFork = server.flavor === 'fork2022'

  for (const way of ['signInWithMagicLink', 'signInWithOtp'] as const) {
    check(
      ['account', 'mailbox'],
      `the link that ${way} sends signs in who asked for it`,
      async () => {
        const account = somebody()
        await setUp(server).signIn({}, account)
        const { create, land, inTime, tab } = setUp(server)
        const { email } = account
        expect(await inTime(create()[way]({ email, redirectTo: '/cb?x=1' }))).toBe(undefined)
        const auth = land(await followLink(await linkTo(server, email)))
        expect(await inTime(auth.getSession())).toMatchObject({
          kind: 'magiclink',
          user: { email },
        })
        expect(tab.page.location.href).toBe(`${server.siteURL}/cb?x=1`)
      },
    )
  }

  check(['account', 'mailbox'], 'a link that was asked for elsewhere signs in nobody', async () => {
    const account = somebody()
    await setUp(server).signIn({}, account)
    const { email } = account
    const asked = setUp(server)
    await asked.inTime(asked.create().signInWithMagicLink({ email, redirectTo: '/cb' }))
    const landing = await followLink(await linkTo(server, email))
    const { land, inTime, tab, seen } = setUp(server)
    const auth = land(landing)
    if (isFork) {
      // Its tokens are in the address: whoever has the link is in.
      expect(await inTime(auth.getSession())).toMatchObject({ user: { email } })
    } else {
      const error = await failureOf(inTime(auth.completeSignIn()))
      expect(error).toMatchObject({ code: 'pkce_verifier_missing' })
      expect(seen('POST /token')).toHaveLength(0)
    }
    expect(tab.page.location.href).toBe(`${server.siteURL}/cb`)
  })

  check(['account'], 'who is signed out is told so before the server is', async () => {
    const { create, inTime, asked } = setUp(server)
    const auth = create()
    for (const call of [
      () => auth.updateUser({ data: {} }),
      () => auth.reauthenticate(),
      () => auth.getUser(),
    ]) {
      expect(await failureOf(inTime(call() as Promise<unknown>))).toMatchObject({
        code: 'no_session',
      })
    }
    expect(asked()).toEqual([])
  })

  check([], 'which of the two it is, is found out where nobody says', async () => {
    const { create, inTime, until, seen, tab } = setUp(server)
    const auth = create({ gotrue: { flavor: null } })
    await inTime(auth.prepare())
    void auth.signIn(server.provider, { redirectTo: '/cb' })
    await until(() => tab.navigations.length > 0)
    const { searchParams } = new URL(tab.navigations[0]!)
    expect(searchParams.has('code_challenge')).toBe(!isFork)
    expect(seen('GET /settings').length).toBeLessThanOrEqual(1)
  })
})

onEachServer(({ server, check }) => {
  check(['anonymous'], 'somebody without a name is signed in, and may get one', async () => {
    const { create, inTime } = setUp(server)
    const auth = create()
    const { user } = await inTime(auth.signInAnonymously({ data: { full_name: 'Nobody' } }))
    expect(user).toMatchObject({ email: null, name: 'Nobody' })
    expect(auth.session.value.status).toBe('authenticated')
    const named = await inTime(auth.updateUser({ data: { full_name: 'Ada Winter' } }))
    expect(named.user).toMatchObject({ id: user.id, name: 'Ada Winter' })
  })
}, 'current')
