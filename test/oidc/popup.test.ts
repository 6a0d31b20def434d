import { afterAll, beforeAll, expect, test, vi } from 'vitest'

import type { OpenIdProvider } from '../../demo/backends/openid.js'
import { settle } from '../rig.js'
import { createUser } from './user.js'
import { APP, codeOf, setUp, startProvider } from './scene.js'

let provider: OpenIdProvider
beforeAll(async () => {
  provider = await startProvider()
})
afterAll(async () => provider.close())

test('by popup: opens on the provider at once, and hands its answer to the page', async () => {
  const scene = setUp(provider)
  const auth = scene.create()
  await auth.prepare()
  const signingIn = auth.signIn('provider', { popup: true })
  const popup = scene.tab.popups[0]!
  expect(popup.urls[0]).toMatch(`${provider.issuer}/auth?`) // before anything was awaited
  const landing = await scene.user.visit(popup.urls[0]!, APP)
  scene.create({}, popup.land(landing))
  const session = await signingIn
  expect(session.user.name).toBe('Ada Winter')
  expect(popup.closed()).toBe(true)
  expect(scene.world.network.count('POST /token')).toBe(1)
  expect(await auth.getAccessToken()).not.toBe(null)
})

test('clicked before anything was loaded, it opens blank and is sent on', async () => {
  const scene = setUp(provider)
  const auth = scene.create()
  const signingIn = auth.signIn('provider', { popup: true })
  const popup = scene.tab.popups[0]!
  expect(popup.urls).toEqual([])
  while (popup.urls.length === 0) await new Promise((go) => setImmediate(go))
  scene.create({}, popup.land(await scene.user.visit(popup.urls[0]!, APP)))
  expect((await signingIn).user.id).toBe('ada')
})

test('every sign-in has a verifier and a nonce of its own', async () => {
  const scene = setUp(provider)
  const auth = scene.create()
  await auth.prepare()
  const seen = new Set<string>()
  for (let press = 0; press < 5; press += 1) {
    auth.signIn('provider', { popup: true, params: { press: String(press) } }).catch(() => null)
    const popup = scene.tab.popups.at(-1)!
    while (popup.urls.length === 0) await new Promise((go) => setImmediate(go))
    const { searchParams } = new URL(popup.urls[0]!)
    for (const name of ['state', 'nonce', 'code_challenge']) seen.add(searchParams.get(name)!)
    popup.closeByUser()
    await scene.world.clock.advance(10_000)
  }
  expect(seen.size).toBe(15)
})

test('the user says no', async () => {
  const scene = setUp(provider)
  const auth = scene.create()
  await auth.prepare()
  const outcome = codeOf(auth.signIn('provider', { popup: true }))
  const popup = scene.tab.popups[0]!
  scene.create({}, popup.land(await scene.user.visit(popup.urls[0]!, APP, 'deny')))
  expect(await outcome).toBe('access_denied')
  expect(popup.closed()).toBe(true)
})

test('what comes by popup is judged as what comes by redirect', async () => {
  const scene = setUp(provider)
  const auth = scene.create()
  await auth.prepare()
  const outcome = codeOf(auth.signIn('provider', { popup: true }))
  const popup = scene.tab.popups[0]!
  const landing = await scene.user.visit(popup.urls[0]!, APP)
  const evil = encodeURIComponent('https://evil.example')
  scene.create({}, popup.land(landing.replace(/iss=[^&]*/, `iss=${evil}`)))
  expect(await outcome).toBe('issuer_mismatch')
  expect(scene.world.network.count('POST /token')).toBe(0)
  expect(await auth.getAccessToken()).toBe(null)
})

test('without `crypto.subtle` nobody is sent anywhere, least of all with a `plain` challenge', async () => {
  const scene = setUp(provider)
  const auth = scene.create()
  vi.stubGlobal('crypto', { getRandomValues: crypto.getRandomValues.bind(crypto) })
  try {
    await auth.prepare()
    for (const popup of [false, true]) {
      expect(await codeOf(auth.signIn('provider', { popup }))).toBe('insecure_context')
    }
  } finally {
    vi.unstubAllGlobals()
  }
  expect(scene.tab.navigations).toEqual([])
  expect(scene.tab.popups.filter((popup) => !popup.closed())).toEqual([])
})

test('given up while the code is being exchanged: nobody is signed in', async () => {
  const scene = setUp(provider)
  const giveUp = new AbortController()
  let answered: Promise<Response> | undefined
  // Deaf to the signal, as an app's own may be: the answer comes all the same.
  const deaf: typeof fetch = async (input, init) => {
    if (init?.method === 'POST') giveUp.abort()
    answered = scene.world.network.fetch(input, { ...init, signal: null })
    return answered
  }
  const auth = scene.create({ fetch: deaf })
  await auth.prepare()
  const outcome = codeOf(auth.signIn('provider', { popup: true, signal: giveUp.signal }))
  const popup = scene.tab.popups[0]!
  scene.create({}, popup.land(await scene.user.visit(popup.urls[0]!, APP)))
  expect(await outcome).toBe('aborted')
  expect((await answered)?.status).toBe(200)
  await settle()
  expect(await auth.getAccessToken()).toBe(null)
  expect((await auth.refetch({ fresh: true })).status).toBe('unauthenticated')
})

test('without asking: a provider that does not know the user says so, and who is signed in stays', async () => {
  const scene = setUp(provider)
  const auth = await scene.signIn()
  const signingIn = codeOf(auth.signIn('provider', { popup: true, params: { prompt: 'none' } }))
  const popup = scene.tab.popups.at(-1)!
  while (popup.urls.length === 0) await new Promise((go) => setImmediate(go))
  // Another browser: its cookies are not this one's.
  scene.create({}, popup.land(await createUser().visit(popup.urls[0]!, APP)))
  expect(await signingIn).toBe('login_required')
  expect(auth.session.value.status).toBe('authenticated')
  expect(await auth.getAccessToken()).not.toBe(null)
  expect(scene.world.network.count('POST /token')).toBe(1)
})
