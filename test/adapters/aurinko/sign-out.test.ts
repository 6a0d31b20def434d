import { expect, it } from 'vitest'

import { asked, outcome, signedIn } from './scene.js'

it.each(['Ok', 'ok'])('is done when the answer is “%s”', async (logoutStatus) => {
  const [scene, auth] = await signedIn({ knobs: { logoutStatus } })
  expect(await auth.signOut()).toEqual({ revoked: true })
  expect(scene.world.network.requests[0]?.headers.get('x-aurinko-client-id')).toBe('client')
  expect(asked(scene)).toEqual(['POST /v1/user/logout'])
  expect(auth.session.value).toMatchObject({ status: 'unauthenticated', error: null })
  expect(await auth.getSession({ fresh: true })).toBe(null)
})

it('is done when nobody was signed in', async () => {
  const [scene, auth] = await signedIn()
  scene.jars.clear()
  expect(await auth.signOut()).toEqual({ revoked: true })
  expect(auth.session.value.status).toBe('unauthenticated')
})

it.each([
  ['network', 0],
  ['server_error', 503],
  ['rate_limited', 429],
])('that ends in %s is told, and the user is out all the same', async (code, status) => {
  const [{ world }, auth] = await signedIn()
  world.network.respond(() => {
    if (status === 0) throw new TypeError('Failed to fetch')
    return new Response(null, { status })
  })
  expect(await outcome(auth.signOut())).toMatchObject({ code })
  expect(auth.session.value).toMatchObject({ status: 'unauthenticated', error: null })
})

it('that nobody answers is told, too', async () => {
  const [{ world }, auth] = await signedIn()
  world.network.respond(() => world.network.hang())
  const leaving = outcome(auth.signOut())
  await world.clock.advance(15_000)
  expect(await leaving).toMatchObject({ code: 'timeout' })
  expect(auth.session.value.status).toBe('unauthenticated')
})

it('that the app aborts has not happened', async () => {
  const [{ world }, auth] = await signedIn()
  world.network.respond(() => world.network.hang())
  const controller = new AbortController()
  const leaving = outcome(auth.signOut({ signal: controller.signal }))
  await world.clock.advance(1)
  controller.abort()
  expect(await leaving).toMatchObject({ code: 'aborted' })
  expect(auth.session.value.status).toBe('authenticated')
})
