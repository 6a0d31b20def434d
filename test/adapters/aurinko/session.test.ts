import { describe, expect, it } from 'vitest'

import { toAurinkoSession } from '../../../src/adapters/aurinko/index.js'
import { asked, outcome, setUp, signedIn } from './scene.js'

describe('asking who is signed in', () => {
  it('sends the cookie and the client’s id, and no Content-Type', async () => {
    const [{ world }, auth] = await signedIn({ options: { mailboxInfo: 'outlook' } })
    expect((await auth.getSession({ fresh: true }))?.user.name).toBe('Ada Winter')
    const [{ headers, credentials }] = world.network.requests as [
      (typeof world.network.requests)[0],
    ]
    expect(credentials).toBe('include')
    expect(headers.get('x-aurinko-client-id')).toBe('client')
    expect(headers.get('x-aurinko-mailbox-info')).toBe('outlook')
    expect(headers.get('accept')).toBe('application/json')
    expect(headers.has('content-type')).toBe(false)
  })

  it.each(['X-Aurinko-Client-Id', 'X-Aurinko-ClientId'] as const)(
    'works where only %s is understood',
    async (clientIdHeader) => {
      const knobs = { strictClientIdHeader: clientIdHeader }
      const [, auth] = await signedIn({ knobs, options: { clientIdHeader } })
      expect(auth.session.value.status).toBe('authenticated')
    },
  )

  it('sees two clients of one app as two', async () => {
    const [scene] = await signedIn({ options: { mailboxInfo: 'outlook' } })
    expect(await scene.create({ mailboxInfo: 'teams' }).getSession()).toBe(null)
    expect((await scene.create({ mailboxInfo: 'outlook' }).getSession())?.user.name).toBe(
      'Ada Winter',
    )
  })
})

describe('a 401', () => {
  it.each(['unauthorized', ''] as const)('with the code “%s” is a sign-out', async (refusal) => {
    const [{ aurinko }, auth] = await signedIn()
    aurinko.knobs.userRefusal = refusal
    expect(await auth.getSession({ fresh: true })).toBe(null)
    expect(auth.session.value).toMatchObject({
      status: 'unauthenticated',
      error: { code: 'session_expired' },
    })
  })

  it.each(
    (['token.dead', 'token.refresh.failed'] as const).flatMap((code) =>
      (['flat', 'nested', 'original'] as const).map((shape) => [code, shape] as const),
    ),
  )('with %s, %s, is none', async (userRefusal, errorShape) => {
    const [{ aurinko }, auth] = await signedIn()
    Object.assign(aurinko.knobs, { userRefusal, errorShape })
    await auth.refetch()
    expect(auth.session.value).toMatchObject({
      status: 'authenticated',
      data: { user: { name: 'Ada Winter' } },
      error: {
        code: 'needs_reauth',
        status: 401,
        message: expect.stringContaining(userRefusal) as string,
      },
    })
  })

  it.each(['flat', 'nested', 'original'] as const)(
    'is a sign-out in the shape “%s”',
    async (errorShape) => {
      const { create } = setUp({ knobs: { errorShape } })
      expect(await create().getSession()).toBe(null)
    },
  )

  const answer = async (body: unknown, status = 401): Promise<unknown> => {
    const { world, create } = setUp()
    world.network.respond(() => new Response(JSON.stringify(body), { status }))
    return outcome(create().getSession())
  }
  const deep = (levels: number, code: string): object =>
    levels === 0 ? { code } : { innerError: deep(levels - 1, code) }

  it('is read from the innermost code, four levels down', async () => {
    const nested = { error: { code: 'Forbidden', innerError: { code: 'token.dead' } } }
    expect(await answer(nested)).toMatchObject({ code: 'needs_reauth' })
    expect(await answer(deep(4, 'token.dead'))).toMatchObject({ code: 'needs_reauth' })
    expect(await answer(deep(5, 'token.dead'))).toBe(null)
  })

  it('goes by its own code when it has one', async () => {
    const own = { code: 'unauthorized', originalError: { code: 'token.dead' } }
    expect(await answer(own)).toBe(null)
    expect(await answer({ code: 'token.dead', error: { code: 'unauthorized' } })).toMatchObject({
      code: 'needs_reauth',
    })
  })

  it.each([
    { originalError: 'invalid_grant', error: { code: 'token.dead' } },
    { originalError: null, error: { code: 'token.dead' } },
  ])('may have any kind of original error: %j', async (body) => {
    expect(await answer(body)).toMatchObject({ code: 'needs_reauth' })
  })

  it('with a code that nobody knows says nothing', async () => {
    expect(await answer({ code: 'app.suspended' })).toMatchObject({ code: 'invalid_response' })
  })
})

describe('no answer', () => {
  it.each([
    [429, 'rate_limited'],
    [503, 'server_error'],
    [404, 'invalid_response'],
  ])('HTTP %d is %s, asked once, and keeps the session', async (status, code) => {
    const [scene, auth] = await signedIn()
    const { knobs } = scene.aurinko
    if (status === 429) knobs.rateLimited = { retryAfter: 7 }
    else knobs.down = status
    await auth.refetch()
    expect(auth.session.value).toMatchObject({ status: 'authenticated', error: { code, status } })
    expect(auth.session.value.error?.retryAfter).toBe(status === 429 ? 7_000 : undefined)
    expect(asked(scene)).toEqual(['GET /v1/user'])
    Object.assign(knobs, { rateLimited: false, down: undefined })
    await auth.refetch()
    expect(auth.session.value).toMatchObject({ status: 'authenticated', error: null })
  })

  it.each([
    [503, undefined, 500, 1_001],
    [429, 7, 6_999, 2],
  ])(
    'HTTP %d is left alone for a while, and asked again',
    async (status, retryAfter, quiet, due) => {
      const [scene, auth] = await signedIn()
      const { clock } = scene.world
      auth.session.listen(() => {})
      await clock.advance(10_000)
      scene.forget()
      Object.assign(
        scene.aurinko.knobs,
        status === 429 ? { rateLimited: { retryAfter } } : { down: status },
      )
      await auth.refetch()
      await clock.advance(quiet - 1)
      expect(asked(scene)).toHaveLength(1)
      Object.assign(scene.aurinko.knobs, { rateLimited: false, down: undefined })
      await clock.advance(due)
      expect(asked(scene)).toHaveLength(2)
      expect(auth.session.value).toMatchObject({ status: 'authenticated', error: null })
    },
  )

  it('HTTP 404 is not tried again by itself, but when the user is back', async () => {
    const [scene, auth] = await signedIn()
    const { clock } = scene.world
    auth.session.listen(() => {})
    await clock.advance(10_000)
    scene.forget()
    scene.aurinko.knobs.down = 404
    await auth.refetch()
    await clock.advance(600_000)
    expect(asked(scene)).toHaveLength(1)
    expect(auth.session.value).toMatchObject({ status: 'authenticated', error: { status: 404 } })
    scene.aurinko.knobs.down = undefined
    scene.tab.page.show(false)
    scene.tab.page.show(true)
    await clock.advance(1)
    expect(asked(scene)).toHaveLength(2)
    expect(auth.session.value).toMatchObject({ status: 'authenticated', error: null })
  })

  it('HTTP 404 slows a poll down, and does not end it', async () => {
    const [scene, auth] = await signedIn({ how: { session: { pollInterval: 1_000 } } })
    auth.session.listen(() => {})
    scene.aurinko.knobs.down = 404
    await scene.world.clock.advance(600_000)
    const count = asked(scene).length
    expect(count).toBeGreaterThan(5)
    expect(count).toBeLessThan(30)
    scene.aurinko.knobs.down = undefined
    await scene.world.clock.advance(310_000)
    expect(auth.session.value).toMatchObject({ status: 'authenticated', error: null })
  })

  it('HTTP 429 without Retry-After says so', async () => {
    const [scene, auth] = await signedIn()
    scene.aurinko.knobs.rateLimited = {}
    await auth.refetch()
    expect(auth.session.value.error).toMatchObject({ code: 'rate_limited' })
    expect(auth.session.value.error?.retryAfter).toBe(undefined)
  })
})

describe('accounts of a session', () => {
  const primary = { id: 7, serviceType: 'Google', userAccountType: 'primary' } as const
  const secondary = { id: 8, serviceType: 'IMAP', userAccountType: 'secondary' } as const

  it('are told apart by their role, not by their order', () => {
    const session = toAurinkoSession({
      id: 'u',
      accounts: [
        { ...secondary, tokenStatus: 'active', email: 'a@imap.test' },
        { ...primary, tokenStatus: 'dead', scopes: ['Mail.Read'] },
      ],
    })
    expect(session).toMatchObject({
      needsReauth: true,
      user: { id: 'u', name: null, email: null, image: null },
      expiresAt: null,
    })
    expect(session.accounts).toEqual([
      {
        id: '8',
        role: 'secondary',
        service: 'IMAP',
        tokenStatus: 'active',
        needsReauth: false,
        name: null,
        email: 'a@imap.test',
        scopes: [],
      },
      {
        id: '7',
        role: 'primary',
        service: 'Google',
        tokenStatus: 'dead',
        needsReauth: true,
        name: null,
        email: null,
        scopes: ['Mail.Read'],
      },
    ])
  })

  it('that are invalid may mend themselves', () => {
    const accounts = [{ ...primary, tokenStatus: 'invalid' } as const]
    expect(toAurinkoSession({ id: 'u', accounts }).needsReauth).toBe(false)
  })

  it('may be missing', () => {
    expect(toAurinkoSession({ id: 'u' }).accounts).toEqual([])
  })
})
