import fc from 'fast-check'
import { afterEach, expect, it, vi } from 'vitest'

import { createWorld, type World } from '../rig.js'
import { createActor, type Actor } from './model/actor.js'
import { createBackend, type Backend } from './model/backend.js'
import { steps, type Step } from './model/step.js'

afterEach(() => vi.restoreAllMocks())

/** The same numbers in every run, so that what fails fails again. */
function sameRandom(): void {
  let seed = 1
  vi.spyOn(Math, 'random').mockImplementation(
    () => (seed = (seed * 16_807) % 2_147_483_647) / 2_147_483_647,
  )
}

async function take(
  step: Step,
  actors: readonly Actor[],
  backend: Backend,
  { clock }: World,
): Promise<void> {
  if (step.do === 'advance') return clock.advance(step.ms)
  if (step.do === 'jump') return clock.jump(step.ms)
  if (step.do === 'elsewhere') {
    backend.user = step.isIn ? `user ${backend.tick()}` : null
    return
  }
  if (step.do === 'answer') return backend.waiting[step.which]?.answer(step.how)
  const actor = actors[step.tab % actors.length]!
  const page = actor.page()
  if (step.do === 'back') {
    if (actor.isLeft) actor.tab.back()
    actor.isLeft = false
    return
  }
  if (actor.isLeft) return // nothing of it runs
  switch (step.do) {
    case 'mount':
      return actor.mount()
    case 'unmount':
      return actor.unmount()
    case 'ready':
      return actor.ready()
    case 'refetch':
      return actor.refetch(step.fresh)
    case 'signIn':
      return actor.become(`user ${backend.tick()}`)
    case 'signOut':
      return actor.become(null)
    case 'show':
      return page.show(true)
    case 'hide':
      return page.show(false)
    case 'connect':
      return page.connect(true)
    case 'disconnect':
      return page.connect(false)
    case 'leave':
      actor.tab.leave()
      actor.isLeft = true
      return
    case 'reload':
    case 'crash':
      return actor.load(step.do)
  }
}

/** ms that a backend which failed is left alone, at most. */
const PAUSE = 301_000

/** Lets time pass until this is so, but no more than this many ms. */
async function within({ clock }: World, ms: number, isSo: () => boolean): Promise<void> {
  for (let left = ms; left > 0 && !isSo(); left -= 1_000) await clock.advance(1_000)
}

async function run(count: number, pollInterval: number, all: readonly Step[]): Promise<void> {
  sameRandom()
  const world = createWorld()
  const backend = createBackend()
  const actors = Array.from({ length: count }, () => createActor(world, backend, pollInterval))
  for (const step of all) {
    await take(step, actors, backend, world)
    await world.clock.advance(1)
    for (const actor of actors) actor.check()
    if (step.do !== 'signOut' || actors[step.tab % count]!.isLeft) continue
    // Whoever listens has heard it by now.
    for (const actor of actors.filter((one) => one.isMounted() && !one.isLeft)) {
      expect(actor.state().data).toBe(null)
    }
  }

  // Then everything is well again, and the user looks at every tab.
  for (const actor of actors) {
    actor.page().connect(true)
    if (actor.isLeft) actor.tab.back()
    actor.page().show(true)
  }
  backend.recover()
  await within(world, PAUSE, () => actors.every((one) => !one.isMounted() || !one.state().error))
  for (const actor of actors) {
    // Twice: the first look after a clock was set back only takes note of it, within a second.
    for (const _ of [1, 2]) {
      actor.page().show(true)
      await world.clock.advance(7_000)
    }
    actor.check()
    expect(actor.unanswered()).toBe(0)
    if (actor.isMounted()) expect(actor.state().data?.user.id ?? null).toBe(backend.user)
  }

  // And a second after the last component is gone, so is everything else.
  for (const actor of actors) actor.unmount()
  await world.clock.advance(1_000)
  expect(world.clock.pending()).toBe(0)
  expect(world.channels.open()).toBe(0)
  expect(world.locks.held()).toEqual([])
  for (const actor of actors) expect(actor.page().listeners()).toBe(0)

  // Until the next comes, in which everything begins again. From then on it follows, if it polls.
  backend.user = 'Ada'
  for (const actor of actors) actor.mount()
  await within(world, PAUSE, () => actors.every((one) => !one.state().error))
  for (const actor of actors) actor.page().show(true)
  await world.clock.advance(6_000)
  for (const actor of actors) actor.unmount()
  await world.clock.advance(1_000)
  for (const actor of actors) actor.mount()
  await world.clock.advance(6_000)
  for (const actor of actors) expect(actor.state().data?.user.id).toBe('Ada')
  if (pollInterval === 0) return
  backend.user = null
  await world.clock.advance(2 * pollInterval)
  for (const actor of actors) expect(actor.state().data).toBe(null)
}

const reloaded: Step[] = [
  { do: 'mount', tab: 0 },
  { do: 'reload', tab: 1 },
  { do: 'mount', tab: 1 },
  { do: 'answer', which: 0, how: 'ok' },
]
const clockSetBack: Step[] = [
  { do: 'mount', tab: 0 },
  { do: 'signIn', tab: 0 },
  { do: 'refetch', tab: 1, fresh: false },
  { do: 'advance', ms: 400 },
  { do: 'signOut', tab: 0 },
  { do: 'jump', ms: -7_200_000 },
  { do: 'answer', which: 1, how: 'ok' },
]

it('holds, whatever happens in whatever order', { timeout: 60_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 3 }), fc.constantFrom(0, 800, 10_000), steps, run),
    {
      numRuns: 600,
      examples: [
        [2, 0, reloaded],
        [2, 0, clockSetBack],
      ],
    },
  )
})
