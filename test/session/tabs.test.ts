import { describe, expect, it } from 'vitest'

import { aura } from '../../src/adapters/aura/index.js'
import type { AuthClient } from '../../src/api.js'
import { createClient } from '../../src/client.js'
import type { AuraSession } from '../../src/index.js'
import { ada, auraServer, type AuraServer } from '../aura-server.js'
import { createWorld, settle, type World } from '../rig.js'

function setUp(): {
  world: World
  server: AuraServer
  open: (baseURL?: string) => AuthClient<AuraSession>
} {
  const world = createWorld()
  const server = auraServer(world.network)
  const open = (baseURL = '/auth'): AuthClient<AuraSession> => {
    const { page } = world.tab('http://app.test/')
    const auth = createClient({ baseURL, fetch: world.network.fetch }, aura(), page)
    auth.session.listen(() => {})
    return auth
  }
  return { world, server, open }
}

describe('tabs', () => {
  it('hear a sign-out of another without a request', async () => {
    const { world, server, open } = setUp()
    server.session = ada
    const [a, b, c] = [open(), open(), open()]
    await settle()
    const asked = world.network.requests.length
    await a.signOut()
    await settle()
    for (const auth of [a, b, c]) {
      expect(auth.session.value).toMatchObject({ status: 'unauthenticated', error: null })
    }
    expect(world.network.requests.length - asked).toBe(2) // the token and the write
  })

  it('hear a sign-in of another without a request', async () => {
    const { world, server, open } = setUp()
    const [a, b] = [open(), open()]
    await settle()
    const tab = world.tab('http://app.test/')
    const left = createClient({ baseURL: '/auth', fetch: world.network.fetch }, aura(), tab.page)
    await left.prepare()
    void left.signIn('dribbble', { redirectTo: '/dashboard' })
    const landing = new URL(tab.navigations[0]!).searchParams.get('redirectTo')!
    server.session = ada
    const asked = world.network.requests.length
    const landed = createClient(
      { baseURL: '/auth', fetch: world.network.fetch },
      aura(),
      tab.load(`http://app.test${landing}`),
    )
    await landed.completeSignIn()
    await settle()
    for (const auth of [a, b]) expect(auth.session.value.data?.user.name).toBe('Ada Winter')
    expect(world.network.requests.length - asked).toBe(1)
  })

  it('do not repeat what they hear', async () => {
    const { world, server, open } = setUp()
    server.session = ada
    const all = Array.from({ length: 5 }, () => open())
    await settle()
    const before = world.channels.posted.length
    await all[0]!.signOut()
    await settle()
    expect(world.channels.posted.length - before).toBe(1)
  })

  it('drop an answer that was asked for before they heard', async () => {
    const { server, open } = setUp()
    server.session = ada
    const [a, b] = [open(), open()]
    await settle()
    let answer!: (response: Response) => void
    const stale = new Response(JSON.stringify({ success: true, session: ada }))
    server.onSession = () => new Promise((resolve) => (answer = resolve))
    const late = b.refetch()
    await settle()
    await a.signOut()
    await settle()
    answer(stale)
    expect((await late).status).toBe('unauthenticated')
  })

  it('of another backend hear nothing', async () => {
    const { world, open } = setUp()
    const [a, b] = [open('/auth'), open('http://other.test/auth')]
    await settle()
    world.network.respond(() => new Response(JSON.stringify({ csrfToken: 'x' }), { status: 200 }))
    const before = b.session.value
    await a.signOut()
    await settle()
    expect(a.session.value.status).toBe('unauthenticated')
    expect(b.session.value).toBe(before)
  })

  it('ignore what is no news: another version of the app may be talking', async () => {
    const { world, server, open } = setUp()
    server.session = ada
    const auth = open()
    await settle()
    const before = auth.session.value
    const { page } = world.tab('http://app.test/')
    const channel = new page.BroadcastChannel!('latchkey:http://app.test/auth')
    for (const message of [
      null,
      42,
      {},
      { session: 'x' },
      { session: {} },
      { session: { user: null } },
    ]) {
      channel.postMessage(message)
    }
    await settle()
    expect(auth.session.value).toBe(before)
  })

  it('ask when they come back from not listening', async () => {
    const { world, server, open } = setUp()
    server.session = ada
    const one = open()
    const { page } = world.tab('http://app.test/')
    const two = createClient({ baseURL: '/auth', fetch: world.network.fetch }, aura(), page)
    const stop = two.session.listen(() => {})
    await settle()
    stop()
    await world.clock.advance(1200)
    await one.signOut()
    two.session.listen(() => {})
    await settle()
    expect(two.session.value.status).toBe('unauthenticated')
  })

  it('are not told what cannot be told, and the sign-in stands', async () => {
    const world = createWorld()
    auraServer(world.network)
    const { page } = world.tab('http://app.test/')
    const session = { user: { id: '7', name: null, email: null, image: null }, expiresAt: null }
    const adapter = () => ({
      ...aura()({ baseURL: 'http://app.test/auth' }),
      methods: ({ set }: { set: (session: AuraSession) => void }) => ({
        signInSomehow: () => set({ ...session, raw: { user: { how: () => 'no clone' } } }),
      }),
    })
    const auth = createClient({ fetch: world.network.fetch }, adapter, page)
    const reported: unknown[] = []
    const keep = (error: unknown): void => void reported.push(error)
    process.on('unhandledRejection', keep)
    auth.signInSomehow()
    await settle()
    process.off('unhandledRejection', keep)
    expect(auth.session.value.data?.user.id).toBe('7')
    expect(reported).toHaveLength(1)
  })

  it('stop with their client, popup and all', async () => {
    const world = createWorld()
    auraServer(world.network)
    const tab = world.tab('http://app.test/')
    const auth = createClient({ baseURL: '/auth', fetch: world.network.fetch }, aura(), tab.page)
    auth.session.listen(() => {})
    await auth.prepare()
    await settle()
    const ended = auth.signIn('dribbble', { popup: true }).catch((error: unknown) => error)
    auth.dispose()
    expect(await ended).toMatchObject({ code: 'superseded' })
    expect(tab.page.listeners() + world.clock.pending() + world.channels.open()).toBe(0)
  })

  it('let go of each other a second after the last listener', async () => {
    const world = createWorld()
    auraServer(world.network)
    const { page } = world.tab('http://app.test/')
    const auth = createClient({ baseURL: '/auth', fetch: world.network.fetch }, aura(), page)
    const stop = auth.session.listen(() => {})
    await settle()
    expect(world.channels.open()).toBe(1)
    stop()
    await world.clock.advance(500)
    auth.session.listen(() => {})()
    await world.clock.advance(900)
    expect(world.channels.open()).toBe(1)
    await world.clock.advance(100)
    expect(world.channels.open()).toBe(0)
    expect(world.clock.pending()).toBe(0)
    expect(auth.session.value.status).toBe('unauthenticated')
  })
})
