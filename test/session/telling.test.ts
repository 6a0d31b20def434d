import { describe, expect, it } from 'vitest'

import { ada } from '../aura-server.js'
import { settle } from '../rig.js'
import { createBrowser, setUp, watch } from './scene.js'

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

  it('tells nobody of a sign-out of nobody, here or in another tab', async () => {
    const { world, open } = createBrowser()
    const [one, two] = [open(), open()]
    await world.clock.advance(10_000)
    const before = [one.auth.session.value, two.auth.session.value]
    await one.auth.signOut()
    await settle()
    expect([one.auth.session.value, two.auth.session.value]).toEqual(before)
    expect(one.told).toHaveLength(1)
    expect(two.told).toHaveLength(1)
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
