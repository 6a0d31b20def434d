import { expect } from 'vitest'

import { failureOf, setUp } from './client.js'
import { onEachServer } from './server.js'
import { codeFor, signInAtProvider, somebody } from './steps.js'

const PASSWORD = 'POST /token?grant_type=password'
const json =
  (status: number, body: object): (() => Response) =>
  () =>
    Response.json(body, { status })
const text =
  (status: number, body: string, type: string): (() => Response) =>
  () =>
    new Response(body, { status, headers: { 'content-type': type } })

/** Every dialect, and what it says. `null`: any word will do, but a number. */
const DIALECTS: readonly (readonly [string, () => Response, number, string | null])[] = [
  ['a number', json(422, { code: 422, msg: 'Nope' }), 422, null],
  ['OAuth', json(400, { error: 'invalid_grant', error_description: 'Nope' }), 400, null],
  [
    'two codes',
    json(400, { code: 400, error_code: 'user_banned', msg: 'Nope' }),
    400,
    'user_banned',
  ],
  ['a code', json(400, { code: 'user_banned', message: 'Nope' }), 400, 'user_banned'],
  ['PostgreSQL', json(500, { code: 'PT401', message: 'Nope', hint: null }), 500, null],
  ['a gateway', json(401, { message: 'No API key found in request' }), 401, null],
  ['a page', text(502, '<html>Bad Gateway</html>', 'text/html'), 502, 'server_error'],
  ['text', text(404, '404 page not found\n', 'text/plain'), 404, null],
  ['nothing', text(500, '', 'text/plain'), 500, 'server_error'],
]

onEachServer(({ server, check }) => {
  const isFork = server.flavor === 'fork2022'

  for (const [dialect, answer, status, code] of DIALECTS) {
    check([], `an error in the dialect of ${dialect} is one of ours`, async () => {
      const { create, intercept, inTime } = setUp(server)
      const auth = create()
      intercept(PASSWORD, answer)
      const error = await failureOf(inTime(auth.signInWithPassword(somebody())))
      expect(error).toMatchObject({ name: 'AuthError', status })
      expect(error['code']).toMatch(/^[A-Za-z][\w]*$/)
      expect(String(error['code'])).not.toMatch(/^\d+$/)
      if (code !== null) expect(error['code']).toBe(code)
      if (code === 'user_banned') expect(error['message']).toContain('Nope')
    })
  }

  check([], 'a wrong password has one name', async () => {
    const { create, inTime } = setUp(server)
    const error = await failureOf(inTime(create().signInWithPassword(somebody())))
    expect(error).toMatchObject({ code: 'invalid_credentials', status: 400 })
  })

  check([], 'a weak password has one name, with reasons where the server has some', async () => {
    const { create, inTime } = setUp(server)
    const { email } = somebody()
    const error = await failureOf(inTime(create().signUp({ email, password: 'x' })))
    expect(error).toMatchObject({ code: 'weak_password', status: 422 })
    if (!isFork) expect(error['reasons']).toEqual(expect.arrayContaining(['length']))
  })

  check(['autoconfirm'], 'a sign-up is signed in, and a second one is refused', async () => {
    const { create, inTime, seen } = setUp(server)
    const account = somebody()
    const auth = create()
    const result = await inTime(auth.signUp({ ...account, data: { name: 'Ada Winter' } }))
    expect(result).toMatchObject({
      status: 'authenticated',
      session: { user: { email: account.email, name: 'Ada Winter' } },
    })
    expect(auth.session.value).toMatchObject({ status: 'authenticated', error: null })
    expect(seen('POST /signup')).toHaveLength(1)
    const error = await failureOf(inTime(setUp(server).create().signUp(account)))
    expect(error).toMatchObject({ code: 'user_already_exists' })
  })

  check(
    ['confirmation'],
    'a sign-up that waits for a mail says so, as if it were new',
    async () => {
      const account = somebody()
      if (server.standIn) await setUp(server).signIn({}, account)
      if (server.standIn) server.standIn.knobs.autoconfirm = false
      for (const _ of ['a new one', 'again']) {
        const { create, inTime } = setUp(server)
        const auth = create()
        expect(await inTime(auth.signUp(server.standIn ? account : somebody()))).toEqual({
          status: 'confirmation_required',
          session: null,
        })
        expect(await inTime(auth.getSession())).toBe(null)
      }
      const fresh = somebody()
      const { create, inTime } = setUp(server)
      const auth = create()
      expect(await inTime(auth.signUp(fresh))).toMatchObject({ status: 'confirmation_required' })
      const error = await failureOf(inTime(auth.signInWithPassword(fresh)))
      expect(error).toMatchObject({ code: 'email_not_confirmed' })
    },
  )

  check(['account'], 'what is changed of a user is shown at once', async () => {
    const { signIn, inTime } = setUp(server)
    const auth = await signIn()
    const session = await inTime(auth.updateUser({ data: { full_name: 'Grace Summer' } }))
    expect(session.user.name).toBe('Grace Summer')
    expect(auth.session.value.data?.user.name).toBe('Grace Summer')
  })

  check(
    ['account', 'mailbox', 'links'],
    'a code from a mail signs in, and a wrong one has one name',
    async () => {
      const account = somebody()
      await setUp(server).signIn({}, account)
      const { create, inTime } = setUp(server)
      const auth = create()
      const { email } = account
      await inTime(auth.signInWithOtp({ email }))
      const wrong = failureOf(inTime(auth.verifyOtp({ type: 'email', email, token: '000000' })))
      expect(await wrong).toMatchObject({ code: 'otp_expired' })
      expect(await inTime(auth.getSession())).toBe(null)
      const token = await codeFor(server, email)
      const session = await inTime(auth.verifyOtp({ type: 'email', email, token }))
      expect(session).toMatchObject({ user: { email } })
      expect(auth.session.value.status).toBe('authenticated')
    },
  )

  check(
    [],
    'a stranger is not told from a friend, where the server keeps it to itself',
    async () => {
      const { create, inTime } = setUp(server)
      const auth = create()
      const { email } = somebody()
      const outcome = await failureOf(inTime(auth.recover({ email })))
      if (isFork) expect(outcome).toMatchObject({ code: 'user_not_found' })
      else expect(outcome).toEqual({ resolved: undefined })
      expect(
        await failureOf(inTime(auth.signInWithOtp({ email, createUser: false }))),
      ).toMatchObject({
        code: 'otp_disabled',
      })
    },
  )
})

onEachServer(({ server, check }) => {
  check(['account'], 'what this server has not is refused without asking it', async () => {
    const { signIn, inTime, asked } = setUp(server)
    const auth = await signIn()
    const before = asked()
    const { email } = somebody()
    for (const call of [
      () => auth.linkIdentity(server.provider),
      () => auth.unlinkIdentity(crypto.randomUUID()),
      () => auth.resend({ type: 'signup', email }),
      () => auth.signInAnonymously(),
    ]) {
      expect(await failureOf(inTime(call() as Promise<unknown>))).toMatchObject({
        code: 'unsupported',
      })
    }
    expect(asked()).toEqual(before)
  })
}, 'fork2022')

onEachServer(({ server, check }) => {
  check(
    ['account', 'linking', 'provider', 'person'],
    'an identity is linked, and taken away again',
    async () => {
      const { signIn, land, inTime, seen, tab } = setUp(server)
      const auth = await signIn()
      const { user } = (await auth.getSession())!
      const token = await auth.getAccessToken()
      const linking = auth.linkIdentity(server.provider, { redirectTo: '/cb', redirect: false })
      const start = (await inTime(linking)) as string
      expect(tab.navigations).toEqual([])
      const [asked] = seen('GET /user/identities/authorize')
      const { searchParams } = new URL(asked!.url)
      expect(searchParams.get('skip_http_redirect')).toBe('true')
      expect(searchParams.get('provider')).toBe(server.provider)
      expect(asked!.headers.get('authorization')).toBe(`Bearer ${token}`)
      const page = land(await signInAtProvider(server, new URL(start)))
      const linked = (await inTime(page.completeSignIn()))!.session
      expect(linked.user.id).toBe(user.id)
      const identities = linked.raw.identities ?? []
      expect(identities).toHaveLength(2)
      const added = identities.find((identity) => identity['provider'] === server.provider)
      const id = String(added?.['identity_id'])
      await inTime(page.unlinkIdentity(id))
      expect(seen(`DELETE /user/identities/${id}`)).toHaveLength(1)
    },
  )

  check(['account', 'linkingOff'], 'where linking is off, that is said', async () => {
    if (server.standIn) server.standIn.knobs.manualLinking = false
    const { signIn, inTime, tab } = setUp(server)
    const auth = await signIn()
    const error = await failureOf(inTime(auth.linkIdentity(server.provider) as Promise<unknown>))
    expect(error).toMatchObject({ code: 'manual_linking_disabled', status: 404 })
    expect(tab.navigations).toEqual([])
  })
}, 'current')
