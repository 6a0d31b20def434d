import { expect } from 'vitest'

import { failureOf, REFRESH, setUp, statesOf, storedBy, unreachable } from './client.js'
import { onEachServer } from './server.js'
import { send, signIn as signInByHand, somebody } from './steps.js'

onEachServer(({ server, check }) => {
  const isFork = server.flavor === 'fork2022'

  check(['account'], 'nothing is sent that a CORS list might not have', async () => {
    const { signIn, inTime, world } = setUp(server)
    const auth = await signIn()
    await inTime(auth.settings())
    await inTime(auth.updateUser({ data: { theme: 'dark' } }))
    world.clock.jump(3_600_000)
    await inTime(auth.getSession({ fresh: true }))
    await inTime(auth.signOut())
    expect(world.network.requests.length).toBeGreaterThanOrEqual(5)
    const own = Object.keys(server.headers)
    for (const { headers, credentials } of world.network.requests) {
      const names = [...headers.keys()].filter((name) => !own.includes(name))
      expect(['accept', 'authorization', 'content-type']).toEqual(expect.arrayContaining(names))
      expect(credentials).toBe('omit')
    }
  })

  check([], 'a gateway’s key goes with every request, and a service key with none', async () => {
    const { create, world, inTime } = setUp(server)
    const auth = create({ headers: { apikey: 'public' } })
    await inTime(auth.settings().catch(() => null))
    for (const { headers } of world.network.requests) expect(headers.get('apikey')).toBe('public')
    expect(world.network.requests.length).toBeGreaterThan(0)
    const key = server.serviceKey
    if (key === null) return
    const refused = expect.objectContaining({ code: 'invalid_config' })
    expect(() => create({ headers: { apikey: key } })).toThrow(refused)
    expect(() => create({ headers: { authorization: `Bearer ${key}` } })).toThrow(refused)
  })

  check(['account'], 'a listener may call the client and wait for it', async () => {
    const { signIn, inTime, until } = setUp(server)
    const auth = await signIn()
    const done: unknown[] = []
    const ask = async (): Promise<void> => {
      done.push(await auth.getSession(), await auth.refetch())
      done.push(await auth.signOut())
    }
    auth.session.listen(({ status }) => {
      if (status === 'authenticated') void ask()
    })
    await inTime(auth.updateUser({ data: { full_name: 'Grace Summer' } }))
    await until(() => done.length === 3)
    expect(auth.session.value).toMatchObject({ status: 'unauthenticated', error: null })
  })

  check(['account'], 'a refresh that comes back after the sign-out signs nobody in', async () => {
    const scene = setUp(server)
    const { signIn, intercept, inTime, until, pass, seen, world, create } = scene
    const auth = await signIn()
    const other = create({}, world.tab(`${server.siteURL}/projects`).page)
    await inTime(other.getSession())
    other.session.listen(() => {})
    world.clock.jump((await auth.getSession())!.expiresAt! - world.clock.now() - 30_000)
    let answer!: () => void
    const held = new Promise<void>((resolve) => (answer = resolve))
    intercept(REFRESH, async (forward) => {
      const response = await forward()
      await held
      return response
    })
    const refreshing = auth.getSession({ fresh: true }).catch(() => null)
    await until(() => seen(REFRESH).length > 0)
    await inTime(auth.signOut())
    const states = [...statesOf(auth), ...statesOf(other)]
    answer()
    await inTime(refreshing)
    await pass(2_000)
    for (const one of [auth, other]) expect(one.session.value.status).toBe('unauthenticated')
    expect(states.map(({ status }) => status)).not.toContain('authenticated')
    expect(await inTime(auth.getAccessToken())).toBe(null)
    expect(JSON.stringify([...storedBy(scene)])).not.toContain('refreshToken')
  })

  check(['account'], 'signing out ends this session at the server', async () => {
    const { signIn, inTime, seen } = setUp(server)
    const account = somebody()
    const auth = await signIn({}, account)
    const elsewhere = await signInByHand(server, account)
    const token = (await auth.getAccessToken())!
    expect(await inTime(auth.signOut())).toEqual({ revoked: true })
    const [request] = seen('POST /logout')
    expect(request!.headers.get('authorization')).toBe(`Bearer ${token}`)
    if (isFork) return
    expect(new URL(request!.url).searchParams.get('scope')).toBe('local')
    expect((await send(server, '/user', { token })).status).toBe(403)
    expect((await send(server, '/user', { token: elsewhere.access_token })).status).toBe(200)
  })

  check(['account'], 'signed out is signed out here, whatever the server says', async () => {
    const page = { status: 502, headers: { 'content-type': 'text/html' } }
    for (const [answer, revoked] of [
      [unreachable, false],
      [() => new Response('<html>Bad Gateway</html>', page), false],
      [() => Response.json({ code: 401, msg: 'Invalid token' }, { status: 401 }), true],
      [() => Response.json({ code: 403, error_code: 'session_not_found' }, { status: 403 }), true],
      [() => Response.json({ code: 404, msg: 'User not found' }, { status: 404 }), true],
    ] as const) {
      const scene = setUp(server)
      const { signIn, intercept, inTime } = scene
      const auth = await signIn()
      intercept('POST /logout', answer)
      expect(await inTime(auth.signOut())).toEqual({ revoked })
      expect(auth.session.value).toMatchObject({ status: 'unauthenticated', error: null })
      expect(await auth.getAccessToken()).toBe(null)
      expect(JSON.stringify([...storedBy(scene)])).not.toContain('refreshToken')
    }
  })

  check(
    ['account', 'clock'],
    'a token that the server no longer takes is refreshed once',
    async () => {
      const { signIn, inTime, seen } = setUp(server)
      const auth = await signIn()
      // This device's clock is slow, and does not know.
      server.standIn!.pass(3_600_000)
      await inTime(auth.updateUser({ data: { theme: 'dark' } }))
      expect(seen(REFRESH)).toHaveLength(1)
      expect(seen('PUT /user')).toHaveLength(2)
      expect(auth.session.value).toMatchObject({ status: 'authenticated', error: null })
    },
  )

  check(['account'], 'what is stored and makes no sense is nobody’s session', async () => {
    const scene = setUp(server)
    const { signIn, land, inTime, tab } = scene
    const auth = await signIn()
    const [key] = [...storedBy(scene)].find(([, value]) => value.includes('refreshToken'))!
    auth.dispose()
    for (const garbage of ['{', 'null', '[]', '"text"', '{"access_token":1}', '{"a":{"b":1}}']) {
      storedBy(scene).set(key, garbage)
      const page = land(tab.page.location.href)
      const states = statesOf(page)
      expect(await inTime(page.getSession())).toBe(null)
      expect(states).toMatchObject([{ status: 'unauthenticated', error: null }])
      expect(storedBy(scene).has(key)).toBe(false)
      page.dispose()
    }
  })
})

onEachServer(({ server, check }) => {
  check(['account'], 'the scope says whose sessions end', async () => {
    for (const [scope, here, there] of [
      ['others', 200, 403],
      ['global', 403, 403],
    ] as const) {
      const { signIn, inTime } = setUp(server)
      const account = somebody()
      const auth = await signIn({}, account)
      const elsewhere = await signInByHand(server, account)
      const token = (await auth.getAccessToken())!
      expect(await inTime(auth.signOut({ scope }))).toEqual({ revoked: true })
      expect((await send(server, '/user', { token })).status).toBe(here)
      expect((await send(server, '/user', { token: elsewhere.access_token })).status).toBe(there)
      const status = scope === 'others' ? 'authenticated' : 'unauthenticated'
      expect(auth.session.value.status).toBe(status)
    }
  })

  check(['account'], 'a session that the server has ended is over here, unasked', async () => {
    const { signIn, inTime, seen } = setUp(server)
    const auth = await signIn()
    const states = statesOf(auth)
    await send(server, '/logout', { method: 'POST', token: (await auth.getAccessToken())! })
    const error = await failureOf(inTime(auth.updateUser({ data: { theme: 'dark' } })))
    expect(['session_not_found', 'session_expired']).toContain(error['code'])
    expect(seen(REFRESH)).toHaveLength(0)
    expect(states).toMatchObject([{ status: 'unauthenticated' }])
  })
}, 'current')
