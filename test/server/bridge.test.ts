import { afterEach, describe, expect, it, vi } from 'vitest'

import { APP, REDIRECT, REFRESH_TOKEN, VERIFIER, form, pages } from './pages.js'
import { ACCESS_TOKEN, CLIENT_SECRET, answer, hang, tokens } from './provider.js'
import { body } from './world.js'

afterEach(() => {
  vi.useRealTimers()
})

const json = { 'content-type': 'application/json' }

describe('a code over the bridge', () => {
  it('becomes a token by one request, which has the secret', async () => {
    const { post, provider, errors } = pages()
    const response = await post(form('code-of-a-page'))
    expect(response.status).toBe(200)
    expect(await body(response)).toEqual({
      access_token: ACCESS_TOKEN,
      token_type: 'bearer',
      scope: 'public',
    })
    expect(response.headers.get('content-type')).toBe('application/json')
    expect(response.headers.get('pragma')).toBe('no-cache')
    expect(response.headers.get('access-control-allow-origin')).toBe(APP)
    expect(response.headers.get('access-control-allow-credentials')).toBe('true')
    expect(response.headers.get('vary')).toBe('Origin')
    expect(provider.tokenRequests).toHaveLength(1)
    const [sent] = provider.tokenRequests
    expect(Object.fromEntries(sent!.form)).toEqual({
      ...form('code-of-a-page'),
      client_secret: CLIENT_SECRET,
    })
    expect(sent!.redirect).toBe('manual')
    expect(sent!.headers.has('cookie')).toBe(false)
    expect(provider.userinfoRequests).toHaveLength(0)
    expect(errors).toEqual([])
  })

  it('may come as JSON, with names that JavaScript likes', async () => {
    const { post, provider } = pages()
    const asked = { code: 'code-of-a-page', redirectUri: REDIRECT, codeVerifier: VERIFIER }
    const type = 'application/json; charset=utf-8'
    expect((await post(JSON.stringify(asked), { 'content-type': type })).status).toBe(200)
    expect(Object.fromEntries(provider.tokenRequests[0]!.form)).toEqual({
      ...form('code-of-a-page'),
      client_secret: CLIENT_SECRET,
    })
  })

  it.each([
    ['a form', { code: 'c', redirect_uri: REDIRECT, code_verifier: '' }, {}],
    ['JSON', JSON.stringify({ code: 'c', redirectUri: REDIRECT, codeVerifier: null }), json],
  ])('needs no verifier, as %s', async (_, asked, headers) => {
    const { post, provider } = pages()
    expect((await post(asked, headers)).status).toBe(200)
    expect(provider.tokenRequests[0]!.form.has('code_verifier')).toBe(false)
  })

  it('is passed on to the letter', async () => {
    const { exchange, provider } = pages()
    const code = `a/b+c%20d=é&${'x'.repeat(4000)}`
    const headers = { 'content-type': 'Application/X-WWW-form-urlencoded ; charset=UTF-8' }
    expect((await exchange({ code }, headers)).status).toBe(200)
    expect(provider.tokenRequests[0]!.form.get('code')).toBe(code)
  })

  it('goes to a page of this very origin, too', async () => {
    const here = 'https://auth.example.com'
    const { exchange } = pages({ bridge: { dribbble: [`${here}/app.html`] } })
    const response = await exchange({ redirect_uri: `${here}/app.html` }, { origin: here })
    expect(response.status).toBe(200)
    expect(response.headers.has('access-control-allow-origin')).toBe(false)
  })

  it.each<[string, Record<string, unknown>, Record<string, unknown>]>([
    ['an expiry', { expires_in: 3600, created_at: 17 }, { expires_in: 3600, created_at: 17 }],
    ['an expiry in words', { expires_in: '3600', created_at: 'now' }, { expires_in: 3600 }],
    ['"Bearer"', { token_type: 'Bearer' }, { token_type: 'Bearer' }],
    ['no scope', { scope: null }, { scope: undefined }],
    ['more than a page may have', { refresh_token: REFRESH_TOKEN, id_token: 'a.b.c', x: 1 }, {}],
  ])('brings what the provider says of it: %s', async (_, said, told) => {
    const { exchange, provider } = pages()
    provider.onToken = () => tokens(said)
    const expected = { access_token: ACCESS_TOKEN, token_type: 'bearer', scope: 'public', ...told }
    expect(await body(await exchange())).toEqual(JSON.parse(JSON.stringify(expected)))
  })
})

describe('a code is tried once', () => {
  it('also by two requests at the same time', async () => {
    const { post, provider } = pages()
    const answers = await Promise.all([post(form('twice')), post(form('twice'))])
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200, 400]))
    const late = await post(form('twice'))
    expect(late.status).toBe(400)
    expect(await body(late)).toMatchObject({ error: 'invalid_grant' })
    expect(provider.tokenRequests).toHaveLength(1)
  })

  it.each<[string, () => Response | Promise<Response>]>([
    ['refused', () => answer({ error: 'invalid_grant' }, 400)],
    ['not answered', () => Promise.reject(new TypeError('fetch failed'))],
  ])('also when it was %s', async (_, onToken) => {
    const { post, provider, errors } = pages()
    provider.onToken = onToken
    await post(form('once'))
    provider.onToken = null
    // A different verifier makes it no other code.
    expect((await post({ ...form('once'), code_verifier: 'x'.repeat(43) })).status).toBe(400)
    expect(provider.tokenRequests).toHaveLength(1)
    expect(errors).toHaveLength(1)
  })

  it('and is remembered for an hour, long after it has expired', async () => {
    const { post, provider, clock } = pages()
    await post(form('old'))
    clock.now += 3_599_999
    expect((await post(form('old'))).status).toBe(400)
    clock.now += 1
    await post(form('old'))
    expect(provider.tokenRequests).toHaveLength(2)
  })

  it('but what the bridge refuses leaves it alone', async () => {
    const { exchange, provider } = pages()
    const code = 'still-good'
    await exchange({ code, redirect_uri: `${REDIRECT}?` })
    await exchange({ code }, { origin: 'https://evil.com' })
    await exchange({ code, client_id: 'other' })
    expect(provider.tokenRequests).toHaveLength(0)
    expect((await exchange({ code })).status).toBe(200)
  })
})

describe('the provider', () => {
  it.each<[string, () => Response, number, Record<string, unknown>]>([
    [
      'invalid_grant',
      () => answer({ error: 'invalid_grant', error_description: 'Over.' }, 400),
      400,
      { error: 'invalid_grant', error_description: 'Over.' },
    ],
    [
      'invalid_client with a challenge',
      () =>
        answer({ error: 'invalid_client' }, 401, {
          'www-authenticate': 'Bearer realm="Doorkeeper"',
        }),
      401,
      { error: 'invalid_client' },
    ],
    ['an error of its own', () => answer({ error: 'oh/no!' }, 403), 403, { error: 'oh/no!' }],
    ['an error with 200', () => answer({ error: 'used' }), 400, { error: 'used' }],
    [
      'an error beside a token',
      () => tokens({ error: 'invalid_scope' }),
      400,
      { error: 'invalid_scope' },
    ],
    [
      'more than an error',
      () => answer({ error: 'invalid_grant', error_uri: 'javascript:0', hint: 'x' }, 400),
      400,
      { error: 'invalid_grant' },
    ],
    [
      'a description that repeats the secret',
      () => answer({ error: 'invalid_client', error_description: `not ${CLIENT_SECRET}` }, 401),
      401,
      { error: 'invalid_client' },
    ],
  ])('refuses, which the page is told: %s', async (_, onToken, status, told) => {
    const { exchange, provider, errors } = pages()
    provider.onToken = onToken
    const response = await exchange()
    expect(response.status).toBe(status)
    expect(await body(response)).toEqual(told)
    expect(response.headers.has('www-authenticate')).toBe(false)
    expect(response.headers.get('access-control-allow-origin')).toBe(APP)
    expect(errors).toMatchObject([{ code: 'exchange_failed' }])
  })

  const html = '<!doctype html><h1>Bad gateway</h1>'
  it.each<[string, () => Response | Promise<Response>, string]>([
    ['a page with 200', () => answer(html), 'exchange_failed'],
    ['a page with 400', () => answer(html, 400), 'exchange_failed'],
    ['an empty body', () => answer('', 400), 'exchange_failed'],
    ['a list', () => answer([{ error: 'invalid_grant' }], 400), 'exchange_failed'],
    ['no token', () => answer({ token_type: 'bearer' }), 'exchange_failed'],
    ['an empty token', () => tokens({ access_token: '' }), 'exchange_failed'],
    ['a MAC token', () => tokens({ token_type: 'mac' }), 'exchange_failed'],
    ['a token of no type', () => tokens({ token_type: undefined }), 'exchange_failed'],
    ['an error that is none', () => answer({ error: 'a"b' }, 400), 'exchange_failed'],
    ['the secret as an error', () => answer({ error: CLIENT_SECRET }, 400), 'exchange_failed'],
    ['a redirect', () => answer('', 302, { location: 'https://evil.com' }), 'exchange_failed'],
    ['a redirect that says why', () => answer({ error: 'moved' }, 302), 'exchange_failed'],
    [
      'a token with 400',
      () => answer({ access_token: 'a', token_type: 'bearer' }, 400),
      'exchange_failed',
    ],
    ['too much', () => tokens({ x: 'x'.repeat(70_000) }), 'exchange_failed'],
    ['500', () => answer({ error: 'oops' }, 500), 'temporarily_unavailable'],
    ['429', () => answer({ message: 'slow down' }, 429), 'temporarily_unavailable'],
    [
      'no connection',
      () => Promise.reject(new TypeError(`failed: ${CLIENT_SECRET}`)),
      'temporarily_unavailable',
    ],
  ])('gives no answer to pass on: %s', async (_, onToken, reported) => {
    const { exchange, provider, errors } = pages()
    provider.onToken = onToken
    const response = await exchange()
    expect(response.status).toBe(502)
    expect(await body(response)).toEqual({
      error: 'upstream_error',
      error_description: expect.stringMatching(/^Dribbble /),
    })
    expect(provider.tokenRequests).toHaveLength(1)
    expect(errors).toMatchObject([{ code: reported }])
  })

  it.each<[string, () => Response | Promise<Response>]>([
    ['its answer', hang],
    ['the end of its body', () => new Response(new ReadableStream(), { headers: json })],
  ])('is given ten seconds for %s', async (_, onToken) => {
    const { exchange, provider, errors } = pages()
    provider.onToken = onToken
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const response = exchange()
    while (provider.tokenRequests.length === 0) await new Promise(setImmediate)
    await vi.advanceTimersByTimeAsync(9_999)
    expect(errors).toEqual([])
    await vi.advanceTimersByTimeAsync(1)
    expect((await response).status).toBe(502)
    expect(errors).toMatchObject([{ code: 'temporarily_unavailable' }])
  })
})
