import { describe, expect, it } from 'vitest'

import type { AuthClient } from '../../src/api.js'
import type { Adapter, Session } from '../../src/types.js'
import { json } from '../aura-server.js'
import { settle } from '../rig.js'
import { grace } from './code-backend.js'
import { setUp, type CodeScene } from './code-scene.js'
import { expectNothingLeft, outcomeOf } from './popup-scene.js'

const home = 'http://app.test/projects'
/** Waits for metadata that never comes, and stops when it is told to. */
const never: Partial<Adapter> = {
  start: (_, { signal }) =>
    new Promise((_, reject) =>
      signal.addEventListener('abort', () => reject(signal.reason as Error)),
    ),
}

interface Going extends CodeScene {
  readonly auth: AuthClient<Session>
  readonly controller: AbortController
}

const allow = async ({ tab, landing, world, create }: Going, extra?: string): Promise<void> => {
  create(tab.popups[0]!.land(landing(tab.popups[0]!.urls[0]!, extra)))
  await world.clock.advance(1)
}

describe('every end of a popup leaves nothing behind', () => {
  it.each<[string, string, (going: Going) => unknown, Partial<Adapter>?]>([
    ['allowed', '7', (going) => allow(going)],
    ['denied', 'access_denied', (going) => allow(going, '?error=access_denied')],
    [
      'the exchange fails',
      'exchange_failed',
      async (going) => {
        going.world.network.respond(() => new Response('', { status: 400 }))
        await allow(going)
      },
    ],
    [
      'the network fails',
      'network',
      async (going) => {
        going.world.network.respond(() => {
          throw new TypeError('offline')
        })
        await allow(going)
      },
    ],
    ['closed while blank', 'popup_closed', ({ tab }) => tab.popups[0]!.closeByUser(), never],
    [
      'closed, and then the deadline',
      'popup_closed',
      async ({ tab, world }) => {
        await world.clock.advance(1000)
        tab.popups[0]!.closeByUser()
        await world.clock.advance(600_000)
      },
    ],
    ['the deadline', 'popup_timeout', ({ world }) => world.clock.advance(600_000)],
    ['aborted while it opens', 'aborted', ({ controller }) => controller.abort(), never],
    ['aborted at the provider', 'aborted', ({ controller }) => controller.abort()],
    [
      'aborted during the exchange',
      'aborted',
      async (going) => {
        going.world.network.respond(going.world.network.hang)
        await allow(going)
        going.controller.abort()
      },
    ],
    ['signed out', 'superseded', ({ auth }) => auth.signOut()],
    ['disposed', 'superseded', ({ auth }) => auth.dispose()],
    [
      'the start fails',
      'unexpected',
      () => null,
      { start: () => Promise.reject(new Error('metadata')) },
    ],
    [
      'what the start needs is not answered',
      'network',
      () => null,
      {
        start: async (_, io) => {
          await io.fetch('http://nobody.test/metadata')
          return { url: '' }
        },
      },
    ],
  ])('%s', async (_, expected, act, changes) => {
    const scene = setUp(home, changes)
    const auth = await scene.open()
    const listeners = scene.tab.page.listeners()
    const controller = new AbortController()
    const signal = controller.signal
    scene.world.network.respond(({ url }) => {
      if (url.includes('nobody')) throw new TypeError('Failed to fetch')
      return json(grace)
    })
    const done = outcomeOf(auth.signIn('google', { popup: true, signal }))
    await settle()
    await act({ ...scene, auth, controller })
    await scene.world.clock.advance(1000)
    expect(done.value).toMatchObject(
      expected === '7' ? { user: { id: expected } } : { code: expected },
    )
    const [popup] = scene.tab.popups
    expect(popup!.closed()).toBe(true)
    expectNothingLeft(scene, listeners)
    expect(scene.world.local.of('http://app.test').size).toBe(0)
    // A result that comes after the end is nobody's.
    const spent = scene.exchanges()
    const landing = scene.landing(popup!.urls[0] ?? 'http://x.test/?redirect_uri=http://app.test/')
    const data = { latchkey: popup!.name, landing }
    scene.tab.page.dispatch('message', { origin: 'http://app.test', data, source: null })
    await settle()
    expect(scene.exchanges()).toBe(spent)
  })

  it('also when the caller aborts before the code for it has come', async () => {
    const scene = setUp(home)
    const auth = scene.create()
    const controller = new AbortController()
    const done = outcomeOf(auth.signIn('google', { popup: true, signal: controller.signal }))
    controller.abort()
    await auth.prepare()
    await settle()
    expect(done.value).toMatchObject({ code: 'aborted' })
    expect(scene.tab.popups.map((popup) => popup.closed())).toEqual([true])
    expectNothingLeft(scene, 0)
  })

  it('and an abort during the exchange ends the request, too', async () => {
    const scene = setUp(home)
    const auth = await scene.open()
    const signals: AbortSignal[] = []
    scene.world.network.respond(({ signal }) => {
      signals.push(signal)
      return scene.world.network.hang()
    })
    const controller = new AbortController()
    const done = outcomeOf(auth.signIn('google', { popup: true, signal: controller.signal }))
    await allow({ ...scene, auth, controller })
    expect(signals.map(({ aborted }) => aborted)).toEqual([false])
    controller.abort()
    await settle()
    expect(signals.map(({ aborted }) => aborted)).toEqual([true])
    expect(done.value).toMatchObject({ code: 'aborted' })
  })

  it('also when the app’s own listener throws', async () => {
    const scene = setUp(home)
    const auth = await scene.open()
    const thrown: unknown[] = []
    const onRejection = (reason: unknown): unknown => thrown.push(reason)
    process.on('unhandledRejection', onRejection)
    auth.session.listen(() => {
      throw new Error('the app’s bug')
    })
    await settle()
    const signingIn = auth.signIn('google', { popup: true })
    await allow({ ...scene, auth, controller: new AbortController() })
    expect(await signingIn).toMatchObject({ user: { id: '7' } })
    await settle()
    process.off('unhandledRejection', onRejection)
    expect(thrown.length).toBeGreaterThan(0)
    expect(scene.tab.popups[0]!.closed()).toBe(true)
    expect(scene.tab.storage.size).toBe(0)
  })

  it('works from memory where cookies are blocked', async () => {
    const scene = setUp(home)
    scene.tab.blockStorage()
    const auth = await scene.open()
    const listeners = scene.tab.page.listeners()
    const signingIn = auth.signIn('google', { popup: true })
    await allow({ ...scene, auth, controller: new AbortController() })
    expect(await signingIn).toMatchObject({ user: { id: '7' } })
    await scene.world.clock.advance(1000)
    expect(scene.tab.page.listeners()).toBe(listeners)
    expect(scene.world.channels.open()).toBe(0)
  })
})

describe('a handle that lies', () => {
  const watched = async (
    closed: () => boolean,
  ): Promise<{ scene: CodeScene; done: { value?: unknown } }> => {
    const scene = setUp(home)
    const auth = await scene.open()
    const done = outcomeOf(auth.signIn('google', { popup: true }))
    Object.defineProperty(scene.tab.popups[0]!.handle, 'closed', { get: closed })
    await scene.world.clock.advance(1000)
    scene.tab.focus(true)
    return { scene, done }
  }

  it('closed, and then open again within the grace, is open', async () => {
    let looks = 0
    const { scene, done } = await watched(() => (looks += 1) % 2 === 0)
    await scene.world.clock.advance(30_000)
    expect(done.value).toBeUndefined()
  })

  it('that throws when asked is closed', async () => {
    const { scene, done } = await watched(() => {
      throw new DOMException('dead object')
    })
    await scene.world.clock.advance(2000)
    expect(done.value).toMatchObject({ code: 'popup_closed' })
  })
})

describe('a redirect kept for all tabs', () => {
  const options = { transactionStorage: 'local' } as const

  it('is finished in another tab, once', async () => {
    const scene = setUp(home)
    void (await scene.open(options)).signIn('google', { redirectTo: '/wanted' })
    expect(scene.tab.storage.size).toBe(0)
    const landing = scene.landing(scene.tab.navigations[0]!)
    const others = [scene.world.tab(landing), scene.world.tab(landing)]
    const [first, second] = others.map(({ page }) => scene.create(page, options).completeSignIn())
    expect(await first).toMatchObject({ redirectTo: 'http://app.test/wanted' })
    expect(await second).toBe(null)
    expect(scene.exchanges()).toBe(1)
    expect(scene.world.local.of('http://app.test').size).toBe(0)
  })

  it('expires there too, and touches nothing of others', async () => {
    const scene = setUp(home)
    const local = scene.world.local.of('http://app.test')
    local.set('theirs', 'kept')
    const auth = await scene.open(options)
    void auth.signIn('google')
    expect(local.size).toBe(2)
    scene.world.clock.jump(600_001)
    void auth.signIn('google')
    expect(local.size).toBe(2)
    expect(local.get('theirs')).toBe('kept')
  })
})
