import { describe, expect, it } from 'vitest'

import { aura } from '../../src/adapters/aura/index.js'
import { createClient } from '../../src/client.js'
import { ada, json } from '../aura-server.js'
import { createWorld, deferred, settle } from '../rig.js'
import { PATH, setUp, watch } from './scene.js'

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
    const { told } = watch(auth)
    await expect(auth.getSession({ fresh: true })).resolves.toBe(null)
    // It stays true, so whoever shows it goes on showing it.
    expect(auth.session.value.error).toMatchObject({ code: 'session_expired' })
    expect(told).toHaveLength(0)
  })

  it('takes over what a server knew, without asking', async () => {
    const { world, auth } = setUp(null)
    watch(auth)
    await settle()
    expect(auth.session.value).toMatchObject({ status: 'unauthenticated', error: null })
    expect(world.network.requests).toHaveLength(0)
  })

  it('takes over a session that it is handed, and a listener costs no request', async () => {
    const { world, auth } = setUp()
    const user = { id: '1', name: 'Ada Winter', email: null, image: null }
    const session = { user, expiresAt: null, raw: { user: { sub: '1' } } }
    auth.hydrate(session)
    const { told } = watch(auth)
    await settle()
    expect(auth.session.value).toMatchObject({ status: 'authenticated', error: null })
    expect(auth.session.value.data).toBe(session)
    expect(told).toEqual([])
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

  it('is hydrated while it asks, and what it is told then is newer', async () => {
    const { world, auth, server } = setUp()
    const answer = deferred<Response>()
    server.onSession = () => answer.promise
    watch(auth)
    await settle()
    auth.hydrate({
      user: { id: '1', name: 'Ada Winter', email: null, image: null },
      expiresAt: null,
      raw: { user: { sub: '1' } },
    })
    expect(auth.session.value).toMatchObject({
      status: 'authenticated',
      data: { user: { id: '1' } },
    })
    answer.resolve(json({ success: false, session: null }, 401))
    await settle()
    expect(auth.session.value.status).toBe('unauthenticated')
    expect(world.network.count(PATH)).toBe(1)
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
      () => auth.signIn('dribbble', { redirectTo: 'https://app.test/dashboard', popup: true }),
      () => auth.completeSignIn('http://app.test/?latchkey=x'),
    ]) {
      await expect(call()).rejects.toMatchObject({ code: 'unsupported_environment' })
    }
    expect(network.requests).toHaveLength(0)
  })
})
