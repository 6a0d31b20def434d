import { describe, expect, test } from 'vitest'

import { resolveRedirect } from '../../demo/backends/dribbble/redirect-rule.js'
import { APP, createRig, landing, readCookie, SITE, withSecret } from './dribbble-rig.js'

const DENIED = {
  error: 'access_denied',
  error_description: 'The resource owner or authorization server denied the request.',
}
const params = (response: Response) => Object.fromEntries(landing(response).searchParams)

describe('redirect rule', () => {
  const app = {
    ...APP,
    callbackURL: 'http://example.com/path',
    schemes: ['myapplication'],
  }

  test.each([
    'http://example.com/path',
    'http://example.com/path/subdir/other',
    'http://example.com/path?keep=1',
    'myapplication://phone-callback',
  ])('%s is good', (url) => {
    expect(resolveRedirect(app, url)?.href).toBe(url)
  })

  test.each([
    'http://example.com/',
    'http://example.com/bar',
    'http://example.com/pathological',
    'http://example.com/path/../bar',
    'http://example.com/path/%2e%2e/bar',
    'http://example.com:8080/path',
    'http://oauth.example.com:8080/path',
    'http://example.org',
    'http://example.com@example.org/path',
    'http://user@example.com/path',
    'http://example.com/path#fragment',
    'https://example.com/path',
    'ssh://example.com',
    'javascript:alert(1)',
    '/path',
  ])('%s is bad', (url) => {
    expect(resolveRedirect(app, url)).toBeNull()
  })

  test('no redirect_uri means the registered callback', () => {
    expect(resolveRedirect(app, null)?.href).toBe(app.callbackURL)
  })
})

describe('authorize', () => {
  test('Allow sends a code and the state to the callback', async () => {
    const { decide } = createRig()
    const url = landing(await decide('allow', { state: 'x y', response_type: 'code' }))
    expect(url.origin + url.pathname).toBe(APP.callbackURL)
    expect([...url.searchParams.keys()]).toEqual(['code', 'state'])
    expect(url.searchParams.get('state')).toBe('x y')
  })

  test('no state is sent back when none was sent', async () => {
    const { decide } = createRig()
    expect([...landing(await decide('allow')).searchParams.keys()]).toEqual(['code'])
  })

  test('the query of a redirect_uri survives', async () => {
    const { decide } = createRig()
    const redirect_uri = `${APP.callbackURL}/sub?keep=1`
    expect(landing(await decide('allow', { redirect_uri })).href).toContain(
      '/path/sub?keep=1&code=',
    )
  })

  test('Deny answers access_denied, spaces as plus signs', async () => {
    const { decide } = createRig()
    const response = await decide('deny', { state: 'xyz' })
    expect(params(response)).toEqual({ ...DENIED, state: 'xyz' })
    expect(landing(response).search).toContain('error_description=The+resource+owner+or')
  })

  test('the deny knob denies without a page', async () => {
    const { authorize } = createRig({ knobs: { deny: true } })
    expect(params(await authorize({ state: 's' }))).toEqual({ ...DENIED, state: 's' })
  })

  test('a bad redirect_uri is reported to the registered callback', async () => {
    const { authorize } = createRig()
    const response = await authorize({ redirect_uri: 'http://evil.test/', state: 's' })
    expect(landing(response).origin).toBe('http://app.test')
    expect(params(response)).toEqual({
      error: 'invalid_redirect_uri',
      error_description: 'The redirect uri included is not valid.',
      state: 's',
    })
  })

  test('a suspended app is told so', async () => {
    const { authorize } = createRig({ knobs: { suspended: true } })
    expect(params(await authorize())).toEqual({
      error: 'application_suspended',
      error_description: 'Your application has been suspended.',
    })
  })

  test('an unknown client_id gets a page and no redirect', async () => {
    const response = await createRig().authorize({ client_id: 'nobody' })
    expect(response.status).toBe(401)
    expect(response.headers.get('location')).toBeNull()
    expect(response.headers.get('content-type')).toContain('text/html')
  })

  test.each(['public,upload', 'public write', 'undefined', ' '])(
    'scope "%s" is invalid_scope',
    async (scope) => {
      const { authorize } = createRig()
      expect(params(await authorize({ scope }))).toMatchObject({ error: 'invalid_scope' })
    },
  )

  test('only response_type=code is supported', async () => {
    const { authorize } = createRig()
    const error = 'unsupported_response_type'
    expect(params(await authorize({ response_type: 'token' }))).toMatchObject({ error })
  })

  test('a form works once, in the browser it was made for, for ten minutes', async () => {
    const { authorize, press, pass } = createRig()
    const page = await authorize()
    expect((await press(page, 'allow', '')).status).toBe(422)
    expect((await press(page, 'allow', readCookie(await authorize()))).status).toBe(422)
    expect((await press(page, 'allow')).status).toBe(302)
    expect((await press(page, 'allow')).status).toBe(422)
    const late = await authorize()
    pass(600_000)
    expect((await press(late, 'allow')).status).toBe(422)
  })

  test('a form without a decision is a denial', async () => {
    const { authorize, press } = createRig()
    expect(params(await press(await authorize(), ''))).toEqual(DENIED)
  })

  test('the coop knob covers the page and the redirect', async () => {
    const rig = createRig({ knobs: { coop: 'same-origin' } })
    const page = await rig.authorize()
    const redirect = await rig.press(page, 'allow')
    for (const { headers } of [page, redirect]) {
      expect(headers.get('cross-origin-opener-policy')).toBe('same-origin')
    }
    rig.knobs.coop = undefined
    expect((await rig.authorize()).headers.has('cross-origin-opener-policy')).toBe(false)
  })
})

describe('silent re-authorization', () => {
  test('asks again while the knob is off', async () => {
    const { authorize, press } = createRig()
    const page = await authorize()
    await press(page, 'allow')
    expect((await authorize({}, readCookie(page))).status).toBe(200)
  })

  test('skips consent with the scope of last time', async () => {
    const { authorize, press, exchange, knobs } = createRig({ knobs: { silent: true } })
    const page = await authorize({ scope: 'public' })
    await press(page, 'allow')
    const silently = async () => {
      const answer = await authorize({ scope: 'public upload' }, readCookie(page))
      const response = await exchange(withSecret({ code: params(answer)['code'] ?? '' }))
      return response.json()
    }
    expect(await silently()).toMatchObject({ scope: 'public' })
    knobs.silentScope = 'upload'
    expect(await silently()).toMatchObject({ scope: 'upload' })
  })

  test('never skips it for another browser, after a denial, or once revoked', async () => {
    const { authorize, press, knobs } = createRig({ knobs: { silent: true } })
    const page = await authorize()
    await press(page, 'deny')
    const again = await authorize({}, readCookie(page))
    expect(again.status).toBe(200)
    await press(again, 'allow')
    expect((await authorize()).status).toBe(200)
    expect((await authorize({}, readCookie(page))).status).toBe(302)
    knobs.revoked = true
    expect((await authorize({}, readCookie(page))).status).toBe(200)
  })
})

describe('consent page', () => {
  test('shows the app, the person, the scopes and what it is', async () => {
    const html = await (
      await createRig({ name: 'Moodboard' }).authorize({ scope: 'upload' })
    ).text()
    expect(html).toContain('Authorize <em>Moodboard</em>')
    expect(html).toContain('Ada Winter')
    expect(html).toContain('Upload shots for you')
    expect(html).not.toContain('See your public profile')
    expect(html).toContain('for local development; nothing leaves this machine')
  })

  test('escapes what an app put into its name and its address', async () => {
    const nasty = '"><script>alert(1)</script>'
    const { authorize } = createRig({ name: nasty, schemes: ['app'] })
    const html = await (await authorize({ redirect_uri: `app://x?<b>&'`, state: nasty })).text()
    expect(html).not.toContain('<script')
    expect(html).not.toMatch(/<b>|&'/)
    expect(html).toContain('&quot;&gt;&lt;script&gt;')
    const unknown = await (await authorize({ client_id: nasty })).text()
    expect(unknown).not.toContain('<script')
  })

  test('runs no script, loads nothing foreign and may post towards the app', async () => {
    const { authorize, site } = createRig()
    const page = await authorize()
    const policy = page.headers.get('content-security-policy') ?? ''
    expect(policy).toContain("default-src 'none'")
    expect(policy).not.toMatch(/unsafe|script-src|form-action/)
    const html = await page.text()
    expect(html).not.toMatch(/<script|<style|style=|https?:/)
    const assets = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map((match) => match[1])
    expect(assets).toContain('/style.css')
    const statuses = assets.map(async (path) => (await site(new Request(SITE + path))).status)
    expect(new Set(await Promise.all(statuses))).toEqual(new Set([200]))
  })
})

test('the log says who was asked for what, without codes', async () => {
  const { token, user, requests } = createRig()
  await user(await token())
  expect(requests).toEqual([
    { origin: 'site', method: 'GET', path: '/oauth/authorize', status: 200 },
    { origin: 'site', method: 'POST', path: '/oauth/authorize', status: 302 },
    { origin: 'site', method: 'POST', path: '/oauth/token', status: 200 },
    { origin: 'api', method: 'GET', path: '/v2/user', status: 200 },
  ])
})
