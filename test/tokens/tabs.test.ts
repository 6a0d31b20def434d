import { describe, expect, test } from 'vitest'

import { deferred } from '../rig.js'
import { LONG, setUp, told, type Scene, type TabVault } from './scene.js'

const twenty = async (scene: Scene) => {
  const tabs = Array.from({ length: 20 }, () => scene.open())
  await tabs[0]!.vault.write(scene.issue())
  scene.world.clock.jump(LONG)
  return tabs
}
const all = (value: unknown, count: number): unknown[] => Array.from({ length: count }, () => value)

/** The next tab to ask crashes as it does, once the server has done this. */
function diesAsking(scene: Scene, act: (spend: () => Response) => void): () => TabVault {
  let dying: TabVault | undefined
  scene.backend.answer = (spend) => {
    if (dying) return spend()
    act(spend)
    dying = scene.asking()
    dying.kill()
    return new Promise<never>(() => {})
  }
  return () => dying!
}

// The same with and without Web Locks.
describe.each([true, false])('twenty tabs wake on one expired token, Web Locks: %s', (locks) => {
  test('one of them asks, and all have the new token', async () => {
    const scene = setUp({ locks })
    const tabs = await twenty(scene)
    const answers = Promise.all(tabs.map(async ({ vault }) => told(vault.fresh())))
    await scene.world.clock.advance(10_000)
    expect(await answers).toEqual(all('access-2', 20))
    expect(scene.backend.posts()).toBe(1)
    expect(scene.backend.refreshToken).toBe('refresh-2')
    expect(scene.world.locks.held()).toEqual([])
    expect(scene.world.clock.pending()).toBe(0)
    expect([...scene.world.local.of('http://app.test').keys()]).toEqual(['acme'])
  })

  test('the one that was about to ask dies before: another one does', async () => {
    const scene = setUp({ locks })
    const tabs = await twenty(scene)
    const dying = diesAsking(scene, () => {}) // before the request could reach the server
    const answers = tabs.map((tab) => ({ tab, told: told(tab.vault.fresh()) }))
    await scene.world.clock.advance(20_000)
    const others = answers.filter(({ tab }) => tab !== dying())
    expect(await Promise.all(others.map((other) => other.told))).toEqual(all('access-2', 19))
    expect(scene.backend.posts()).toBe(2)
    expect(scene.backend.refreshToken).toBe('refresh-2')
  })

  test('the one that asked dies before the answer: everybody is signed out, once', async () => {
    const scene = setUp({ locks })
    const tabs = await twenty(scene)
    const dying = diesAsking(scene, (spend) => void spend())
    const answers = tabs.map((tab) => ({ tab, told: told(tab.vault.fresh()) }))
    await scene.world.clock.advance(30_000)
    const others = answers.filter(({ tab }) => tab !== dying())
    expect(await Promise.all(others.map((other) => other.told))).toEqual(all(null, 19))
    const again = others.map(async ({ tab }) => told(tab.vault.fresh()))
    expect(await Promise.all(again)).toEqual(all(null, 19))
    expect(scene.backend.posts()).toBe(2)
  })

  test('a tab that is frozen in its turn holds nobody up for ever, and one takes over', async () => {
    const scene = setUp({ locks })
    const tabs = await twenty(scene)
    let frozen: TabVault | undefined
    scene.backend.answer = (spend) => {
      const { page } = scene.asking()
      // Slow, so that whoever does not wait for it is seen to ask as well.
      if (frozen) return new Promise((answer) => page.setTimeout(() => answer(spend()), 500))
      frozen = scene.asking()
      frozen.page.discard() // its timers stand still, and it keeps what it holds
      return new Promise<never>(() => {})
    }
    const answers = tabs.map((tab) => ({ tab, told: told(tab.vault.fresh()) }))
    await scene.world.clock.advance(11_000)
    expect(scene.backend.posts()).toBe(1)
    await scene.world.clock.advance(9_000)
    const others = answers.filter(({ tab }) => tab !== frozen)
    expect(await Promise.all(others.map((other) => other.told))).toEqual(all('access-2', 19))
    expect(scene.backend.posts()).toBe(2)
  })

  test.each([20_000, -5_000])(
    'while one of them asks, the clock is set by %s ms: nobody asks beside it',
    async (ms) => {
      const scene = setUp({ locks })
      const [one, other, late] = [scene.open(), scene.open(), scene.open()]
      await one.vault.write(scene.issue())
      scene.world.clock.jump(LONG)
      const answered = deferred<void>()
      scene.backend.answer = async (spend) => {
        await answered.promise
        return spend()
      }
      const answers = [told(one.vault.fresh()), told(other.vault.fresh())]
      await scene.world.clock.advance(1_000)
      scene.world.clock.jump(ms)
      // A lease that ends far too late is not taken to have ended.
      if (ms < 0) answers.push(told(late.vault.fresh()))
      await scene.world.clock.advance(5_000)
      expect(scene.backend.posts()).toBe(1)
      answered.resolve()
      await scene.world.clock.advance(10_000)
      expect(new Set(await Promise.all(answers)).size).toBe(1)
      expect(scene.backend.refreshToken).not.toBe(null)
    },
  )

  test('a sign-out in one tab stays one, whatever another has under way', async () => {
    const scene = setUp({ locks })
    const [one, other] = [scene.open(), scene.open()]
    await one.vault.write(scene.issue())
    scene.world.clock.jump(LONG)
    const answered = deferred<void>()
    scene.backend.answer = async (spend) => {
      await answered.promise
      return spend()
    }
    const answer = told(one.vault.fresh())
    await scene.world.clock.advance(1_000)
    await other.vault.clear()
    answered.resolve()
    await scene.world.clock.advance(1_000)
    expect(await answer).toBe(null)
    expect(await one.vault.read()).toBe(null)
    expect(await other.vault.read()).toBe(null)
  })

  test('a sign-in in one tab stays one, whatever another has under way', async () => {
    const scene = setUp({ locks })
    const [one, other] = [scene.open(), scene.open()]
    await one.vault.write(scene.issue())
    scene.world.clock.jump(LONG)
    const answered = deferred<void>()
    scene.backend.answer = async (spend) => {
      const answer = spend()
      await answered.promise
      return answer
    }
    const answer = told(one.vault.fresh())
    await scene.world.clock.advance(1_000)
    await other.vault.write({ ...scene.issue(), accessToken: 'somebody else' })
    answered.resolve()
    await scene.world.clock.advance(1_000)
    expect(await answer).toBe('somebody else')
    expect((await one.vault.read())?.accessToken).toBe('somebody else')
  })
})

test('tabs that keep their own tokens wait for nobody', async () => {
  const scene = setUp()
  const tabs = [scene.open('memory'), scene.open('memory')]
  for (const { vault } of tabs) await vault.write(scene.issue())
  scene.world.clock.jump(LONG)
  scene.backend.answer = (spend) => {
    scene.backend.refreshToken = 'refresh-1'
    return spend()
  }
  expect(await told(tabs[0]!.vault.fresh())).toBe('access-3')
  expect((await tabs[1]!.vault.read())?.accessToken).toBe('access-2')
  expect(scene.world.locks.held()).toEqual([])
})
