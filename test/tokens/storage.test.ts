import { expect, test } from 'vitest'

import type { TokenStorage } from '../../src/options.js'
import { fill, LONG, setUp, told } from './scene.js'

const later = async (): Promise<void> => new Promise((resolve) => void setImmediate(resolve))

/** As an app might write one, on IndexedDB or in a native shell. A write takes a while: `turns`. */
function asynchronous(turns = 1): TokenStorage & { readonly entries: Map<string, string> } {
  const entries = new Map<string, string>()
  return {
    entries,
    getItem: async (key) => {
      await later()
      return entries.get(key) ?? null
    },
    setItem: async (key, value) => {
      for (let turn = 0; turn < turns; turn += 1) await later()
      entries.set(key, value)
    },
    removeItem: async (key) => {
      await later()
      entries.delete(key)
    },
  }
}

test.each([
  ['memory', 0, 0],
  ['session', 1, 0],
  ['local', 0, 1],
] as const)('%s', async (storage, session, local) => {
  const scene = setUp()
  const { vault, page } = scene.open(storage)
  await vault.write(scene.issue())
  expect(await told(vault.fresh())).toBe('access-1')
  expect(Object.keys(page.sessionStorage)).toHaveLength(session)
  expect(Object.keys(page.localStorage)).toHaveLength(local)
  await vault.clear()
  expect(await told(vault.fresh())).toBe(null)
  expect(Object.keys(page.sessionStorage)).toHaveLength(0)
  expect(Object.keys(page.localStorage)).toHaveLength(0)
})

test.each([true, false])('a storage of the app’s own, Web Locks: %s', async (locks) => {
  const scene = setUp({ locks })
  const storage = asynchronous()
  const tabs = Array.from({ length: 20 }, () => scene.open(storage))
  await tabs[0]!.vault.write(scene.issue())
  scene.world.clock.jump(LONG)
  const answers = Promise.all(tabs.map(async ({ vault }) => told(vault.fresh())))
  for (let step = 0; step < 100; step += 1) await scene.world.clock.advance(50)
  expect(new Set(await answers)).toEqual(new Set(['access-2']))
  expect(scene.backend.posts()).toBe(1)
  expect([...storage.entries.keys()]).toEqual(['acme'])
})

test.each(['signs out', 'signs in anew'])(
  'who %s while a refresh is written slowly has done so, at whichever moment',
  async (what) => {
    for (let moment = 0; moment <= 12; moment += 1) {
      const scene = setUp()
      const storage = asynchronous(6)
      const { vault } = scene.open(storage)
      await vault.write(scene.issue())
      scene.world.clock.jump(LONG)
      const asked = told(vault.fresh())
      while (scene.backend.posts() === 0) await later()
      for (let turn = 0; turn < moment; turn += 1) await later()
      const newer = { ...scene.issue(), accessToken: 'newer' }
      await (what === 'signs out' ? vault.clear() : vault.write(newer))
      await asked
      const kept = (await vault.read())?.accessToken
      expect([moment, kept]).toEqual([moment, what === 'signs out' ? undefined : 'newer'])
    }
  },
)

// In Chromium a tab can have the lock before it sees what was written under it.
test.each([
  [true, 500],
  [false, 40],
])('what is written is seen late elsewhere, Web Locks: %s, %s ms', async (locks, lag) => {
  const scene = setUp({ locks })
  const { page } = scene.world.tab('http://app.test/')
  const views: Map<string, string>[] = []
  const view = (): TokenStorage => {
    const own = new Map<string, string>()
    views.push(own)
    const set = (key: string, value: string | null): void => {
      const apply = (entries: Map<string, string>): void => {
        if (value === null) entries.delete(key)
        else entries.set(key, value)
      }
      apply(own)
      page.setTimeout(() => views.forEach(apply), lag)
    }
    return {
      getItem: (key) => own.get(key) ?? null,
      setItem: set,
      removeItem: (key) => set(key, null),
    }
  }
  const tabs = Array.from({ length: 20 }, () => scene.open(view()))
  await tabs[0]!.vault.write(scene.issue())
  for (let round = 1; round <= 5; round += 1) {
    await scene.world.clock.advance(5_000)
    scene.world.clock.jump(LONG)
    const answers = Promise.all(tabs.map(async ({ vault }) => told(vault.fresh())))
    await scene.world.clock.advance(5_000)
    expect(new Set(await answers)).toEqual(new Set([`access-${round + 1}`]))
    expect(scene.backend.posts()).toBe(round)
  }
})

test('blocked or full, tokens are held in memory', async () => {
  const scene = setUp()
  const full: TokenStorage = {
    getItem: () => 'what was there before',
    setItem: () => {
      throw new DOMException('Full.', 'QuotaExceededError')
    },
    removeItem: () => {},
  }
  const { vault } = scene.open(full)
  expect(await told(vault.fresh())).toBe(null)
  await vault.write(scene.issue())
  scene.world.clock.jump(LONG)
  expect(await told(vault.fresh())).toBe('access-2')
  expect(scene.backend.posts()).toBe(1)
})

test('full in this tab, what another tab has written since is newer', async () => {
  const scene = setUp()
  const [one, other] = [scene.open(), scene.open()]
  fill(one.page)
  await one.vault.write(scene.issue())
  expect(await told(one.vault.fresh())).toBe('access-1')
  await other.vault.write(scene.issue())
  expect(await told(one.vault.fresh())).toBe('access-2')
})

test('one that does not answer is no sign-out', async () => {
  const scene = setUp()
  const { vault } = scene.open({
    getItem: async () => Promise.reject(new Error('The database is closed.')),
    setItem: async () => {},
    removeItem: async () => {},
  })
  expect(await told(vault.fresh())).toBe('storage_unavailable')
})

test('what is no token is nothing', async () => {
  const scene = setUp()
  const { vault, page } = scene.open()
  for (const value of ['', 'null', '[]', '{"accessToken":1}', 'not JSON']) {
    page.localStorage.setItem('acme', value)
    expect(await told(vault.fresh())).toBe(null)
  }
})

test('one that leaves a single call without an answer holds up nobody for ever', async () => {
  const scene = setUp()
  const entries = new Map<string, string>()
  let calls = 0
  const { vault } = scene.open({
    getItem: async (key) => entries.get(key) ?? null,
    setItem: async (key, value) => {
      calls += 1
      if (calls === 1) return new Promise<never>(() => {})
      entries.set(key, value)
    },
    removeItem: async (key) => void entries.delete(key),
  })
  const lost = vault.write(scene.issue()).catch((error: unknown) => error)
  const next = vault.write(scene.issue())
  await scene.world.clock.advance(10_000)
  expect(await lost).toMatchObject({ code: 'timeout' })
  await next
  expect(await told(vault.fresh())).toBe('access-2')
})
