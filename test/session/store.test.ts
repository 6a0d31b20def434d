import { describe, expect, it } from 'vitest'

import { aura } from '../../src/adapters/aura/index.js'
import type { AuthClient } from '../../src/api.js'
import { createClient } from '../../src/client.js'
import type { AuraSession } from '../../src/index.js'
import type { DebugEvent, SessionState } from '../../src/types.js'
import { ada, auraServer, json, type AuraServer } from '../aura-server.js'
import { createWorld, deferred, settle, type World } from '../rig.js'

const PATH = 'GET /auth/session'

function setUp(initial?: AuraSession | null): {
  world: World
  server: AuraServer
  auth: AuthClient<AuraSession>
  events: DebugEvent[]
} {
  const world = createWorld()
  const server = auraServer(world.network)
  const events: DebugEvent[] = []
  const auth = createClient(
    {
      baseURL: '/auth',
      fetch: world.network.fetch,
      debug: (event) => events.push(event),
      ...(initial === undefined ? {} : { session: { initial } }),
    },
    aura(),
    world.tab('http://app.test/').page,
  )
  return { world, server, auth, events }
}

/** Mounts a listener that keeps what it was told. */
function watch(auth: AuthClient<AuraSession>): {
  told: SessionState<AuraSession>[]
  stop: () => void
} {
  const told: SessionState<AuraSession>[] = []
  return { told, stop: auth.session.listen((state) => told.push(state)) }
}

describe('asking', () => {
  it('asks nothing while nobody listens', async () => {
    const { world, auth } = setUp()
    await world.clock.advance(60_000)
    expect(auth.session.value.status).toBe('pending')
    expect(auth.session.get().status).toBe('pending')
    await world.clock.advance(60_000)
    expect(world.network.requests).toHaveLength(0)
  })

  it('asks once for ten listeners, and all see the answer', async () => {
    const { world, server, auth } = setUp()
    server.session = ada
    const watchers = Array.from({ length: 10 }, () => watch(auth))
    await settle()
    expect(world.network.count(PATH)).toBe(1)
    for (const { told } of watchers) {
      expect(told.map(({ status }) => status)).toEqual(['authenticated'])
    }
  })

  it('asks once through 300 mounts and unmounts on a slow server', async () => {
    const { world, server, auth } = setUp()
    const answer = deferred<Response>()
    server.onSession = () => answer.promise
    for (let round = 0; round < 300; round += 1) {
      const { stop } = watch(auth)
      await world.clock.advance(6)
      stop()
    }
    answer.resolve(json(null, 401))
    await settle()
    expect(auth.session.value.status).toBe('unauthenticated')
    expect(world.network.count(PATH)).toBe(1)
  })

  it('keeps away from a failing server when components remount', async () => {
    const { world, server, auth } = setUp()
    server.onSession = () => json(null, 500)
    for (let round = 0; round < 10; round += 1) {
      const { stop } = watch(auth)
      await world.clock.advance(1200)
      stop()
    }
    expect(world.network.count(PATH)).toBeLessThanOrEqual(3)
  })

  it('joins a lookup under way, and never aborts it', async () => {
    const { world, server, auth } = setUp()
    const answer = deferred<Response>()
    server.onSession = () => answer.promise
    const all = [auth.refetch(), auth.refetch(), auth.ready(), auth.refetch()]
    await settle()
    expect(auth.fetching.value).toBe(true)
    answer.resolve(json({ success: true, session: ada }))
    const states = await Promise.all(all)
    expect(new Set(states).size).toBe(1)
    expect(states[0]?.data?.user.id).toBe('1')
    expect(auth.fetching.value).toBe(false)
    expect(world.network.count(PATH)).toBe(1)
  })

  it('lets exactly one fresh lookup follow, however many ask for it', async () => {
    const { world, server, auth } = setUp()
    const answers = [deferred<Response>(), deferred<Response>()]
    let asked = 0
    server.onSession = () => answers[asked++]!.promise
    const first = auth.refetch()
    const fresh = Array.from({ length: 7 }, () => auth.refetch({ fresh: true }))
    await settle()
    expect(asked).toBe(1)
    answers[0]!.resolve(json(null, 401))
    expect((await first).status).toBe('unauthenticated')
    answers[1]!.resolve(json({ success: true, session: ada }))
    for (const state of await Promise.all(fresh)) expect(state.status).toBe('authenticated')
    expect(world.network.count(PATH)).toBe(2)
  })

  it('says when it is asking, apart from what it knows', async () => {
    const { server, auth } = setUp()
    server.session = ada
    const seen: boolean[] = []
    auth.fetching.listen((value) => seen.push(value))
    await auth.refetch()
    expect(seen).toEqual([true, false])
  })

  it('gives one promise to everybody who waits for the first answer', async () => {
    const { world, auth } = setUp()
    expect(auth.ready()).toBe(auth.ready())
    expect((await auth.ready()).status).toBe('unauthenticated')
    expect((await auth.ready()).status).toBe('unauthenticated')
    expect(world.network.count(PATH)).toBe(1)
  })

  it('tells the debug log why it asked and what came of it', async () => {
    const { auth, events } = setUp()
    watch(auth)
    await settle()
    await auth.refetch()
    expect(events).toEqual([
      { type: 'load:start', reason: 'first' },
      { type: 'load:done', status: 'unauthenticated' },
      { type: 'load:start', reason: 'manual' },
      { type: 'load:done', status: 'unauthenticated' },
    ])
  })
})

describe('knowing', () => {
  it('is signed out, without an error, when the server says so', async () => {
    const { auth } = setUp()
    expect(await auth.refetch()).toEqual({
      status: 'unauthenticated',
      isPending: false,
      data: null,
      error: null,
    })
  })

  it('is in error, not signed out, when nobody ever answered', async () => {
    const { auth, server } = setUp()
    server.onSession = () => {
      throw new TypeError('Failed to fetch')
    }
    const state = await auth.refetch()
    expect(state).toMatchObject({ status: 'error', data: null, error: { code: 'network' } })
    await expect(auth.getSession()).rejects.toMatchObject({ code: 'network' })
    server.onSession = null
    server.session = ada
    expect((await auth.getSession())?.user.name).toBe('Ada Winter')
  })

  it('gives up after 15 seconds without an answer, and says so', async () => {
    const { world, auth, server } = setUp()
    server.onSession = () => world.network.hang()
    const answer = auth.refetch()
    await world.clock.advance(14_999)
    expect(auth.session.value.status).toBe('pending')
    await world.clock.advance(1)
    expect(await answer).toMatchObject({ status: 'error', error: { code: 'timeout' } })
    expect(world.clock.pending()).toBe(0)
  })

  const outages: [string, () => Response, object][] = [
    [
      'no answer',
      () => {
        throw new TypeError('x')
      },
      { code: 'network' },
    ],
    [
      '429',
      () => json({ error: 'Too Many Requests' }, 429, { 'retry-after': '60' }),
      { code: 'rate_limited', status: 429, retryAfter: 60_000 },
    ],
    [
      '429 until a date',
      () =>
        json(null, 429, {
          date: 'Sat, 21 Nov 2026 09:00:00 GMT',
          'retry-after': 'Sat, 21 Nov 2026 09:02:00 GMT',
        }),
      { code: 'rate_limited', retryAfter: 120_000 },
    ],
    [
      '429 until nonsense',
      () => json(null, 429, { 'retry-after': 'soon' }),
      { code: 'rate_limited', retryAfter: undefined },
    ],
    ['500', () => json({ type: 'SERVER_ERROR' }, 500), { code: 'server_error', status: 500 }],
    [
      '503 in HTML',
      () => new Response('<h1>Bad gateway</h1>', { status: 503 }),
      { code: 'server_error', status: 503 },
    ],
    ['403', () => json(null, 403), { code: 'forbidden', status: 403 }],
    ['404', () => new Response('nope', { status: 404 }), { code: 'invalid_response', status: 404 }],
    [
      '200 in HTML',
      () => new Response('<!doctype html>', { headers: { 'content-type': 'text/html' } }),
      { code: 'invalid_response', status: 200 },
    ],
    ['200 with nothing', () => new Response(''), { code: 'invalid_response', status: 200 }],
    [
      '200 without a user',
      () => json({ success: true, session: {} }),
      { code: 'invalid_response' },
    ],
  ]
  it.each(outages)('stays signed in through an outage: %s', async (_, outage, error) => {
    const { auth, server } = setUp()
    server.session = ada
    const { data } = await auth.refetch()
    server.onSession = outage
    const state = await auth.refetch()
    expect(state.status).toBe('authenticated')
    expect(state.data).toBe(data)
    expect(state.error).toMatchObject(error)
    await expect(auth.getSession()).resolves.toBe(data)
    await expect(auth.getSession({ fresh: true })).rejects.toMatchObject(error)
    server.onSession = null
    expect(await auth.refetch()).toMatchObject({ status: 'authenticated', error: null })
  })

  it('stays signed out through an outage, and is never pending again', async () => {
    const { auth, server } = setUp()
    await auth.refetch()
    const { told } = watch(auth)
    server.onSession = () => json(null, 500)
    expect(await auth.refetch()).toMatchObject({
      status: 'unauthenticated',
      error: { code: 'server_error' },
    })
    server.onSession = null
    await auth.refetch()
    expect(told.map(({ status }) => status)).toEqual(['unauthenticated', 'unauthenticated'])
  })

  it('says that the session expired when the server ends it', async () => {
    const { auth, server } = setUp()
    server.session = ada
    await auth.refetch()
    server.session = null
    expect(await auth.refetch()).toMatchObject({
      status: 'unauthenticated',
      data: null,
      error: { code: 'session_expired' },
    })
    await expect(auth.getSession()).resolves.toBe(null)
    await expect(auth.getSession({ fresh: true })).resolves.toBe(null)
  })

  it('takes over what a server knew, without asking', async () => {
    const { world, auth } = setUp(null)
    watch(auth)
    await settle()
    expect(auth.session.value).toMatchObject({ status: 'unauthenticated', error: null })
    expect(world.network.requests).toHaveLength(0)
  })

  it('hydrates while nothing is known, and only then', async () => {
    const { world, auth, server } = setUp()
    auth.hydrate(undefined)
    expect(auth.session.value.status).toBe('pending')
    server.session = ada
    const session = await auth.getSession()
    auth.hydrate(null)
    expect(auth.session.value.data).toBe(session)
    expect(world.network.count(PATH)).toBe(1)
  })
})

describe('telling', () => {
  it('tells nobody of an unchanged answer, which stays the same object', async () => {
    const { auth, server } = setUp()
    server.session = ada
    const before = await auth.refetch()
    const { told } = watch(auth)
    server.session = structuredClone(ada)
    expect(await auth.refetch()).toBe(before)
    expect(told).toHaveLength(0)
  })

  it('keeps the identity of what did not change', async () => {
    const { auth, server } = setUp()
    server.session = { ...ada, user: { ...ada.user, roles: ['admin'], team: { id: 1 } } }
    const before = await auth.getSession({ fresh: true })
    const { told } = watch(auth)
    server.session = {
      ...ada,
      user: { ...ada.user, name: 'Ada W.', roles: ['admin'], team: { id: 1 } },
    }
    const after = await auth.getSession({ fresh: true })
    expect(told).toHaveLength(1)
    expect(after?.user.name).toBe('Ada W.')
    expect(after?.user['roles']).toBe(before?.user['roles'])
    expect(after?.user['team']).toBe(before?.user['team'])
  })

  it('tells nobody of a later expiry alone, which can be read', async () => {
    const { auth, server } = setUp()
    server.session = ada
    const before = await auth.getSession({ fresh: true })
    const { told } = watch(auth)
    server.session = { ...ada, expires: '2026-12-07T09:00:00.000Z' }
    const after = await auth.getSession({ fresh: true })
    expect(told).toHaveLength(0)
    expect(after?.expiresAt).toBe(before!.expiresAt! + 86_400_000)
    expect(auth.session.value.data).toBe(after)
    expect(after?.user).toBe(before?.user)
  })

  it('is not stopped by a listener that throws', async () => {
    const { auth, server } = setUp()
    const reported: unknown[] = []
    const keep = (error: unknown): void => void reported.push(error)
    process.on('unhandledRejection', keep)
    const bug = new Error("the app's own bug")
    auth.session.listen(() => {
      throw bug
    })
    server.session = ada
    expect((await auth.refetch()).status).toBe('authenticated')
    await settle()
    process.off('unhandledRejection', keep)
    expect(reported).toEqual([bug])
    expect(auth.fetching.value).toBe(false)
  })
})

describe('on a server', () => {
  it('does nothing at all, and says so where it cannot', async () => {
    const { network } = createWorld()
    const auth = createClient({ baseURL: '/auth', fetch: network.fetch }, aura())
    auth.session.listen(() => {})
    auth.hydrate(null)
    await settle()
    expect(auth.session.value.status).toBe('pending')
    expect((await auth.refetch()).status).toBe('pending')
    expect((await auth.ready()).status).toBe('pending')
    for (const call of [
      () => auth.getSession(),
      () => auth.signOut(),
      () => auth.signIn('dribbble'),
      () => auth.completeSignIn('http://app.test/?latchkey=x'),
    ]) {
      await expect(call()).rejects.toMatchObject({ code: 'unsupported_environment' })
    }
    expect(network.requests).toHaveLength(0)
  })
})
