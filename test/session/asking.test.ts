import { describe, expect, it } from 'vitest'

import { ada, json } from '../aura-server.js'
import { deferred, settle } from '../rig.js'
import { PATH, setUp, watch } from './scene.js'

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
      await settle()
      stop()
      await world.clock.advance(1200)
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
