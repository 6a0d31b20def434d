import { expect, it } from 'vitest'

import type { AuthClient, SignInOptions } from '../../src/api.js'
import { createClient } from '../../src/client.js'
import { AuthError } from '../../src/errors.js'
import type { Adapter, AdapterFactory, Landing, Session, StartRequest } from '../../src/types.js'
import { createWorld, type Tab, type World } from '../rig.js'

interface Linking {
  readonly link: (provider: string, options?: SignInOptions & { hint?: string }) => Promise<Session>
  readonly who: () => string | undefined
}
type Over = Partial<Pick<Adapter<Session>, 'enter' | 'prepare'>>

interface Scene {
  readonly world: World
  readonly tab: Tab
  readonly started: StartRequest[]
  readonly finished: Landing[]
  create: (over?: Over) => AuthClient & Linking
}

const ada = { id: '1', name: 'Ada', email: null, image: null }

/** A backend whose users have accounts: what is linked shows in the session. */
function setUp(): Scene {
  const world = createWorld()
  const tab = world.tab('http://app.test/')
  const started: StartRequest[] = []
  const finished: Landing[] = []
  let links = 0
  const adapter =
    (over: Over): AdapterFactory<Session, Linking> =>
    () => ({
      id: 'linking',
      realm: 'linking',
      credential: 'cookie',
      ttl: 600_000,
      start: (request) => {
        started.push(request)
        return { url: `http://id.test/?state=${request.id}` }
      },
      finish: async (landing) => {
        finished.push(landing)
        links += 1
        return null
      },
      load: async () => ({ user: ada, expiresAt: null, raw: { links } }),
      signOut: async () => ({ revoked: true }),
      methods: ({ signIn, session }) => ({
        link: (provider, options) => signIn(provider, { ...options, intent: 'link' }),
        who: () => session.value.data?.user.name ?? undefined,
      }),
      ...over,
    })
  const create: Scene['create'] = (over = {}) => createClient({}, adapter(over), tab.page)
  return { world, tab, started, finished, create }
}

it('goes with a redirect, options of the backend’s own too, and comes back with the landing', async () => {
  const { tab, started, finished, create } = setUp()
  const auth = create()
  await auth.prepare()
  void auth.link('google', { hint: 'ada@x.test', scopes: ['mail'], redirectTo: '/accounts' })
  expect(started[0]).toMatchObject({
    intent: 'link',
    own: { hint: 'ada@x.test' },
    scopes: ['mail'],
  })
  expect(Object.keys(started[0]!.own)).toEqual(['hint'])
  tab.load(`http://app.test/accounts?state=${started[0]!.id}`)
  const back = create()
  await back.completeSignIn()
  expect(finished[0]?.transaction).toMatchObject({ intent: 'link', own: { hint: 'ada@x.test' } })
  expect(back.who()).toBe('Ada')
})

it('of a sign-in is that, and nothing is its own', async () => {
  const { started, create } = setUp()
  const auth = create()
  await auth.prepare()
  const signal = new AbortController().signal
  const options = { popup: { fallback: 'none' }, redirectTo: '/', scopes: [], params: {} } as const
  auth.signIn('google', { ...options, signal, timeout: 1 }).catch(() => null)
  expect(started[0]).toMatchObject({ intent: 'signIn', own: {} })
  expect(Object.keys(started[0]!.own)).toEqual([])
  auth.dispose()
})

it.each([
  [
    'a sign-in with the same provider',
    (auth: AuthClient & Linking) => auth.signIn('google', { popup: true }),
  ],
  [
    'one with another option',
    (auth: AuthClient & Linking) => auth.link('google', { popup: true, hint: 'b' }),
  ],
])('tells a popup from that of %s', async (_, again) => {
  const { tab, create } = setUp()
  const auth = create()
  await auth.prepare()
  const first = auth.link('google', { popup: true }).catch((error: AuthError) => error.code)
  void auth.link('google', { popup: true }).catch(() => null)
  expect(tab.popups).toHaveLength(1)
  again(auth).catch(() => null)
  expect(await first).toBe('superseded')
  expect(tab.popups).toHaveLength(2)
  auth.dispose()
})

it('but for a sign-in’s is no reason to go by `enter`, which signs in', async () => {
  const { tab, create } = setUp()
  const auth = create({
    enter: () => 'http://id.test/enter',
    prepare: () => Promise.reject(new AuthError('network')),
  })
  await expect(auth.link('google')).rejects.toMatchObject({ code: 'network' })
  expect(tab.navigations).toEqual([])
  void auth.signIn('google')
  await expect.poll(() => tab.navigations).toEqual(['http://id.test/enter'])
})
