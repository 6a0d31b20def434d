import { describe, expect, it } from 'vitest'

import { APP, REDIRECT, form, pages } from './pages.js'
import { answer, tokens } from './provider.js'
import { body } from './world.js'

const OWN = 'https://auth.example.com'
const URL_OF_BRIDGE = `${OWN}/auth/bridge/dribbble/token`

describe('an origin is compared as browsers write it', () => {
  it.each([
    APP.toUpperCase(),
    'https://App.example.com',
    `${APP}:443`,
    `${APP}:8443`,
    `${APP}.`,
    `${APP}/`,
    `${APP}/callback.html`,
    `${APP}.evil.com`,
    'https://evil-app.example.com',
    'https://sub.app.example.com',
    'http://app.example.com',
    'https://me@app.example.com',
    '',
    'null',
    'undefined',
    '*',
  ])('not %j', async (origin) => {
    const { post, provider } = pages()
    const response = await post(form('c'), { origin })
    expect(response.status).toBe(403)
    expect(response.headers.has('access-control-allow-origin')).toBe(false)
    expect(provider.tokenRequests).toHaveLength(0)
  })

  it('and a pattern lets in its own, each with its own redirect URIs only', async () => {
    const one = 'https://one.example.com'
    const redirect_uri = `${one}/cb`
    const { exchange } = pages({
      trustedOrigins: ['https://*.example.com'],
      bridge: { dribbble: [redirect_uri] },
    })
    expect((await exchange({ redirect_uri }, { origin: one })).status).toBe(200)
    const other = await exchange({ redirect_uri }, { origin: 'https://two.example.com' })
    expect(other.status).toBe(403)
  })
})

describe('nothing but a POST', () => {
  it.each(['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TOKEN'])(
    'not %s',
    async (method) => {
      const { auth, provider } = pages()
      const headers = { origin: APP, 'x-http-method-override': 'POST' }
      const query = new URLSearchParams(form('c'))
      const response = await auth.handlers.ALL(
        new Request(`${URL_OF_BRIDGE}?${query}`, { method, headers }),
      )
      expect([404, 405]).toContain(response.status)
      expect(response.headers.get('cache-control')).toBe('no-store')
      expect(provider.tokenRequests).toHaveLength(0)
    },
  )

  it('whose query adds nothing to its body', async () => {
    const { post, provider } = pages()
    const query = new URLSearchParams({ redirect_uri: 'https://evil.com/', code: 'd' })
    const response = await post(form('c'), {}, `/auth/bridge/dribbble/token?${query}`)
    expect(response.status).toBe(200)
    expect(provider.tokenRequests[0]!.form.get('code')).toBe('c')
    expect(provider.tokenRequests[0]!.form.get('redirect_uri')).toBe(REDIRECT)
  })

  it('handled as one: the other handlers refuse it', async () => {
    const { auth, provider } = pages()
    for (const method of ['GET', 'PATCH', 'DELETE'] as const) {
      const request = new Request(URL_OF_BRIDGE, {
        method: 'POST',
        headers: { origin: APP },
        body: new URLSearchParams(form('c')),
      })
      expect((await auth.handlers[method](request)).status).toBe(405)
    }
    expect(provider.tokenRequests).toHaveLength(0)
  })
})

describe('names that every object has', () => {
  it.each([
    '__proto__',
    'constructor',
    'prototype',
    'toString',
    'hasOwnProperty',
    '%64ribbble',
    '',
  ])('are no provider: %j', async (name) => {
    const { post, provider, errors } = pages()
    const response = await post(form('c'), {}, `/auth/bridge/${name}/token`)
    expect(response.status).toBe(404)
    expect(errors).toEqual([])
    expect(provider.tokenRequests).toHaveLength(0)
  })

  it('are no parameters, and change none', async () => {
    const { post, provider } = pages()
    const asked = `{"code":"c","redirectUri":"${REDIRECT}","constructor":"x","__proto__":"y"}`
    expect((await post(asked, { 'content-type': 'application/json' })).status).toBe(200)
    expect(new Set(provider.tokenRequests[0]!.form.keys())).toEqual(
      new Set(['client_id', 'client_secret', 'code', 'grant_type', 'redirect_uri']),
    )
    expect(({} as Record<string, unknown>)['x']).toBe(undefined)
  })
})

describe('what a page or a provider writes ends in no header', () => {
  it.each(['c\r\nx-evil: 1', 'c\u0000', 'c\u2028é'])('a code: %j', async (code) => {
    const { exchange, provider } = pages()
    const response = await exchange({ code })
    expect(response.status).toBe(200)
    expect(response.headers.has('x-evil')).toBe(false)
    const [sent] = provider.tokenRequests
    expect(sent!.form.get('code')).toBe(code)
    expect([...sent!.headers.keys()]).not.toContain('x-evil')
  })

  it('an error, and its description', async () => {
    const { exchange, provider } = pages()
    provider.onToken = () =>
      answer({ error: 'no\r\nset-cookie: a=b', error_description: 'a\r\nb\u0007' }, 400, {
        'set-cookie': 'a=b',
        'x-evil': '1',
        'cache-control': 'public, max-age=9',
      })
    const refused = await exchange()
    expect(refused.status).toBe(502)
    expect(refused.headers.has('x-evil')).toBe(false)
    provider.onToken = () => answer({ error: 'no', error_description: 'a\r\nb\u0007' }, 400)
    expect(await body(await exchange())).toEqual({ error: 'no', error_description: 'a b ' })
  })

  it('a token', async () => {
    const { exchange, provider } = pages()
    provider.onToken = () => tokens({ scope: 'a\r\nb', token_type: 'Bearer' })
    const response = await exchange()
    expect(response.headers.get('content-type')).toBe('application/json')
    expect(await body(response)).toMatchObject({ scope: 'a\r\nb' })
  })
})

it('twenty pages with one code: one of them has it exchanged', async () => {
  const { post, provider } = pages()
  const answers = Array.from({ length: 20 }, async () => post(form('shared')))
  const statuses = (await Promise.all(answers)).map(({ status }) => status)
  expect(statuses.filter((status) => status === 200)).toHaveLength(1)
  expect(statuses.filter((status) => status === 400)).toHaveLength(19)
  expect(provider.tokenRequests).toHaveLength(1)
})

it('16 kB are read, and not one byte more', async () => {
  const { post, provider } = pages()
  const rest = String(new URLSearchParams(form('')))
  const fill = (size: number): string =>
    `${rest.replace('code=', `code=${'x'.repeat(size - rest.length)}`)}`
  const headers = { 'content-type': 'application/x-www-form-urlencoded' }
  expect((await post(fill(16_384), headers)).status).toBe(200)
  expect((await post(fill(16_385), headers)).status).toBe(400)
  expect(provider.tokenRequests).toHaveLength(1)
})
