import { expect, test } from 'vitest'

import { json } from '../aura-server.js'
import { deferred, settle } from '../rig.js'
import { LONG, setUp, told, type Scene, type TabVault } from './scene.js'

/** Somebody signed in a moment ago. */
async function signedIn(storage: 'memory' | 'local' = 'memory'): Promise<Scene & TabVault> {
  const scene = setUp()
  const tab = scene.open(storage)
  await tab.vault.write(scene.issue())
  return { ...scene, ...tab }
}

test('hands out what is good without asking, and nothing when nobody signed in', async () => {
  const { vault, backend, open } = await signedIn()
  expect(await told(vault.fresh())).toBe('access-1')
  expect(await told(open('memory').vault.fresh())).toBe(null)
  expect(backend.posts()).toBe(0)
})

test('refreshes in the last fifth of a lifetime, once for everybody who asks', async () => {
  const { vault, world, backend } = await signedIn()
  world.clock.jump(239_000)
  expect(await told(vault.fresh())).toBe('access-1')
  world.clock.jump(2_000)
  const answers = await Promise.all([vault.fresh(), vault.fresh(), vault.fresh()].map(told))
  expect(answers).toEqual(['access-2', 'access-2', 'access-2'])
  expect(backend.posts()).toBe(1)
})

test('an access token that a server refused is replaced, though it looks good', async () => {
  const { vault, backend } = await signedIn()
  expect(await told(vault.fresh('access-1'))).toBe('access-2')
  expect(await told(vault.fresh('access-1'))).toBe('access-2')
  expect(backend.posts()).toBe(1)
})

test('a clock that is hours off refreshes no more often', async () => {
  const scene = setUp()
  const { vault } = scene.open()
  scene.world.clock.jump(2 * 3_600_000) // ahead of the server’s, all along
  await vault.write(scene.issue())
  for (let asked = 0; asked < 5; asked += 1) await vault.fresh()
  expect(scene.backend.posts()).toBe(0)
})

test('a clock that was set back says nothing of what is left', async () => {
  const { vault, world, backend } = await signedIn()
  world.clock.jump(-3_600_000)
  expect(await told(vault.fresh())).toBe('access-2')
  expect(await told(vault.fresh())).toBe('access-2')
  expect(backend.posts()).toBe(1)
})

test.each([408, 409, 425, 429, 500, 502, 503])('HTTP %s ends nothing', async (status) => {
  const { vault, world, backend } = await signedIn()
  world.clock.jump(250_000)
  backend.answer = () => json({}, status)
  expect(await told(vault.fresh())).toBe('access-1') // still good
  world.clock.jump(LONG)
  expect(await told(vault.fresh())).toMatch(/rate_limited|server_error|invalid_response/)
  backend.answer = null
  world.clock.jump(60_000)
  expect(await told(vault.fresh())).toBe('access-2')
})

test('no answer ends nothing', async () => {
  const { vault, world, backend } = await signedIn()
  world.clock.jump(250_000)
  backend.answer = () => {
    throw new TypeError('offline')
  }
  expect(await told(vault.fresh())).toBe('access-1')
  world.clock.jump(LONG)
  expect(await told(vault.fresh())).toBe('network')
  backend.answer = () => new Promise<never>(() => {})
  world.clock.jump(5_000)
  const slow = told(vault.fresh())
  await world.clock.advance(10_000)
  expect(await slow).toBe('timeout')
  backend.answer = null
  world.clock.jump(60_000)
  expect(await told(vault.fresh())).toBe('access-2')
})

test('offline nobody is asked, as long as what is held is good', async () => {
  const { vault, world, backend, page } = await signedIn()
  page.connect(false)
  world.clock.jump(250_000)
  expect(await told(vault.fresh())).toBe('access-1')
  expect(backend.posts()).toBe(0)
  page.connect(true)
  expect(await told(vault.fresh())).toBe('access-2')
})

test('a failing backend is asked ever more seldom, and as seldom as it asks for', async () => {
  const { vault, world, backend } = await signedIn()
  world.clock.jump(LONG)
  backend.answer = () => json({}, 503)
  for (let second = 0; second < 120; second += 1) {
    expect(await told(vault.fresh())).toBe('server_error')
    world.clock.jump(1_000)
  }
  expect(backend.posts()).toBe(7) // after 1, 2, 4, 8, 16, 32 and 60 s
  world.clock.jump(60_000)
  backend.answer = () => json({}, 429, { 'retry-after': '300' })
  expect(await told(vault.fresh())).toBe('rate_limited')
  world.clock.jump(299_000)
  expect(await told(vault.fresh())).toBe('rate_limited')
  expect(backend.posts()).toBe(8)
  backend.answer = null
  world.clock.jump(-3_600_000) // a corrected clock makes nobody wait for an hour
  expect(await told(vault.fresh())).toBe('access-2')
})

test('what the backend says is over is over, for good', async () => {
  const { vault, world, backend } = await signedIn('local')
  world.clock.jump(LONG)
  backend.refreshToken = null
  expect(await told(vault.fresh())).toBe(null)
  expect(await told(vault.fresh())).toBe(null)
  expect(backend.posts()).toBe(1)
  expect(world.local.of('http://app.test').size).toBe(0)
})

test('refused, it looks again before it believes that: a sibling may have been faster', async () => {
  const scene = setUp()
  const { vault } = scene.open()
  await vault.write(scene.issue())
  scene.world.clock.jump(LONG)
  scene.backend.answer = () => {
    // A tab that did not wait for its turn has spent the token, and says so a moment too late.
    const newer = { ...scene.issue(), accessToken: 'newer' }
    scene.world.local.of('http://app.test').set('acme', JSON.stringify(newer))
    return json({ error: 'invalid_grant' }, 400)
  }
  expect(await told(vault.fresh())).toBe('newer')
  expect((await vault.read())?.accessToken).toBe('newer')
})

test('without a refresh token it lasts as long as its access token', async () => {
  const scene = setUp()
  const { vault } = scene.open()
  const { refreshToken: _, ...tokens } = scene.issue()
  await vault.write(tokens)
  scene.world.clock.jump(299_000)
  expect(await told(vault.fresh())).toBe('access-1')
  scene.world.clock.jump(2_000)
  expect(await told(vault.fresh())).toBe(null)
  await vault.write({ ...tokens, expiresAt: null })
  scene.world.clock.jump(10 * 365 * 86_400_000)
  expect(await told(vault.fresh())).toBe('access-1')
  expect(await told(vault.fresh('access-1'))).toBe(null)
  expect(scene.backend.posts()).toBe(0)
})

test('without a refresh token, a clock that was set back ends nothing', async () => {
  const { vault, world, backend, issue } = await signedIn('local')
  const { refreshToken: _, ...tokens } = issue()
  await vault.write(tokens)
  world.clock.jump(-1_000)
  expect(await told(vault.fresh())).toBe('access-2')
  expect((await vault.read())?.accessToken).toBe('access-2')
  // But for a server that no longer takes it.
  expect(await told(vault.fresh('access-2'))).toBe(null)
  expect(backend.posts()).toBe(0)
})

test('a sign-out while a refresh is under way stays one', async () => {
  const { vault, world, backend } = await signedIn()
  world.clock.jump(LONG)
  const answered = deferred<void>()
  backend.answer = async (spend) => {
    await answered.promise
    return spend()
  }
  const answer = told(vault.fresh())
  await settle()
  await vault.clear()
  answered.resolve()
  expect(await answer).toBe(null)
  expect(await vault.read()).toBe(null)
})
