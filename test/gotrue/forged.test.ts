import { expect, test } from 'vitest'

import { ACCOUNT, APP, BACKEND, codeOf, FLAVORS, setUp, type Scene } from './scene.js'

const MALLORY = { email: 'mallory@evil.example', password: 'let me in' }
const TYPES = ['signup', 'invite', 'recovery', 'magiclink', 'email_change'] as const

/** What somebody else’s sign-in has brought, as a link: tokens that work. */
async function forge({ server }: Scene, type?: string): Promise<string> {
  const send = async (path: string): Promise<Record<string, string>> => {
    const request = new Request(BACKEND + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(MALLORY),
    })
    return (await (await server.handler(request)).json()) as Record<string, string>
  }
  let answer = await send('/signup')
  if (!answer['access_token']) answer = await send('/token?grant_type=password')
  const { access_token, refresh_token } = answer
  const params = { access_token, expires_in: '3600', refresh_token, token_type: 'bearer' }
  return `#${new URLSearchParams({ ...params, ...(type && { type }) } as Record<string, string>)}`
}

test.each(TYPES)(
  'current: a forged link of a %s mail signs in nobody, and ends nothing',
  async (type) => {
    const scene = setUp('current')
    const forged = await forge(scene, type)
    expect(await codeOf(scene.land(`${APP}/${forged}`).completeSignIn())).toBe('flow_mismatch')
    const auth = await scene.signUp()
    expect(await codeOf(scene.land(`${APP}/${forged}`).completeSignIn())).toBe('flow_mismatch')
    expect((await scene.land(`${APP}/`).getSession())?.user.email).toBe(ACCOUNT.email)
    expect(scene.asked('GET', '/user')).toHaveLength(0)
    expect(await auth.getAccessToken()).toEqual(expect.any(String))
  },
)

test.each(TYPES)('fork2022: a forged link of a %s mail replaces nobody', async (type) => {
  const scene = setUp('fork2022')
  await scene.signUp()
  const back = scene.land(`${APP}/${await forge(scene, type)}`)
  expect(await codeOf(back.completeSignIn())).toBe('session_conflict')
  expect((await scene.another().getSession())?.user.email).toBe(ACCOUNT.email)
})

const PLACES = ['in another tab', 'in the tab that opened it', 'in a tab that it opened'] as const

test.each(FLAVORS.flatMap((flavor) => PLACES.map((place) => [flavor, place] as const)))(
  '%s: nor does one without a type, with a popup open, %s',
  async (flavor, place) => {
    const scene = setUp(flavor)
    const auth = scene.create()
    await auth.prepare()
    const signedIn = auth.signIn('github', { popup: true })
    const [popup] = scene.tab.popups
    const landing = await scene.visit(popup!.urls[0]!)
    const forged = `${APP}/projects${await forge(scene)}`
    const code = flavor === 'current' ? 'flow_mismatch' : 'state_unknown'
    if (place === 'in the tab that opened it') {
      expect(await codeOf(scene.land(forged).completeSignIn())).toBe(code)
      return
    }
    const tab = scene.world.tab(forged)
    if (place === 'in a tab that it opened')
      for (const [key, value] of scene.tab.storage) tab.storage.set(key, value)
    expect(await codeOf(scene.create({}, tab.page).completeSignIn())).toBe(code)
    scene.create({}, popup!.land(landing))
    expect((await signedIn).user.email).toBe(ACCOUNT.email)
  },
)

test('current: a code that somebody else has asked for signs in nobody, and is good for them', async () => {
  const scene = setUp('current')
  const auth = scene.create()
  await auth.prepare()
  const start = new URL(await scene.leave(auth, '/cb'))
  // Their own sign-in, up to the code, in another browser.
  const other = setUp('current')
  const start2 = new URL(start)
  const theirs = other.create()
  await theirs.prepare()
  const challenge = new URL(await other.leave(theirs, '/cb')).searchParams.get('code_challenge')!
  start2.searchParams.set('code_challenge', challenge)
  const forged = await scene.visit(start2.href)
  expect(await codeOf(scene.land(forged).completeSignIn())).toBe('bad_code_verifier')
  expect(await scene.create().getSession()).toBe(null)
  expect(scene.stored()).not.toMatch(/accessToken/)
})

test.each(FLAVORS)('%s: no link signs anybody out', async (flavor) => {
  const scene = setUp(flavor)
  await scene.signUp()
  const links = [
    '?error=access_denied&error_code=session_not_found&error_description=x',
    '#error=server_error&error_code=user_banned&error_description=x',
    '#error_code=401&error_description=Invalid+Refresh+Token',
    '?error=invalid_grant&error_code=bad_jwt&error_description=Invalid+Refresh+Token',
    '#access_token=&refresh_token=',
    '#access_token=a.b.c&refresh_token=x&type=magiclink&expires_in=-1',
    '#access_token=%0d%0a&refresh_token=x&type=recovery',
    '?code=',
    `?code=${crypto.randomUUID()}`,
    '#message=Confirmation+link+accepted',
    '#sb=',
    `?latchkey=${'A'.repeat(22)}#error=x&error_code=session_not_found&error_description=x`,
  ]
  for (const link of links) {
    const back = scene.land(`${APP}/projects${link}`)
    void back.completeSignIn().catch(() => null)
    await scene.pass(20_000, 1_000)
    expect((await back.getSession())?.user.email).toBe(ACCOUNT.email)
    expect((await back.getSession({ fresh: true }))?.user.email).toBe(ACCOUNT.email)
    expect(scene.tab.page.location.href).not.toMatch(/token=|code=/)
    back.dispose()
  }
  expect(scene.refreshes()).toBe(0)
})
