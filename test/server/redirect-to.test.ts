import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { checkRedirectTo, withError } from '../../src/server/redirect-to.js'
import { body, browser, landing, world } from './world.js'

const own = 'http://localhost:3000'
const trusted = ['https://app.example.com', 'https://*.preview.example.com']

const accepted: [string, string][] = [
  ['/', '/'],
  ['/dashboard', '/dashboard'],
  ['/a?b=1&c=2#d', '/a?b=1&c=2#d'],
  ['/a%20b?q=%2Fx', '/a%20b?q=%2Fx'],
  ['/caf\u00e9', '/caf%C3%A9'],
  ['/a:b/@c,d+e~f', '/a:b/@c,d+e~f'],
  ['/x/../y', '/y'],
  ['/a//b', '/a//b'],
  ['/?next=https://evil.com', '/?next=https://evil.com'],
  [own, '/'],
  [`${own}/x?y#z`, '/x?y#z'],
  ['HTTP://LOCALHOST:3000/x', '/x'],
  ['https://app.example.com/home', 'https://app.example.com/home'],
  ['https://app.example.com', 'https://app.example.com/'],
  ['https://pr-7.preview.example.com/x', 'https://pr-7.preview.example.com/x'],
]

const refused = [
  '',
  'undefined',
  'dashboard',
  '?x=1',
  '#x',
  '//evil.com',
  '///evil.com',
  '/\\evil.com',
  '\\\\evil.com',
  '/\t/evil.com',
  '/\n/evil.com',
  ' /dashboard',
  '/ /evil.com',
  '/..//evil.com',
  '/.//evil.com',
  '/%2e%2e//evil.com',
  '/x/..//evil.com',
  `${own}//evil.com`,
  'https://evil.com',
  'https:evil.com',
  'https:/evil.com',
  'https:///evil.com',
  'http://localhost:3001/',
  'https://localhost:3000/',
  'http://localhost:3000@evil.com/',
  'http://user@localhost:3000/',
  'https://user:pass@app.example.com/',
  'https://app.example.com.evil.com/',
  'https://app.example.com:444/',
  'https://preview.example.com/',
  'https://a.b.preview.example.com/',
  'javascript:alert(1)',
  'JaVaScRiPt:alert(1)',
  'java\tscript:alert(1)',
  'data:text/html,x',
  `blob:${own}/x`,
  'file:///etc/passwd',
  'myapp://callback',
  '/<script>',
  `/${'a'.repeat(2048)}`,
  `/${'\u00e9'.repeat(1000)}`,
]

describe('redirectTo', () => {
  it.each(accepted)('accepts %j', (value, location) => {
    expect(checkRedirectTo(value, own, trusted)).toBe(location)
    expect(checkRedirectTo(location, own, trusted)).toBe(location)
  })

  it.each(refused)('refuses %j with 400, and starts nothing', async (value) => {
    const place = world({ trustedOrigins: trusted })
    const user = browser(place)
    for (const query of ['', '&redirect=false']) {
      const response = await user.send(
        `/auth/signIn/dribbble?redirectTo=${encodeURIComponent(value)}${query}`,
      )
      expect(response.status).toBe(400)
      expect(response.headers.has('location')).toBe(false)
      expect(await body(response)).toMatchObject({
        code: 'INVALID_REDIRECT',
        error: 'invalid_redirect',
      })
    }
    expect(user.cookies.size).toBe(0)
  })

  it('never leads away, whatever is thrown at it', () => {
    const piece = fc.constantFrom(
      '/',
      '//',
      '\\',
      '..',
      '.',
      '%2e',
      '%2f',
      '%5c',
      '@',
      ':',
      '?',
      '#',
      'http:',
      'https://',
      'javascript:',
      'evil.com',
      'localhost:3000',
      'app.example.com',
      '\t',
      '\n',
      '\u0000',
      ' ',
      'a',
      '\u3002',
      '\uff0f',
      '\u2028',
      '[::1]',
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 10 }), (pieces) => {
        const location = checkRedirectTo(pieces.join(''), own, trusted)
        if (location === null) return
        for (const page of [own, `${own}/auth/callback/x`]) {
          for (const value of [location, withError(location, 'e', 'd')]) {
            const { origin } = new URL(value, page)
            expect([own, 'https://app.example.com']).toContain(origin)
          }
        }
      }),
      { numRuns: 5000 },
    )
  })

  it.each([
    ['/a', '/a?error=e&error_description=d+d'],
    ['/a?b', '/a?b&error=e&error_description=d+d'],
    ['/a?#x?y', '/a?error=e&error_description=d+d#x?y'],
    ['https://x.test/#/route', 'https://x.test/?error=e&error_description=d+d#/route'],
  ])('takes an error before the fragment: %s', (location, result) => {
    expect(withError(location, 'e', 'd d')).toBe(result)
  })

  it('is checked again at the callback', async () => {
    let list = ['https://app.example.com']
    const place = world({ trustedOrigins: () => list })
    const user = browser(place)
    const { state } = await user.signIn('https://app.example.com/home')
    list = []
    const response = await user.comeBack({ state })
    expect(response.status).toBe(400)
    expect(await body(response)).toMatchObject({ error: 'invalid_redirect' })
    expect(response.headers.has('location')).toBe(false)
    expect(user.cookies.size).toBe(0)
    expect(place.provider.tokenRequests).toHaveLength(0)
  })

  it('is not needed for an unknown provider to be refused safely', async () => {
    const user = browser(world())
    const bad = await user.send('/auth/signIn/nope?redirectTo=https%3A%2F%2Fevil.com')
    expect(bad.status).toBe(400)
    expect(landing(await user.send('/auth/signIn/nope?redirectTo=%2F')).error).toBe(
      'unknown_provider',
    )
  })
})
