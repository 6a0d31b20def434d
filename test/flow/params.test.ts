import { describe, expect, it } from 'vitest'

import { withoutLanding } from '../../src/flow/landing.js'
import { readParams } from '../../src/params.js'
import { ada } from '../aura-server.js'
import { comeBack, setUp } from './scene.js'

const id = 'x'.repeat(22)
const at = 'https://app.test'

describe('the parameters of a landing', () => {
  it.each([
    ['/cb?code=a&state=b', { code: 'a', state: 'b' }],
    ['/cb#access_token=t&expires_in=60', { access_token: 't', expires_in: '60' }],
    // Netlify's GoTrue, when `redirect_to` had a query, or a fragment.
    ['/cb?x=1?error=access_denied&error_description=no', { x: '1', error: 'access_denied' }],
    ['/#/cb?error=access_denied', { error: 'access_denied' }],
    ['/#/login#access_token=t', { access_token: 't' }],
    ['/#/login?tab=2#access_token=t', { access_token: 't' }],
    // Supabase escapes the fragment twice, and the query once.
    ['/cb#error_description=a%253A+b', { error_description: 'a: b' }],
    ['/cb?error=one#error=two', { error: 'one' }],
    ['/cb?code=', { code: '' }],
    ['/cb#error_description=100%25', { error_description: '100%' }],
    ['/cb?a=%E0%A4%A', { a: '\uFFFD%A' }],
    ['/cb', {}],
  ])('%s', (path, expected) => {
    expect(Object.fromEntries(readParams(at + path))).toMatchObject(expected)
  })
})

describe('a page without its landing', () => {
  it.each([
    [`/?latchkey=${id}`, '/'],
    [`/?a=1&latchkey=${id}&b=2#h`, '/?a=1&b=2#h'],
    [`/?latchkey=${id}&error=x&error_description=y&a=1`, '/?a=1'],
    [`/?a=1&latchkey=${id}?error=x&error_description=y`, '/?a=1'],
    [`/?x=1?error=access_denied&error_description=why?no#h`, '/?x=1#h'],
    [`/?latchkey=${id}#/cb?error=x`, '/#/cb'],
    [`/#/cb?own=1&error=x&error_code=4`, '/#/cb?own=1'],
    [`/?error_level=3&latchkey=${id}`, '/?error_level=3'],
    [`/?x=1&error_page=2&error=x&error_uri=y#error_tab=4`, '/?x=1&error_page=2#error_tab=4'],
    [`/?a=b?c=d&&e&errors=1&x=%20#?`, '/?a=b?c=d&&e&errors=1&x=%20#?'],
  ])('%s is %s', (path, expected) => {
    expect(withoutLanding(at + path)).toBe(at + expected)
  })
})

describe('a landing that was put together wrongly', () => {
  it.each([
    ['a second ?', '?error=access_denied&error_description=no'],
    ['a fragment', '#error=access_denied'],
    ['a hash route', '#/route?error=access_denied'],
  ])('is read all the same: %s', async (_, parameters) => {
    const scene = setUp()
    const auth = await comeBack(scene, parameters, '/dashboard?tab=a')
    await expect(auth.completeSignIn()).rejects.toMatchObject({ code: 'access_denied' })
    expect(scene.tab.page.location.href).toBe(
      `http://app.test/dashboard?tab=a${parameters.startsWith('#/') ? '#/route' : ''}`,
    )
  })

  it('on a hash router’s page leaves the route as it was', async () => {
    const scene = setUp()
    const auth = await comeBack(scene, '', '/?a=1#/a?b')
    await auth.completeSignIn().catch(() => null)
    expect(scene.tab.page.location.href).toBe('http://app.test/?a=1#/a?b')
  })
})

describe('parameters of the app that begin with error_', () => {
  it('go out with the sign-in and are there when it is back', async () => {
    const scene = setUp()
    scene.server.session = ada
    const path = '/logs?error_level=3&x=1'
    const auth = await comeBack(scene, '', path)
    expect(scene.landing().search).toContain('error_level=3')
    expect(scene.tab.page.location.href).toBe(`http://app.test${path}`)
    expect((await auth.completeSignIn())?.redirectTo).toBe(`http://app.test${path}`)
  })
})
