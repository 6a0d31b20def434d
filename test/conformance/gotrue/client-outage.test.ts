import { expect } from 'vitest'

import {
  REFRESH,
  setUp,
  statesOf,
  unreachable,
  type Answer,
  type Client,
  type Scene,
} from './client.js'
import { onEachServer, type Server } from './server.js'

const refuse =
  (status: number, body: object): Answer =>
  () =>
    Response.json(body, { status })

const OUTAGES: readonly (readonly [string, Answer])[] = [
  ['429', refuse(429, { code: 429, msg: 'Request rate limit reached' })],
  ['409', refuse(409, { code: 409, error_code: 'conflict', msg: 'Too many concurrent requests' })],
  ['503', () => new Response('<html>Service Unavailable</html>', { status: 503 })],
  ['no answer', unreachable],
]

/** Signed in at the end of a token, whose refresh the server commits and nobody hears of. */
async function loseAnswer(
  server: Server,
): Promise<{ scene: Scene; auth: Client; states: ReturnType<typeof statesOf> }> {
  const scene = setUp(server)
  const auth = await scene.signIn()
  const states = statesOf(auth)
  const { expiresAt } = (await auth.getSession())!
  scene.intercept(REFRESH, async (forward) => {
    await forward()
    return unreachable()
  })
  scene.world.clock.jump(expiresAt! - scene.world.clock.now())
  await scene.inTime(auth.refetch())
  return { scene, auth, states }
}

onEachServer(({ server, check }) => {
  for (const [name, answer] of OUTAGES) {
    check(['account'], `${name}, three times: tried again, ever later, and alive`, async () => {
      const scene = setUp(server)
      const { signIn, intercept, pass, seen, world } = scene
      const auth = await signIn()
      const states = statesOf(auth)
      const { expiresAt } = (await auth.getSession())!
      const at: number[] = []
      for (const failing of [
        answer,
        answer,
        answer,
        (forward: () => Promise<Response>) => forward(),
      ]) {
        intercept(REFRESH, (forward) => {
          at.push(world.clock.now())
          return failing(forward)
        })
      }
      world.clock.jump(expiresAt! - world.clock.now())
      await auth.refetch()
      await pass(300_000)
      expect(states.every(({ status }) => status === 'authenticated')).toBe(true)
      expect(auth.session.value).toMatchObject({ status: 'authenticated', error: null })
      expect(seen(REFRESH)).toHaveLength(4)
      const gaps = at.slice(1).map((time, index) => time - at[index]!)
      expect(Math.min(...gaps)).toBeGreaterThanOrEqual(1_000)
      // Each is drawn from twice the range of the one before, so that two may be the wrong way round.
      expect(gaps[2]).toBeGreaterThan(gaps[0]!)
    })
  }

  check(
    ['account'],
    'an outage past the end of the token keeps the session, with the reason',
    async () => {
      const { signIn, intercept, inTime, world } = setUp(server)
      const auth = await signIn()
      auth.session.listen(() => {})
      const { expiresAt, user } = (await auth.getSession())!
      for (let i = 0; i < 20; i += 1) intercept(REFRESH, unreachable)
      world.clock.jump(expiresAt! - world.clock.now() + 1_000)
      const state = await inTime(auth.refetch())
      expect(state).toMatchObject({ status: 'authenticated', error: { code: 'network' } })
      expect(await inTime(auth.getSession())).toMatchObject({ user })
    },
  )

  check(
    ['account', 'interval'],
    'a lost answer is asked for again, with the same token',
    async () => {
      if (server.standIn) server.standIn.knobs.reuseInterval = 10_000
      const { scene, auth, states } = await loseAnswer(server)
      await scene.pass(9_000)
      const [lost, again] = scene.seen(REFRESH).map(({ body }) => body)
      expect(again).toBe(lost)
      expect(auth.session.value).toMatchObject({ status: 'authenticated', error: null })
      expect(states.map(({ status }) => status)).not.toContain('unauthenticated')
    },
  )

  for (const hours of [2, -2]) {
    check(
      ['account'],
      `a clock that is ${hours} h off refreshes no more than another`,
      async () => {
        const { signIn, pass, seen, inTime } = setUp(server, hours * 3_600_000)
        const auth = await signIn()
        auth.session.listen(() => {})
        for (let i = 0; i < 10; i += 1) await inTime(auth.getSession())
        await pass(300_000)
        expect(seen(REFRESH)).toHaveLength(0)
        expect(auth.session.value.status).toBe('authenticated')
      },
    )

    check(['clock'], `nor where a token lives a minute, ${hours} h off`, async () => {
      if (server.standIn) server.standIn.knobs.accessTokenLifetime = 60_000
      const { signIn, pass, seen, inTime } = setUp(server, hours * 3_600_000)
      const auth = await signIn()
      auth.session.listen(() => {})
      for (let i = 0; i < 10; i += 1) await inTime(auth.getSession())
      expect(seen(REFRESH)).toHaveLength(0)
      await pass(300_000)
      expect(seen(REFRESH).length).toBeGreaterThanOrEqual(5)
      expect(seen(REFRESH).length).toBeLessThanOrEqual(10)
      expect(auth.session.value).toMatchObject({ status: 'authenticated', error: null })
    })
  }

  check(
    ['account'],
    'whoever comes back after hours costs one request and at most one event',
    async () => {
      const { signIn, pass, seen, tab, inTime, world } = setUp(server)
      const auth = await signIn()
      auth.session.listen(() => {})
      await inTime(auth.getSession())
      tab.page.show(false)
      world.clock.jump(7_200_000)
      server.standIn?.pass(7_200_000)
      const states = statesOf(auth)
      tab.page.show(true)
      await pass(5_000)
      expect(seen(REFRESH)).toHaveLength(1)
      // Nobody has to draw anything anew for a later end of the same session.
      expect(states.length).toBeLessThanOrEqual(1)
      const { data } = auth.session.value
      expect(data!.expiresAt).toBeGreaterThan(world.clock.now())
      states.length = 0
      tab.focus(true)
      tab.page.show(true)
      await pass(5_000)
      expect(states).toEqual([])
      expect(auth.session.value.data).toBe(data)
      expect(seen(REFRESH)).toHaveLength(1)
    },
  )
})

onEachServer(({ server, check }) => {
  check(['account', 'strict'], 'a lost answer without an interval is one clean end', async () => {
    const { scene, states } = await loseAnswer(server)
    await scene.pass(60_000)
    expect(states.at(-1)).toMatchObject({
      status: 'unauthenticated',
      error: { code: 'session_expired' },
    })
    expect(states.filter(({ status }) => status === 'unauthenticated')).toHaveLength(1)
  })
}, 'fork2022')
