import { describe, expect, it } from 'vitest'

import { API, APP, asked, outcome, setUp, signedIn, type Client, type Scene } from './scene.js'

const account = (id: number): object => ({ id, serviceType: 'IMAP', userAccountType: 'secondary' })
const requests = ({ world }: Scene): number => world.network.requests.length

describe('pages of accounts', () => {
  /** Answers page after page, each with a token for one more. */
  const paging = async (
    page: (count: number) => { token: unknown; ids: number[] },
  ): Promise<[Scene, Client]> => {
    const [scene, auth] = await signedIn()
    let count = 0
    scene.world.network.respond(() => {
      if (count > 200) throw new TypeError('never ends')
      const { ids, token } = page(count++)
      return Response.json({ records: ids.map(account), nextPageToken: token })
    })
    return [scene, auth]
  }

  it('whose tokens go round in a circle end when it closes', async () => {
    const [scene, auth] = await paging((count) => ({ token: 'ab'[count % 2], ids: [count % 2] }))
    expect((await auth.accounts()).map(({ id }) => id)).toEqual(['0', '1'])
    expect(requests(scene)).toBe(3)
  })

  it.each([
    ['nothing at all', (count: number): unknown => `next-${count}`, []],
    ['text', (count: number): unknown => `next-${count}`, [7]],
    ['an object', (count: number): unknown => ({ count }), [7]],
  ])('that say nothing new end, whatever their token: %s', async (_, token, ids) => {
    const [scene, auth] = await paging((count) => ({ token: token(count), ids }))
    expect(await auth.accounts()).toHaveLength(ids.length)
    expect(requests(scene)).toBe(1 + ids.length)
  })

  it('are not asked for any more when their time is up, by whatever `fetch`', async () => {
    const [scene] = await signedIn()
    const { clock } = scene.world
    let count = 0
    const deaf = async (): Promise<Response> => {
      count += 1
      await new Promise((resolve) => scene.tab.page.setTimeout(() => resolve(null), 1_000))
      return Response.json({ records: [account(count)], nextPageToken: `t${count}` })
    }
    const auth = await scene.open({}, { fetch: deaf as typeof fetch })
    const listing = outcome(auth.accounts())
    await clock.advance(15_000)
    expect(await listing).toMatchObject({ code: 'timeout' })
    const before = count
    await clock.advance(10_000)
    expect(count).toBeLessThanOrEqual(before + 1)
  })
})

describe('an answer in an odd shape', () => {
  it('has no scopes where it says null', async () => {
    const [{ world }, auth] = await signedIn()
    const records = [{ ...account(7), scopes: null, name: null, email: null }]
    world.network.respond(() => Response.json({ id: 'u', name: null, accounts: records, records }))
    const session = await auth.getSession({ fresh: true })
    expect(session?.accounts[0]).toMatchObject({ scopes: [], name: null, email: null })
    expect((await auth.accounts())[0]?.scopes).toEqual([])
  })

  const refused = async (status: number, body: unknown): Promise<unknown> => {
    const [{ world }, auth] = await signedIn()
    world.network.respond(() => Response.json(body, { status }))
    return outcome(auth.getSession({ fresh: true }))
  }

  it.each([
    { originalError: { message: 'no code' }, error: { code: 'token.dead' } },
    { originalError: [], error: {}, innerError: { code: 'token.dead' } },
    { code: 7, error: { code: { code: 'x' }, innerError: { code: 'token.dead' } } },
  ])('is no sign-out where any branch of it says what it is: %j', async (body) => {
    expect(await refused(401, body)).toMatchObject({ code: 'needs_reauth' })
  })

  it.each([
    [401, 'token.dead', 'needs_reauth'],
    [429, 'rate.limited', 'rate_limited'],
    [500, 'oops', 'server_error'],
  ])('HTTP %d keeps what support finds it by', async (status, own, code) => {
    const body = { code: own, message: 'm', requestId: 'r-1' }
    expect(await refused(status, body)).toMatchObject({ code, requestId: 'r-1' })
  })

  it.each([7, {}, null])('has no requestId that is no text: %j', async (requestId) => {
    const error = await refused(500, { requestId })
    expect((error as { requestId?: unknown }).requestId).toBe(undefined)
  })

  it('that is the app’s own page says what is not forwarded', async () => {
    const { world, create } = setUp()
    world.network.respond(() => new Response('<!doctype html>', { status: 200 }))
    const error = await outcome(create().getSession())
    expect(error).toMatchObject({ code: 'invalid_response', status: 200 })
    expect(String(error)).toContain('/v1/*')
  })
})

describe('a sign-out', () => {
  it.each(['token.dead', 'token.refresh.failed'])(
    'that %s kept from happening is told, and the user is out all the same',
    async (code) => {
      const [{ world }, auth] = await signedIn()
      world.network.respond(() => Response.json({ code }, { status: 401 }))
      expect(await outcome(auth.signOut())).toMatchObject({ code: 'needs_reauth' })
      expect(auth.session.value).toMatchObject({ status: 'unauthenticated', error: null })
    },
  )

  it.each([null, { code: 'unauthorized' }])('of nobody is done: %j', async (body) => {
    const [{ world }, auth] = await signedIn()
    world.network.respond(() => Response.json(body, { status: 401 }))
    expect(await auth.signOut()).toEqual({ revoked: true })
  })
})

describe('a bridge', () => {
  const linking = async (answer: () => Response): Promise<unknown> => {
    const scene = setUp({
      how: { baseURL: API },
      options: { mode: 'code', bridgeURL: `${APP}/aurinko` },
    })
    await (await scene.signIn()).completeSignIn()
    const auth = await scene.open()
    await auth.refetch()
    scene.world.network.respond(answer)
    const error = await outcome(auth.linkAccount('Office365', { redirect: false }))
    expect(asked(scene).at(-1)).toBe('POST /aurinko/signature')
    return error
  }

  it.each(['<!doctype html>', '{}', 'null', '{"userId":"u","timestamp":"1"}'])(
    'that signs nothing is told apart from one: %s',
    async (body) => {
      expect(await linking(() => new Response(body))).toMatchObject({ code: 'invalid_response' })
    },
  )

  it('that refuses is quoted', async () => {
    const body = { error: 'forbidden', message: 'Name it in trustedOrigins.' }
    const error = await linking(() => Response.json(body, { status: 403 }))
    expect(error).toMatchObject({ code: body.error, message: body.message, status: 403 })
  })
})
