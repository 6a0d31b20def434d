import { describe, expect, it } from 'vitest'

import type { Channel } from '../../src/env.js'
import { settle, type Page } from '../rig.js'
import { setUp, type CodeScene } from './code-scene.js'
import { outcomeOf } from './popup-scene.js'

const home = 'http://app.test/projects'

interface Landed extends CodeScene {
  readonly page: Page
  readonly landing: () => string
  /** Whether the popup's own page has found that nobody is there, or what it came to. */
  readonly outcome: { value?: unknown }
  /** How often it has called so far. */
  readonly calls: () => number
  /** Stands in for the tab that opened it. */
  readonly opener: Channel
  readonly id: string
}

/** A popup back from the provider, whose opener has gone. */
async function landed(): Promise<Landed> {
  const scene = setUp(home)
  void (await scene.open()).signIn('google', { popup: true }).catch(() => null)
  const [popup] = scene.tab.popups
  popup!.sever()
  scene.tab.crash()
  const id = popup!.name
  const landing = scene.landing(popup!.urls[0]!)
  const { page: other } = scene.world.tab(home)
  const opener = new other.BroadcastChannel!(`latchkey:${id}`)
  const page = popup!.land(`${landing}&latchkey=${id}`)
  const auth = scene.create(page)
  const outcome = outcomeOf(auth.completeSignIn())
  await settle()
  const calls = (): number =>
    scene.world.channels.posted.filter(({ name }) => name.includes(id)).length
  return { ...scene, page, landing: () => landing, outcome, calls, opener, id }
}

describe('the page that a popup came back to', () => {
  it('calls four times a second, for ten seconds, and then stays open and gives up', async () => {
    const { world, tab, outcome, calls, exchanges } = await landed()
    expect(calls()).toBe(1)
    await world.clock.advance(249)
    expect(calls()).toBe(1)
    await world.clock.advance(1)
    expect(calls()).toBe(2)
    await world.clock.advance(9_500)
    expect(calls()).toBe(40)
    expect(outcome.value).toBeUndefined()
    await world.clock.advance(250)
    expect(outcome.value).toMatchObject({ code: 'state_unknown' })
    await world.clock.advance(60_000)
    expect(calls()).toBe(40)
    expect(tab.popups[0]!.closed()).toBe(false)
    expect(exchanges()).toBe(0)
  })

  it('closes when it is answered, not before, and calls no more', async () => {
    const { world, tab, opener, id, calls } = await landed()
    const heard: unknown[] = []
    opener.onmessage = ({ data }) => heard.push(data)
    await world.clock.advance(1_000)
    expect(heard).toHaveLength(4)
    expect(tab.popups[0]!.closed()).toBe(false)
    opener.postMessage({ latchkey: id })
    await settle()
    expect(tab.popups[0]!.closed()).toBe(true)
    const before = calls()
    await world.clock.advance(5_000)
    expect(calls()).toBe(before)
    opener.close()
    expect(world.channels.open()).toBe(0)
  })

  it.each([
    ['somebody else’s', (id: string) => ({ latchkey: id.replace(/./g, 'y') })],
    ['another landing', (id: string) => ({ latchkey: id, landing: home })],
    ['nothing', () => null],
  ])('does not take %s for an answer', async (_, message) => {
    const { world, tab, opener, id } = await landed()
    opener.postMessage(message(id))
    await world.clock.advance(1_000)
    expect(tab.popups[0]!.closed()).toBe(false)
  })
})

describe('what a popup hands over', () => {
  it.each([
    ['in the query', '?code=abc', { user: { id: '7' } }, 1],
    ['in the fragment', '#code=abc', { user: { id: '7' } }, 1],
    ['in both', '?code=abc&state=ID#code=evil', { code: 'state_mismatch' }, 0],
  ])('is one response, %s', async (_, parameters, expected, spent) => {
    const scene = setUp(home)
    const done = outcomeOf((await scene.open()).signIn('google', { popup: true }))
    const [popup] = scene.tab.popups
    const landing = scene.landing(popup!.urls[0]!, parameters.replace('ID', popup!.name))
    scene.create(popup!.land(landing))
    await scene.world.clock.advance(300)
    expect(done.value).toMatchObject(expected)
    expect(popup!.closed()).toBe(true)
    expect(scene.exchanges()).toBe(spent)
  })

  it('is each tab’s own: two of them, finished in the other order, are one exchange each', async () => {
    const scene = setUp(home)
    const other = scene.world.tab(home)
    const one = await scene.open()
    const two = scene.create(other.page)
    await two.prepare()
    const results = [one, two].map((auth) => outcomeOf(auth.signIn('google', { popup: true })))
    const popups = [scene.tab.popups[0]!, other.popups[0]!]
    for (const at of [1, 0]) {
      scene.create(popups[at]!.land(scene.landing(popups[at]!.urls[0]!, `?code=${at}`)))
      await scene.world.clock.advance(300)
      expect(results[at]!.value).toMatchObject({ user: { id: '7' } })
    }
    const spent = scene.world.network.requests.map(({ body }) => JSON.parse(body) as unknown)
    expect(spent).toEqual(
      [1, 0].map((at) => ({ code: `${at}`, verifier: `verifier of ${popups[at]!.name}` })),
    )
    expect(popups.every((popup) => popup.closed())).toBe(true)
  })
})
