import { readFile } from 'node:fs/promises'

import { describe, expect, it } from 'vitest'

import { createClient } from '../../src/client.js'
import { json } from '../aura-server.js'
import { createWorld } from '../rig.js'
import { acme } from './acme.js'

describe('an adapter of somebody else’s, from the docs', () => {
  it('is the one in the docs', async () => {
    const read = (path: string): Promise<string> => readFile(new URL(path, import.meta.url), 'utf8')
    expect(await read('../../docs/adapters.md')).toContain(await read('./acme.ts'))
  })

  it('signs in, is refused, and signs out', async () => {
    const world = createWorld()
    const tab = world.tab('http://app.test/')
    const create = () =>
      createClient(
        { baseURL: 'http://acme.test/api', fetch: world.network.fetch },
        acme(),
        tab.page,
      )
    let account: object | null = null
    world.network.respond(({ method }) => {
      if (method === 'POST') account = null
      return account ? json(account) : json(null, method === 'POST' ? 200 : 401)
    })

    const auth = create()
    await auth.prepare()
    void auth.signIn('google', { redirectTo: '/home?a=1' })
    const start = new URL(tab.navigations[0]!)
    expect(start.pathname).toBe('/api/login/google')
    const landing = start.searchParams.get('next')!
    expect(landing).toMatch(/^http:\/\/app\.test\/home\?a=1&latchkey=[\w-]{22}$/)

    account = { id: 7, displayName: 'Ada' }
    tab.load(landing)
    const landed = create()
    expect((await landed.completeSignIn())?.session.user).toMatchObject({ id: '7', name: 'Ada' })
    expect(tab.page.location.href).toBe('http://app.test/home?a=1')

    void landed.signIn('google')
    const refused = new URL(tab.navigations[1]!).searchParams.get('next')!
    tab.load(`${refused}&error=consent_required`)
    const again = create()
    await expect(again.completeSignIn()).rejects.toMatchObject({
      code: 'consent_required',
      source: 'provider',
    })
    expect((await again.getSession())?.user.id).toBe('7')
    expect(await again.signOut()).toEqual({ revoked: true })
    expect(again.session.value.status).toBe('unauthenticated')
  })

  it('that throws something else is said to be at fault', async () => {
    const bug = new TypeError('x is not a function')
    const broken = () => ({
      ...acme()({ baseURL: 'http://acme.test' }),
      load: () => {
        throw bug
      },
      start: () => {
        throw bug
      },
    })
    const auth = createClient({}, broken, createWorld().tab('http://app.test/').page)
    await expect(auth.getSession()).rejects.toMatchObject({ code: 'unexpected', cause: bug })
    await expect(auth.signIn('google')).rejects.toMatchObject({ code: 'unexpected', cause: bug })
    await expect(auth.signIn('google', { popup: true })).rejects.toMatchObject({
      code: 'unexpected',
    })
  })

  it('that gets no answer is not: the network is, and nobody is signed out by it', async () => {
    const world = createWorld()
    const { page } = world.tab('http://app.test/')
    const options = { baseURL: 'http://acme.test', fetch: world.network.fetch }
    const auth = createClient(options, acme(), page)
    world.network.respond(() => json({ id: 7, displayName: 'Ada' }))
    await auth.refetch()
    const cause = new TypeError('Failed to fetch')
    world.network.respond(() => {
      throw cause
    })
    expect(await auth.refetch()).toMatchObject({
      status: 'authenticated',
      error: { code: 'network', cause },
    })
    await expect(auth.signOut()).rejects.toMatchObject({ code: 'network' })
    expect(auth.session.value.data?.user.name).toBe('Ada')
  })

  it('that answers later opens the window at once and sends it on', async () => {
    const world = createWorld()
    const tab = world.tab('http://app.test/')
    const later = () => {
      const adapter = acme()({ baseURL: 'http://acme.test' })
      return {
        ...adapter,
        start: (...args: Parameters<typeof adapter.start>) =>
          Promise.resolve().then(() => adapter.start(...args)),
      }
    }
    const auth = createClient({ fetch: world.network.fetch }, later, tab.page)
    await auth.prepare()
    const closed = auth.signIn('google', { popup: true }).catch((error: unknown) => error)
    expect(tab.popups[0]?.urls).toEqual([])
    await world.clock.advance(1)
    expect(tab.popups[0]?.urls).toHaveLength(1)
    tab.popups[0]?.closeByUser()
    await world.clock.advance(2000)
    expect(await closed).toMatchObject({ code: 'popup_closed' })
  })

  it('may send headers in whatever form, beside the app’s own', async () => {
    const world = createWorld()
    world.network.respond(() => json(null, 401))
    const adapter = () => ({
      ...acme()({ baseURL: 'http://acme.test' }),
      load: async (io: { fetch: typeof fetch }) => {
        await io.fetch('http://acme.test/me', { headers: new Headers({ 'x-own': '1' }) })
        return null
      },
    })
    const options = { fetch: world.network.fetch, headers: { 'x-app': '2' } }
    await createClient(options, adapter, world.tab('http://app.test/').page).refetch()
    const [seen] = world.network.requests
    expect([seen?.headers.get('x-own'), seen?.headers.get('x-app')]).toEqual(['1', '2'])
  })

  it('adds methods of its own to the client', async () => {
    const world = createWorld()
    world.network.respond(() => json({ ok: true }))
    const extended = () => ({
      ...acme()({ baseURL: 'http://acme.test' }),
      methods: ({
        run,
      }: {
        run: <T>(work: (io: { fetch: typeof fetch }) => Promise<T>) => Promise<T>
      }) => ({
        ping: () => run(async (io) => (await io.fetch('http://acme.test/ping')).status),
      }),
    })
    const auth = createClient(
      { fetch: world.network.fetch },
      extended,
      world.tab('http://app.test/').page,
    )
    expect(await auth.ping()).toBe(200)
  })
})
