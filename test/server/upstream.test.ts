import { afterEach, describe, expect, it, vi } from 'vitest'

import { ACCESS_TOKEN, CODE, answer, dan, hang, tokens } from './provider.js'
import { browser, landing, world, type World } from './world.js'

afterEach(() => {
  vi.useRealTimers()
})

/** Signs in against whatever the provider was told to do, and says how it ended. */
async function attempt(
  place: World,
): Promise<{ error: string | null; description: string | null }> {
  const user = browser(place)
  const { state } = await user.signIn()
  const response = await user.comeBack({ state })
  expect(user.attempts()).toEqual([])
  const { error, description } = landing(response)
  expect(user.cookies.has('aura-auth.session_token')).toBe(error === null)
  for (const reported of place.errors) {
    const text = `${reported.message} ${reported.description} ${String(reported.cause)}`
    for (const secret of [ACCESS_TOKEN, CODE, state]) expect(text).not.toContain(secret)
  }
  return { error, description }
}

const html = '<!doctype html><h1>Bad gateway</h1>'
const json = { 'content-type': 'application/json' }

describe('the token endpoint', () => {
  it.each([
    ['invalid_grant as 400', () => answer({ error: 'invalid_grant' }, 400), 'invalid_grant'],
    [
      'invalid_grant as 401 with a challenge',
      () =>
        answer({ error: 'invalid_grant' }, 401, {
          'www-authenticate': 'Bearer realm="Doorkeeper", error="invalid_grant"',
        }),
      'invalid_grant',
    ],
    ['invalid_client as 401', () => answer({ error: 'invalid_client' }, 401), 'invalid_client'],
    ['invalid_client as 400', () => answer({ error: 'invalid_client' }, 400), 'invalid_client'],
    [
      'an error with 200',
      () => answer({ error: 'bad_verification_code' }),
      'bad_verification_code',
    ],
  ])('refuses: %s', async (_, onToken, code) => {
    const place = world()
    place.provider.onToken = onToken
    expect(await attempt(place)).toEqual({
      error: 'exchange_failed',
      description: `Dribbble refused the code: ${code}.`,
    })
    expect(place.errors).toMatchObject([{ code: 'exchange_failed' }])
    expect(place.provider.tokenRequests).toHaveLength(1)
    expect(place.provider.userinfoRequests).toHaveLength(0)
  })

  it.each<[string, () => Response | Promise<Response>, string]>([
    ['a page with 200', () => answer(html), 'exchange_failed'],
    ['a page with 400', () => answer(html, 400), 'exchange_failed'],
    ['invalid JSON', () => answer('{', 200, json), 'exchange_failed'],
    ['an empty body', () => answer('', 200, json), 'exchange_failed'],
    ['JSON null', () => answer('null', 200, json), 'exchange_failed'],
    ['no token', () => answer({ token_type: 'bearer' }), 'exchange_failed'],
    ['a MAC token', () => tokens({ token_type: 'mac' }), 'exchange_failed'],
    ['a DPoP token', () => tokens({ token_type: 'dpop' }), 'exchange_failed'],
    ['a redirect', () => answer('', 302, { location: 'https://evil.com' }), 'exchange_failed'],
    [
      'an error that repeats the code',
      () => answer({ error: `the code ${CODE} is used` }, 400),
      'exchange_failed',
    ],
    ['500', () => answer({ error: 'oops' }, 500), 'temporarily_unavailable'],
    ['a page with 503', () => answer(html, 503), 'temporarily_unavailable'],
    ['429', () => answer({ message: 'slow down' }, 429), 'temporarily_unavailable'],
    [
      'no connection',
      () => Promise.reject(new TypeError(`fetch failed ${CODE}`)),
      'temporarily_unavailable',
    ],
  ])('answers with %s', async (_, onToken, error) => {
    const place = world()
    place.provider.onToken = onToken
    expect((await attempt(place)).error).toBe(error)
    expect(place.provider.tokenRequests).toHaveLength(1)
    expect(place.provider.userinfoRequests).toHaveLength(0)
  })

  it.each([
    ['Bearer in any case', { token_type: 'BEARER' }],
    ['an expiry', { expires_in: 31557600, created_at: 1700000000 }],
    ['no scope', { scope: undefined }],
    ['a refresh token', { refresh_token: 'refresh' }],
  ])('accepts %s', async (_, extra) => {
    const place = world()
    place.provider.onToken = () => tokens(extra)
    expect((await attempt(place)).error).toBeNull()
  })

  it('is given ten seconds', async () => {
    const place = world()
    place.provider.onToken = hang
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const ended = attempt(place)
    while (place.provider.tokenRequests.length === 0) await new Promise(setImmediate)
    await vi.advanceTimersByTimeAsync(9_999)
    expect(place.errors).toEqual([])
    await vi.advanceTimersByTimeAsync(1)
    expect(await ended).toMatchObject({ error: 'temporarily_unavailable' })
    expect(place.provider.tokenRequests).toHaveLength(1)
  })

  it('is given ten seconds for its body, too', async () => {
    const place = world()
    place.provider.onToken = () => new Response(new ReadableStream(), { headers: json })
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const ended = attempt(place)
    while (place.provider.tokenRequests.length === 0) await new Promise(setImmediate)
    await vi.advanceTimersByTimeAsync(10_000)
    expect(await ended).toMatchObject({ error: 'temporarily_unavailable' })
  })
})

describe('the userinfo endpoint', () => {
  it.each<[string, () => Response | Promise<Response>, string]>([
    ['401', () => answer({ message: 'Bad credentials.' }, 401), 'userinfo_failed'],
    ['404', () => answer({ error: 'Not found' }, 404), 'userinfo_failed'],
    ['an error with 200', () => answer({ error: 'nope', id: 1 }), 'userinfo_failed'],
    ['a page', () => answer(html), 'userinfo_failed'],
    ['invalid JSON', () => answer('{', 200, json), 'userinfo_failed'],
    ['a list', () => answer([dan]), 'userinfo_failed'],
    ['no id', () => answer({ ...dan, id: undefined }), 'userinfo_failed'],
    ['a redirect', () => answer('', 302, { location: 'https://evil.com' }), 'userinfo_failed'],
    ['429', () => answer({ message: 'API rate limit exceeded.' }, 429), 'temporarily_unavailable'],
    ['500', () => answer(html, 500), 'temporarily_unavailable'],
    [
      'no connection',
      () => Promise.reject(new TypeError(`fetch failed ${ACCESS_TOKEN}`)),
      'temporarily_unavailable',
    ],
  ])('answers with %s', async (_, onUserinfo, error) => {
    const place = world()
    place.provider.onUserinfo = onUserinfo
    expect((await attempt(place)).error).toBe(error)
    expect(place.errors).toMatchObject([{ code: error }])
    expect(place.provider.tokenRequests).toHaveLength(1)
    expect(place.provider.userinfoRequests).toHaveLength(1)
  })

  it('is given ten seconds', async () => {
    const place = world()
    place.provider.onUserinfo = hang
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const ended = attempt(place)
    while (place.provider.userinfoRequests.length === 0) await new Promise(setImmediate)
    await vi.advanceTimersByTimeAsync(10_000)
    expect(await ended).toMatchObject({ error: 'temporarily_unavailable' })
  })

  it('fails loudly when the session would not fit into a cookie', async () => {
    const place = world()
    place.provider.onUserinfo = () => answer({ ...dan, avatar_url: `data:,${'x'.repeat(4000)}` })
    expect((await attempt(place)).error).toBe('server_error')
    expect(place.errors).toMatchObject([{ code: 'session_too_large' }])
  })
})

it('survives an onError hook that throws', async () => {
  const place = world({
    onError: () => {
      throw new Error('the logger is down')
    },
  })
  place.provider.onToken = () => answer({ error: 'invalid_grant' }, 400)
  expect((await attempt(place)).error).toBe('exchange_failed')
})
