import { expect, test } from 'vitest'

import { APP, codeOf, FLAVORS, setUp, until } from './scene.js'

test.each(FLAVORS)('%s: one navigation, with what its server understands', async (flavor) => {
  const scene = setUp(flavor)
  const auth = scene.create({ gotrue: { flavor, scopes: ['repo'] } })
  await auth.prepare()
  const start = new URL(await scene.leave(auth, '/cb'))
  const { code_challenge: challenge, ...query } = Object.fromEntries(start.searchParams)
  expect(start.pathname).toBe('/authorize')
  expect(query).toEqual({
    provider: 'github',
    redirect_to: `${APP}/cb`,
    scopes: 'repo',
    ...(flavor === 'current' && { code_challenge_method: 's256' }),
  })
  expect(challenge).toEqual(flavor === 'current' ? expect.stringMatching(/^[\w-]{43}$/) : undefined)
  expect(scene.tab.navigations).toHaveLength(1)
})

test.each(FLAVORS)(
  '%s: signs in by redirect, and leaves nothing in the address',
  async (flavor) => {
    const scene = setUp(flavor)
    const auth = await scene.signIn()
    const { data } = auth.session.value
    expect(data).toMatchObject({
      user: { name: 'Ada Winter', email: 'ada@winter.example', image: expect.any(String) },
      kind: 'signIn',
      expiresAt: scene.world.clock.now() + 3_600_000,
    })
    expect(JSON.stringify(data)).not.toMatch(/token/)
    expect(scene.tab.page.location.href).toBe(`${APP}/dashboard`)
    expect(scene.asked('POST', '/token', 'pkce')).toHaveLength(flavor === 'current' ? 1 : 0)
    expect(scene.asked('GET', '/user')).toHaveLength(flavor === 'current' ? 0 : 1)
  },
)

test.each(FLAVORS)('%s: signs in by popup, from the page that stays', async (flavor) => {
  const scene = setUp(flavor)
  const auth = scene.create()
  await auth.prepare()
  const signedIn = auth.signIn('github', { popup: true })
  const [popup] = scene.tab.popups
  const landing = await scene.visit(popup!.urls[0]!)
  const page = popup!.land(landing)
  scene.create({}, page)
  expect(page.location.href).toBe(`${APP}/projects`)
  const session = await signedIn
  expect(session.user.email).toBe('ada@winter.example')
  expect(popup!.closed()).toBe(true)
  expect(scene.tab.navigations).toEqual([])
  expect(scene.asked('POST', '/token', 'pkce')).toHaveLength(flavor === 'current' ? 1 : 0)
  expect([...popup!.storage.values()].join()).not.toMatch(/token/)
})

test.each(FLAVORS)('%s: a popup asks for a page that an allow list can name', async (flavor) => {
  const scene = setUp(flavor)
  const auth = scene.land(`${APP}/projects?x=1#here`)
  await auth.prepare()
  void auth.signIn('github', { popup: true }).catch(() => null)
  const start = new URL(scene.tab.popups[0]!.urls[0]!)
  expect(start.searchParams.get('redirect_to')).toBe(`${APP}/projects`)
})

test.each(FLAVORS)('%s: which server it is, its settings say', async (flavor) => {
  const scene = setUp(flavor)
  const auth = await scene.signIn({ gotrue: {} })
  expect(auth.session.value.status).toBe('authenticated')
})

test.each(FLAVORS)('%s: a provider that is off opens nothing', async (flavor) => {
  const scene = setUp(flavor)
  const auth = scene.create()
  await auth.prepare()
  expect(await codeOf(auth.signIn('apple', { popup: true }))).toBe('provider_disabled')
  expect(scene.tab.popups).toHaveLength(0)
  expect(await codeOf(auth.signIn('apple'))).toBe('provider_disabled')
  expect(scene.tab.navigations).toEqual([])
  void auth.signIn('custom:acme') // one that the settings never list
  await until(() => scene.tab.navigations.length === 1)
})

test.each(FLAVORS)('%s: before its settings are known, the blank popup closes', async (flavor) => {
  const scene = setUp(flavor)
  const auth = scene.create()
  const signedIn = codeOf(auth.signIn('apple', { popup: true }))
  expect(scene.tab.popups[0]!.closed()).toBe(false)
  expect(await signedIn).toBe('provider_disabled')
  expect(scene.tab.popups[0]!.closed()).toBe(true)
})

test.each(FLAVORS)('%s: the user says no', async (flavor) => {
  const scene = setUp(flavor, { knobs: { provider: 'deny' } })
  const auth = scene.create()
  await auth.prepare()
  const back = scene.land(await scene.visit(await scene.leave(auth, '/cb?x=1')))
  expect(await codeOf(back.completeSignIn())).toBe('access_denied')
  expect(scene.tab.page.location.href).toBe(`${APP}/cb?x=1`)
  const again = scene.land(scene.tab.page.location.href)
  expect(await again.completeSignIn()).toBe(null)
})

test.each(FLAVORS)('%s: a popup that is blocked becomes a redirect, or says so', async (flavor) => {
  const scene = setUp(flavor)
  const auth = scene.create()
  await auth.prepare()
  scene.tab.blockPopups(() => null)
  const asked = scene.world.network.requests.length
  const strict = auth.signIn('github', { popup: { fallback: 'none' } })
  expect(await codeOf(strict)).toBe('popup_blocked')
  expect(scene.tab.navigations).toEqual([])
  void auth.signIn('github', { popup: true, redirectTo: '/dashboard' })
  await until(() => scene.tab.navigations.length === 1)
  expect(scene.world.network.requests).toHaveLength(asked)
  const back = scene.land(await scene.visit(scene.tab.navigations[0]!))
  expect((await back.completeSignIn())?.redirectTo).toBe(`${APP}/dashboard`)
})
