import { afterAll, beforeAll, expect, test } from 'vitest'

import type { OpenIdProvider } from '../../demo/backends/openid.js'
import { settle } from '../rig.js'
import { forward, setUp, startProvider, type Scene } from './scene.js'

// Once a refresh has been answered its token is spent, whatever becomes of the answer: sent again, the
// provider takes it for stolen and revokes all that came of it (RFC 9700 §4.14.2).

let provider: OpenIdProvider
beforeAll(async () => {
  provider = await startProvider()
})
afterAll(async () => provider.close())

const LONG = 300_001

/** The refresh tokens that were sent, in order. */
const sent = ({ world }: Scene): string[] =>
  world.network.requests.flatMap(({ body }) => new URLSearchParams(body).getAll('refresh_token'))

test('claims that the app cannot read: the tokens are kept, and the user as they were', async () => {
  const scene = setUp(provider)
  const reported: unknown[] = []
  const keep = (error: unknown): void => void reported.push(error)
  process.on('unhandledRejection', keep)
  const bug = new TypeError('the app’s own bug')
  let isBroken = false
  const auth = await scene.signIn({
    oidc: {
      toUser: ({ sub }) => {
        if (isBroken) throw bug
        return { id: String(sub), name: 'Ada', email: null, image: null }
      },
    },
  })
  isBroken = true
  const tokens = [await auth.getAccessToken()]
  for (let round = 0; round < 2; round += 1) {
    scene.world.clock.jump(LONG)
    tokens.push(await auth.getAccessToken())
  }
  await settle()
  process.off('unhandledRejection', keep)
  expect(new Set(tokens).size).toBe(3)
  expect(new Set(sent(scene)).size).toBe(2)
  expect(provider.revoked).toEqual([])
  expect((await auth.refetch({ fresh: true })).data?.user.name).toBe('Ada')
  expect(auth.session.value.data?.expiresAt).toBe(scene.world.clock.now() + 300_000)
  expect(reported).toEqual([bug, bug])
})

test('tokens of somebody else end the session, and nothing is spent twice', async () => {
  const scene = setUp(provider)
  const auth = await scene.signIn()
  scene.world.network.respond(async (request, { body }) => {
    const response = await forward(request, body)
    const answer = (await response.json()) as { id_token: string }
    const [header, payload, signature] = answer.id_token.split('.')
    const claims = JSON.parse(Buffer.from(payload!, 'base64url').toString()) as object
    const others = Buffer.from(JSON.stringify({ ...claims, sub: 'eve' })).toString('base64url')
    return Response.json({ ...answer, id_token: [header, others, signature].join('.') })
  })
  scene.world.clock.jump(LONG)
  expect(await auth.getAccessToken()).toBe(null)
  scene.world.clock.jump(LONG)
  expect(await auth.getAccessToken()).toBe(null)
  await settle()
  expect(auth.session.value).toMatchObject({
    status: 'unauthenticated',
    error: { code: 'session_expired' },
  })
  expect(sent(scene)).toHaveLength(1)
  expect(provider.revoked).toEqual([])
})
