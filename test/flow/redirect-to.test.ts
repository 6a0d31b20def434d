import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { resolveRedirectTo } from '../../src/flow/redirect-to.js'
import { ada } from '../aura-server.js'
import { setUp, showCallbackPage } from './scene.js'

const origin = 'https://app.test'
/** Where a browser goes that follows this link on any page of the app. */
const followed = (url: string): string => new URL(url, `${origin}/deep/page`).origin

describe('redirectTo', () => {
  it(
    'never leads out of the origin, nor does its path: 100,000 strings',
    { timeout: 60_000 },
    () => {
      const piece = fc.constantFrom(
        '/',
        '//',
        '\\',
        '..',
        '.',
        '\t',
        '\n',
        '\0',
        ' ',
        '@',
        ':',
        '?',
        '#',
        '%2f',
        '%5c',
        ';',
        'http:',
        'https:',
        'javascript:',
        'data:',
        'blob:',
        'app.test',
        'evil.test',
        'u:p@',
        'x',
        'https://app.test',
        'https://app.test/',
        'HTTPS://APP.TEST',
        'аpp.test',
        '。',
        '443',
        '[::1]',
      )
      const text = fc.oneof(
        {
          weight: 6,
          arbitrary: fc.array(piece, { maxLength: 7 }).map((pieces) => pieces.join('')),
        },
        { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 12 }) },
        { weight: 1, arbitrary: fc.webUrl() },
      )
      let accepted = 0
      fc.assert(
        fc.property(text, (to) => {
          const target = resolveRedirectTo(to, origin, 'refused')
          if (target === 'refused') return
          accepted += 1
          const { pathname, search, hash, username, password } = new URL(target)
          expect([followed(target), followed(pathname + search + hash)]).toEqual([origin, origin])
          expect(username + password).toBe('')
          expect(resolveRedirectTo(target, origin)).toBe(target)
        }),
        { numRuns: 100_000 },
      )
      expect(accepted).toBeGreaterThan(10_000)
    },
  )

  it('is not the page’s <base>: relative values are the origin’s own', () => {
    expect(resolveRedirectTo('x', origin)).toBe(`${origin}/x`)
    expect(resolveRedirectTo('/%2f%2fevil.com', origin)).toBe(`${origin}/%2f%2fevil.com`)
  })

  it('is kept by a tab that nobody has tampered with, or leads to /', async () => {
    const scene = setUp()
    const options = { callbackURL: '/callback.html' }
    void (await scene.open(options)).signIn('dribbble', { redirectTo: '/a' })
    const [[key, text]] = [...scene.tab.storage] as [[string, string]]
    const tampered = { ...(JSON.parse(text) as object), redirectTo: '//evil.com' }
    scene.tab.storage.set(key, JSON.stringify(tampered))
    await showCallbackPage(scene.tab, scene.landing().href)
    expect(scene.tab.navigations.at(-1)).toMatch(/^http:\/\/app\.test\/\?latchkey=[\w-]{22}$/)
    scene.tab.load(scene.tab.navigations.at(-1)!)
    scene.server.session = ada
    expect(await scene.create(options).completeSignIn()).toMatchObject({
      redirectTo: 'http://app.test/',
    })
  })
})
