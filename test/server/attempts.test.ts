import { describe, expect, it } from 'vitest'

import { CODE, dan, answer, tokens } from './provider.js'
import { body, browser, landing, world } from './world.js'

const MINUTE = 60_000

describe('sign-in attempts', () => {
  it.each([
    [[0, 1], 'in the order they began'],
    [[1, 0], 'in the other order'],
  ])('both complete when one browser runs two at once, %s %s', async (order) => {
    const place = world()
    const user = browser(place)
    const begun = [await user.signIn('/one'), await user.signIn('/two')]
    expect(user.attempts()).toHaveLength(2)
    for (const index of order) {
      const response = await user.comeBack({ state: begun[index]!.state })
      expect(response.headers.get('location')).toBe(['/one', '/two'][index])
    }
    expect(place.provider.tokenRequests).toHaveLength(2)
    const [first, second] = place.provider.tokenRequests
    expect(first!.form.get('code_verifier')).not.toBe(second!.form.get('code_verifier'))
    expect(user.attempts()).toEqual([])
    expect((await user.send('/auth/session')).status).toBe(200)
  })

  it('keeps the five newest and drops the oldest', async () => {
    const place = world()
    const user = browser(place)
    const states: string[] = []
    for (let index = 0; index < 7; index += 1) {
      states.push((await user.signIn(`/page/${index}`)).state)
      place.clock.now += 1000
    }
    expect(user.attempts()).toHaveLength(5)
    expect((await user.comeBack({ state: states[1]! })).status).toBe(400)
    expect((await user.comeBack({ state: states[2]! })).headers.get('location')).toBe('/page/2')
    expect((await user.comeBack({ state: states[6]! })).headers.get('location')).toBe('/page/6')
  })

  it('stays well below what servers accept as headers, however long redirectTo is', async () => {
    const place = world()
    const user = browser(place)
    for (let index = 0; index < 6; index += 1) {
      const { state } = await user.signIn(`/${'a'.repeat(2000)}`)
      expect(state).not.toBe('')
      place.clock.now += 1000
    }
    const size = user.attempts().reduce((sum, name) => {
      return sum + name.length + (user.cookies.get(name)?.value.length ?? 0)
    }, 0)
    expect(size).toBeLessThanOrEqual(8192)
    expect(user.attempts().length).toBeGreaterThanOrEqual(2)
  })

  it('clears away what is expired or not ours', async () => {
    const place = world()
    const user = browser(place)
    await user.signIn()
    const [old] = user.attempts()
    const stale = `${old}=${user.cookies.get(old!)!.value}`
    const junk = `aura-auth.attempt.${'0'.repeat(32)}=junk`
    const odd = 'aura-auth.attempt.<script>=junk'
    place.clock.now += 6 * MINUTE
    const response = await user.send('/auth/signIn/dribbble', {
      headers: { cookie: `${stale}; ${junk}; ${odd}` },
    })
    const cookies = response.headers.getSetCookie()
    expect(cookies).toHaveLength(3)
    expect(cookies[0]).toMatch(new RegExp(`^${old}=; .*Max-Age=0`))
    expect(cookies[1]).toMatch(/^aura-auth\.attempt\.0{32}=; .*Max-Age=0/)
  })

  it('refuses a forged state and leaves the real attempt alone', async () => {
    const place = world()
    const user = browser(place)
    const { state } = await user.signIn()
    const forged = await user.comeBack({ state: `${state.slice(0, -1)}_` })
    expect(forged.status).toBe(400)
    expect(await body(forged)).toMatchObject({
      code: 'AUTH_MISMATCHING_STATE',
      error: 'state_mismatch',
    })
    expect(forged.headers.getSetCookie()).toEqual([])
    expect(place.provider.tokenRequests).toHaveLength(0)
    expect((await user.comeBack({ state })).headers.get('location')).toBe('/dashboard')
  })

  it('refuses a missing state', async () => {
    const place = world()
    const user = browser(place)
    await user.signIn()
    const response = await user.send(`/auth/callback/dribbble?code=${CODE}`)
    expect(response.status).toBe(422)
    expect(user.attempts()).toHaveLength(1)
    expect(place.provider.tokenRequests).toHaveLength(0)
  })

  it('refuses a callback in a browser that never began one', async () => {
    const place = world()
    const { state } = await browser(place).signIn()
    const victim = browser(place)
    const bare = await victim.comeBack({ state })
    expect(bare.status).toBe(401)
    expect(await body(bare)).toMatchObject({ code: 'COOKIE_NOT_FOUND', error: 'state_mismatch' })
    await victim.csrfToken()
    expect(await body(await victim.comeBack({ state }))).toMatchObject({
      code: 'COOKIE_INVALID_VALUE',
    })
    expect(place.provider.tokenRequests).toHaveLength(0)
    expect(victim.cookies.has('aura-auth.session_token')).toBe(false)
  })

  it('refuses a replayed callback, and spends the code once', async () => {
    const place = world()
    const user = browser(place)
    const { state } = await user.signIn()
    await user.comeBack({ state })
    expect((await user.comeBack({ state })).status).toBe(401)
    expect(place.provider.tokenRequests).toHaveLength(1)
    expect((await user.send('/auth/session')).status).toBe(200)
  })

  it('spends the code once even if the callback is replayed together with its cookie', async () => {
    const place = world()
    const user = browser(place)
    const { state } = await user.signIn()
    const [name] = user.attempts()
    const cookie = `${name}=${user.cookies.get(name!)!.value}`
    await user.comeBack({ state })
    const replayed = await user.send(`/auth/callback/dribbble?code=${CODE}&state=${state}`, {
      headers: { cookie },
    })
    expect(landing(replayed).error).toBe('state_mismatch')
    expect(place.provider.tokenRequests).toHaveLength(1)
  })

  it('gives a reload in the middle of the exchange the same answer for one token request', async () => {
    const place = world()
    const user = browser(place)
    const { state } = await user.signIn()
    let release = (): void => {}
    place.provider.onToken = () =>
      new Promise((resolve) => {
        release = () => resolve(tokens())
      })
    const both = [user.comeBack({ state }), user.comeBack({ state })]
    while (place.provider.tokenRequests.length === 0) await new Promise(setImmediate)
    // Both are under way before the provider answers.
    for (let turn = 0; turn < 50; turn += 1) await new Promise(setImmediate)
    release()
    for (const response of await Promise.all(both))
      expect(response.headers.get('location')).toBe('/dashboard')
    expect(place.provider.tokenRequests).toHaveLength(1)
    expect(place.provider.userinfoRequests).toHaveLength(1)
  })

  it.each([
    ['just in time', 5 * MINUTE - 1, null],
    ['too late', 5 * MINUTE, 'state_mismatch'],
  ])('checks its age inside the seal: %s', async (_, later, error) => {
    const place = world()
    const user = browser(place)
    const { state } = await user.signIn()
    const [name] = user.attempts()
    // A client that ignores Max-Age.
    const cookie = `${name}=${user.cookies.get(name!)!.value}`
    place.clock.now += later
    const response = await user.send(`/auth/callback/dribbble?code=${CODE}&state=${state}`, {
      headers: { cookie },
    })
    expect(landing(response).error).toBe(error)
    expect(place.provider.tokenRequests).toHaveLength(error === null ? 1 : 0)
    expect(response.headers.getSetCookie()[0]).toMatch(/\.attempt\..*Max-Age=0/)
  })

  it.each([
    ['tampered', (value: string) => value.slice(0, -3) + (value.endsWith('AAA') ? 'BBB' : 'AAA')],
    ['truncated', (value: string) => value.slice(0, 60)],
    ['empty', () => ''],
    ['unsealed', () => JSON.stringify({ state: 'x' })],
  ])('refuses a %s cookie and removes it', async (_, change) => {
    const place = world()
    const user = browser(place)
    const { state } = await user.signIn()
    const [name] = user.attempts()
    const { value } = user.cookies.get(name!)!
    const response = await user.send(`/auth/callback/dribbble?code=${CODE}&state=${state}`, {
      headers: { cookie: `${name}=${change(value)}` },
    })
    expect(response.status).toBe(401)
    expect(response.headers.getSetCookie()[0]).toContain(`${name}=; `)
    expect(place.provider.tokenRequests).toHaveLength(0)
  })

  it('refuses a cookie that another server sealed', async () => {
    const place = world()
    const other = browser(world({ secret: 'x'.repeat(32) }))
    const { state } = await other.signIn()
    const user = browser(place)
    for (const [name, cookie] of other.cookies) user.cookies.set(name, cookie)
    expect((await user.comeBack({ state })).status).toBe(401)
    expect(user.attempts()).toEqual([])
    expect(place.provider.tokenRequests).toHaveLength(0)
  })

  it('refuses the attempt of one state under the name of another', async () => {
    const place = world()
    const user = browser(place)
    const [one, two] = [await user.signIn(), await user.signIn()]
    const [first, second] = user.attempts()
    const moved = `${first}=${user.cookies.get(second!)!.value}`
    const response = await user.send(`/auth/callback/dribbble?code=${CODE}&state=${one.state}`, {
      headers: { cookie: moved },
    })
    expect(response.status).toBe(401)
    expect(two.state).not.toBe(one.state)
    expect(place.provider.tokenRequests).toHaveLength(0)
  })

  it('is no session', async () => {
    const place = world()
    const user = browser(place)
    await user.signIn()
    const { value } = user.cookies.get(user.attempts()[0]!)!
    const cookie = `aura-auth.session_token=${value}`
    expect((await user.send('/auth/session', { headers: { cookie } })).status).toBe(401)
    expect(await place.auth.api.getSession(new Headers({ cookie }))).toBeNull()
  })

  it('loads nobody else’s profile: two users at once stay two users', async () => {
    const place = world()
    const [ada, bob] = [browser(place), browser(place)]
    const begun = [await ada.signIn(), await bob.signIn()]
    let id = 0
    place.provider.onUserinfo = () => answer({ ...dan, id: (id += 1) })
    await Promise.all([
      ada.comeBack({ state: begun[0]!.state }),
      bob.comeBack({ state: begun[1]!.state }),
    ])
    const subs = await Promise.all(
      [ada, bob].map(async (user) => {
        const { session } = await body(await user.send('/auth/session'))
        return (session as { user: { sub: string } }).user.sub
      }),
    )
    expect([...subs].sort()).toEqual(['1', '2'])
  })
})
