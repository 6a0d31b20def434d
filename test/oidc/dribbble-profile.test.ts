import { expect, test } from 'vitest'

import { json } from '../aura-server.js'
import { setUp, USER } from './dribbble-scene.js'

test.each([
  [{ ...USER, email: undefined }, { email: null }],
  [
    { ...USER, email: null, name: null, links: undefined },
    { email: null, name: 'simplebits' },
  ],
  [{ ...USER, avatar_url: null }, { image: null }],
])('blank fields of a profile: %j', async (profile, user) => {
  const { comeBack, on } = setUp()
  on['GET /v2/user'] = () => json(profile)
  const result = await (await comeBack({ code: 'code' })).completeSignIn()
  expect(result?.session.user).toMatchObject(user)
})

test('a grant that was withdrawn there ends the session, an outage does not', async () => {
  const { comeBack, on, world } = setUp()
  const auth = await comeBack({ code: 'code' })
  await auth.completeSignIn()
  world.clock.jump(10 * 365 * 86_400_000)
  expect((await auth.refetch({ fresh: true })).status).toBe('authenticated')
  on['GET /v2/user'] = () => new Response('', { status: 500 })
  expect(await auth.refetch({ fresh: true })).toMatchObject({
    status: 'authenticated',
    error: { code: 'server_error' },
  })
  on['GET /v2/user'] = () => json({ message: 'Bad credentials.' }, 401)
  let ends = 0
  auth.session.listen(({ status }) => (ends += Number(status === 'unauthenticated')))
  expect(await auth.refetch({ fresh: true })).toMatchObject({
    status: 'unauthenticated',
    error: { code: 'session_expired' },
  })
  await auth.refetch({ fresh: true })
  expect(ends).toBe(1)
})

test('asked too often, it says until when, where the browser lets us read that', async () => {
  const { comeBack, on, world } = setUp()
  const auth = await comeBack({ code: 'code' })
  await auth.completeSignIn()
  const limited = async (headers?: Record<string, string>): Promise<unknown> => {
    on['GET /v2/user'] = () => json({ message: 'API rate limit exceeded.' }, 429, headers)
    const { status, error } = await auth.refetch({ fresh: true })
    expect([status, error?.code]).toEqual(['authenticated', 'rate_limited'])
    return error?.retryAfter
  }
  const at = (ms: number): Record<string, string> => ({
    'x-ratelimit-reset': String((world.clock.now() + ms) / 1000),
  })
  expect(await limited(at(42_000))).toBe(42_000)
  expect(await limited(at(7_200_000))).toBe(900_000) // this clock is behind
  expect(await limited(at(-7_200_000))).toBe(undefined)
  expect(await limited()).toBe(undefined)
})

test('a profile is kept as it came: nobody reads its HTML', async () => {
  const { comeBack, on } = setUp()
  const bio = 'Co-founder &amp; designer of <a href="https://dribbble.com">@Dribbble</a>'
  on['GET /v2/user'] = () => json({ ...USER, bio })
  const result = await (await comeBack({ code: 'code' })).completeSignIn()
  expect(result?.session.raw['bio']).toBe(bio)
})
