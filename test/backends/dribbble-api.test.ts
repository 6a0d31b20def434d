import { afterEach, describe, expect, test, vi } from 'vitest'

import { API, createRig, SITE, withSecret } from './dribbble-rig.js'

const origin = 'http://app.test'

afterEach(() => {
  vi.useRealTimers()
})

describe('user', () => {
  test('has a number for an id, a login, HTML in the bio and a picture from the site', async () => {
    const { token, user, site } = createRig()
    const body = (await (await user(await token())).json()) as { avatar_url: string }
    expect(body).toMatchObject({
      id: expect.any(Number),
      login: 'adawinter',
      name: 'Ada Winter',
      bio: expect.stringMatching(/&amp;.*<a href=/),
      links: { twitter: null },
      teams: [{ type: 'Team' }],
      email: 'ada@winter.example',
      type: 'User',
    })
    expect(body).not.toHaveProperty('username')
    const picture = await site(new Request(body.avatar_url))
    expect(picture.headers.get('content-type')).toBe('image/svg+xml')
    expect(JSON.stringify(body)).not.toMatch(/dribbble\.com/)
  })

  test('emailMode and user change single members', async () => {
    const { token, user, knobs } = createRig({ knobs: { emailMode: 'null' } })
    const held = await token()
    expect(await (await user(held)).json()).toHaveProperty('email', null)
    knobs.emailMode = 'absent'
    knobs.user = { name: null, links: undefined }
    const body = await (await user(held)).json()
    expect(body).toHaveProperty('name', null)
    expect(body).not.toHaveProperty('email')
    expect(body).not.toHaveProperty('links')
  })

  test('the token may be in the query', async () => {
    const { token, api } = createRig()
    const url = `${API}/v2/user?access_token=${await token()}`
    expect((await api(new Request(url))).status).toBe(200)
  })

  test('is 401 without a token, with a wrong one, an expired one and a revoked one', async () => {
    const rig = createRig({ knobs: { expiresIn: 60 } })
    const held = await rig.token()
    expect((await rig.user(held)).status).toBe(200)
    const without = await rig.api(new Request(`${API}/v2/user`))
    const wrong = await rig.user('wrong')
    rig.knobs.revoked = true
    const revoked = await rig.user(held)
    rig.knobs.revoked = false
    rig.pass(60_000)
    for (const response of [without, wrong, revoked, await rig.user(held)]) {
      expect(response.status).toBe(401)
      expect(await response.json()).toEqual({ message: 'Bad credentials.' })
    }
  })

  test('anything else is 404', async () => {
    const response = await createRig().api(new Request(`${API}/v2/nothing`))
    expect(response.status).toBe(404)
    expect(await response.json()).toEqual({ error: 'Not found' })
  })

  test('a known ETag is answered 304', async () => {
    const { token, user } = createRig()
    const held = await token()
    const etag = (await user(held)).headers.get('etag') ?? ''
    expect((await user(held, { 'if-none-match': etag })).status).toBe(304)
  })
})

describe('rate limit', () => {
  test('counts down within a minute, per token', async () => {
    const { token, user, pass } = createRig()
    const held = await token()
    const first = await user(held)
    expect(first.headers.get('x-ratelimit-limit')).toBe('60')
    expect(first.headers.get('x-ratelimit-remaining')).toBe('59')
    expect(first.headers.get('x-ratelimit-reset')).toBe('1700000061')
    for (let used = 1; used < 60; used += 1) await user(held)
    expect((await user(held)).status).toBe(429)
    expect((await user(await token())).status).toBe(200)
    pass(60_000)
    expect((await user(held)).status).toBe(200)
  })

  test('rateLimited answers 429 with the seconds of its end', async () => {
    const { user } = createRig({ knobs: { rateLimited: true } })
    const response = await user('any')
    expect(response.status).toBe(429)
    expect(response.headers.get('x-ratelimit-remaining')).toBe('0')
    expect(response.headers.get('x-ratelimit-reset')).toBe('1700000061')
    expect(await response.json()).toEqual({ message: 'API rate limit exceeded.' })
  })
})

describe('CORS', () => {
  test('a preflight with Authorization succeeds', async () => {
    const { api } = createRig()
    const headers = {
      origin,
      'access-control-request-method': 'GET',
      'access-control-request-headers': 'authorization',
    }
    const response = await api(new Request(`${API}/v2/user`, { method: 'OPTIONS', headers }))
    expect(response.ok).toBe(true)
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'access-control-allow-origin': origin,
      'access-control-allow-methods': 'OPTIONS, GET',
      'access-control-allow-headers': 'Authorization',
      'access-control-max-age': '86400',
    })
  })

  test('every answer may be read, errors too, and names the headers that can be', async () => {
    const { token, user, knobs } = createRig()
    const held = await token()
    const answers = [await user(held, { origin }), await user('wrong', { origin })]
    knobs.htmlError = 'user'
    answers.push(await user(held, { origin }))
    knobs.rateLimited = true
    answers.push(await user(held, { origin }))
    expect(answers.map(({ status }) => status)).toEqual([200, 401, 500, 429])
    for (const { headers } of answers) {
      expect(headers.get('access-control-allow-origin')).toBe(origin)
      expect(headers.get('access-control-allow-credentials')).toBe('true')
      expect(headers.get('access-control-expose-headers')).toContain('X-RateLimit-Reset')
      expect(headers.get('vary')).toContain('Origin')
    }
  })

  test('no Origin, no CORS header', async () => {
    const { user } = createRig()
    expect((await user('wrong')).headers.has('access-control-allow-origin')).toBe(false)
  })
})

test.each([
  [true, 500, 500],
  ['token', 500, 200],
  ['user', 200, 500],
] as const)('htmlError %s breaks token %i and user %i', async (htmlError, tokens, users) => {
  const { token, code, exchange, user, knobs } = createRig()
  const held = await token()
  const fields = withSecret({ code: await code() })
  knobs.htmlError = htmlError
  const answers = [await exchange(fields), await user(held)]
  expect(answers.map(({ status }) => status)).toEqual([tokens, users])
  for (const { status, headers } of answers) {
    expect(headers.get('content-type')).toContain(status === 500 ? 'text/html' : 'json')
  }
})

test('delay holds token and user answers, not pages and preflights', async () => {
  vi.useFakeTimers()
  const { authorize, exchange, user, api, requests } = createRig({ knobs: { delay: 5000 } })
  await authorize()
  await api(new Request(`${API}/v2/user`, { method: 'OPTIONS' }))
  const answers = Promise.all([exchange({}), user('wrong')])
  await vi.advanceTimersByTimeAsync(4999)
  expect(requests).toHaveLength(2)
  await vi.advanceTimersByTimeAsync(1)
  expect(requests).toHaveLength(4)
  await answers
  expect(vi.getTimerCount()).toBe(0)
})

test('a client that goes away ends the delay', async () => {
  vi.useFakeTimers()
  const { site } = createRig({ knobs: { delay: 5000 } })
  const gone = new AbortController()
  const body = new URLSearchParams()
  const answer = site(
    new Request(`${SITE}/oauth/token`, { method: 'POST', body, signal: gone.signal }),
  )
  await vi.advanceTimersByTimeAsync(1)
  expect(vi.getTimerCount()).toBe(1)
  gone.abort()
  expect(vi.getTimerCount()).toBe(0)
  await answer
})
