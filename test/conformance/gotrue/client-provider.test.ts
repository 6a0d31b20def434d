import { expect } from 'vitest'

import { failureOf, PKCE, setUp, storedBy } from './client.js'
import { onEachServer } from './server.js'
import { begin, comeBack, fragmentOf } from './steps.js'

onEachServer(({ server, check }) => {
  const isFork = server.flavor === 'fork2022'
  const cb = `${server.siteURL}/cb`

  check([], 'a sign-in is one navigation, with what this flavor understands', async () => {
    const { leave, tab, world } = setUp(server)
    const url = new URL(await leave({ scopes: ['repo', 'user'] }))
    expect(tab.navigations).toHaveLength(1)
    expect(url.origin + url.pathname).toBe(`${server.url}/authorize`)
    const { redirect_to, code_challenge, ...rest } = Object.fromEntries(url.searchParams)
    expect(new URL(redirect_to!).origin + new URL(redirect_to!).pathname).toBe(cb)
    expect(rest).toEqual({
      provider: server.provider,
      scopes: 'repo user',
      ...(!isFork && { code_challenge_method: 's256' }),
    })
    if (isFork) expect(code_challenge).toBeUndefined()
    else expect(code_challenge).toMatch(/^[\w-]{43}$/)
    for (const { url } of world.network.requests) expect(new URL(url).pathname).toMatch(/settings$/)
  })

  check(
    ['provider'],
    'whoever comes back is signed in, and nothing is left in the URL',
    async () => {
      const scene = setUp(server)
      const { leave, visit, land, inTime, seen, tab, world } = scene
      const landing = await visit(await leave({ redirectTo: '/cb?x=1' }))
      const states: string[] = []
      const auth = land(landing)
      auth.session.listen(({ status }) => states.push(status))
      const outcome = await inTime(auth.completeSignIn())
      expect(outcome).toMatchObject({ redirectTo: `${cb}?x=1` })
      expect(auth.session.value).toMatchObject({ status: 'authenticated', error: null })
      expect(states).toEqual(['authenticated'])
      expect(tab.page.location.href).toBe(`${cb}?x=1`)
      expect(seen(PKCE)).toHaveLength(isFork ? 0 : 1)
      if (!isFork) {
        const { auth_code, code_verifier } = JSON.parse(seen(PKCE)[0]!.body) as Record<
          string,
          string
        >
        expect(auth_code).toBe(new URL(landing).searchParams.get('code'))
        expect(code_verifier).toMatch(/^[\w.~-]{43,128}$/)
      }
      const { expiresAt, user } = outcome!.session
      // By this machine's clock, whatever the server's says.
      const age = expiresAt! - world.clock.now()
      if (server.standIn) expect(Math.abs(age - 3_600_000)).toBeLessThan(5_000)
      expect(user.id).toEqual(expect.any(String))
      expect(await auth.getSession()).toBe(outcome!.session)
    },
  )

  check(['provider'], 'the provider’s tokens are had by name, and kept nowhere', async () => {
    const scene = setUp(server)
    const { leave, visit, land, inTime } = scene
    const auth = land(await visit(await leave()))
    const { session } = (await inTime(auth.completeSignIn()))!
    const tokens = await auth.getProviderTokens()
    expect(tokens?.accessToken).toEqual(expect.any(String))
    const kept = JSON.stringify([session, ...storedBy(scene).values()])
    expect(kept).not.toContain(tokens!.accessToken)
    expect(JSON.stringify(session)).not.toContain((await auth.getAccessToken())!)
  })

  check(['provider'], 'a route in the fragment stays', async () => {
    const { leave, visit, land, inTime, tab } = setUp(server)
    const auth = land(await visit(await leave({ redirectTo: '/#/cb' })))
    expect(await inTime(auth.completeSignIn())).toMatchObject({
      redirectTo: `${server.siteURL}/#/cb`,
    })
    expect(tab.page.location.href).toBe(`${server.siteURL}/#/cb`)
    expect(auth.session.value.status).toBe('authenticated')
  })

  const denial = { error: 'access_denied', error_description: 'The user said: no' }

  check(['account'], 'a denial is told once, in the provider’s words', async () => {
    for (const redirectTo of ['/cb', '/cb?x=1', '/#/cb']) {
      const { leave, land, signIn, inTime, tab } = setUp(server)
      await signIn()
      const start = new URL(await leave({ redirectTo }))
      const begun = await begin(server, Object.fromEntries(start.searchParams))
      const landing = await comeBack(server, begun, denial)
      const auth = land(landing)
      expect(await failureOf(inTime(auth.completeSignIn()))).toMatchObject({
        code: 'access_denied',
        source: 'provider',
        description: 'The user said: no',
      })
      // Also where the server has put its own fragment in place of the app's.
      expect(tab.page.location.href).toBe(server.siteURL + redirectTo)
      // Whoever was signed in stays so, and a reload is none the wiser.
      expect(await inTime(auth.getSession())).not.toBe(null)
      const again = land(tab.page.location.href)
      expect(await inTime(again.completeSignIn())).toBe(null)
      expect((await inTime(again.refetch())).error).toBe(null)
    }
  })

  check([], 'whoever has no confirmed address at the provider is told so', async () => {
    const { leave, land, inTime } = setUp(server)
    const start = new URL(await leave())
    const to = start.searchParams.get('redirect_to')!
    const params = isFork
      ? '#error=unauthorized_client&error_code=401&error_description=Unverified+email+with+github'
      : `${to.includes('?') ? '&' : '?'}error=access_denied&error_code=provider_email_needs_verification&error_description=Unverified+email+with+github`
    const auth = land(to + params)
    const error = await failureOf(inTime(auth.completeSignIn()))
    expect(error).toMatchObject({ code: 'provider_email_needs_verification' })
    expect(String(error['message'])).toContain('Unverified email with github')
  })
})

onEachServer(({ server, check }) => {
  check([], 'what the fragment has escaped twice is read twice', async () => {
    const { leave, land, inTime } = setUp(server)
    const start = new URL(await leave())
    const to = start.searchParams.get('redirect_to')!
    const text = 'Unable+to+exchange+external+code%253A+abcd'
    const auth = land(`${to}#error=server_error&error_description=${text}&sb=`)
    const error = await failureOf(inTime(auth.completeSignIn()))
    expect(error['description'] ?? error['message']).toBe('Unable to exchange external code: abcd')
  })

  check(['provider'], 'tokens in a fragment are not what PKCE asked for', async () => {
    const { leave, land, inTime, seen, tab } = setUp(server)
    const start = new URL(await leave())
    const to = start.searchParams.get('redirect_to')!
    const { visit } = setUp(server)
    const query = new URLSearchParams({ provider: server.provider, redirect_to: to })
    const landing = await visit(`${server.url}/authorize?${query}`)
    expect(fragmentOf(landing)).toHaveProperty('access_token')
    const auth = land(landing)
    expect(await failureOf(inTime(auth.completeSignIn()))).toMatchObject({ code: 'flow_mismatch' })
    expect(seen('GET /user')).toHaveLength(0)
    expect(tab.page.location.href).not.toContain('token')
    expect(await inTime(auth.getSession())).toBe(null)
  })
}, 'current')
