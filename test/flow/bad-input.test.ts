import { describe, expect, it } from 'vitest'

import { ada } from '../aura-server.js'
import { leaveFor, setUp } from './scene.js'

describe('bad input', async () => {
  const cannotBe = [
    '',
    ' ',
    '../x',
    'a/b',
    'a b',
    '.',
    '..',
    'drïbbble',
    '?x',
    'x'.repeat(65),
    null,
    42,
    undefined,
  ]
  it.each(cannotBe)('refuses the provider %j', async (provider) => {
    const { world, tab, open } = setUp()
    await expect((await open()).signIn(provider as string)).rejects.toMatchObject({
      name: 'AuthError',
      code: 'invalid_provider',
    })
    expect(tab.navigations).toEqual([])
    expect(tab.storage.size + world.network.requests.length).toBe(0)
  })

  const elsewhere = [
    'https://evil.com',
    '//evil.com',
    '///evil.com',
    '/\\evil.com',
    '\\\\evil.com',
    '/\t/evil.com',
    '\0//evil.com',
    '/..//evil.com',
    './/evil.com',
    'javascript:alert(1)',
    'JaVa\nScRiPt:alert(1)',
    'data:text/html,x',
    'blob:http://app.test/x',
    'http://app@evil.com',
    'http://app.test.evil.com',
    'http://u:p@app.test/',
    'http://u@app.test/',
    'http://:p@app.test/',
    'https://app.test/',
    'http://app.test:81/',
    'http://аpp.test/',
    'https:\\\\evil.com',
    'http://',
    'mailto:a@b.c',
  ]
  it.each(elsewhere)('refuses the redirectTo %j', async (redirectTo) => {
    const { tab, open } = setUp()
    // With a callback page the backend never sees it: what refuses it is this client alone.
    for (const options of [{}, { callbackURL: '/callback' }]) {
      const signingIn = (await open(options)).signIn('dribbble', { redirectTo })
      await expect(signingIn).rejects.toMatchObject({ code: 'invalid_redirect' })
    }
    expect(tab.navigations).toEqual([])
    expect(tab.storage.size).toBe(0)
  })

  const refusedByAura = [
    '/caf%C3%A9',
    '/a%20b',
    '/a+b',
    '/~ada',
    '/a:b',
    '/a,b',
    '/@ada',
    '/a//b',
    `/${'x'.repeat(100)}`,
  ]
  it.each(refusedByAura)(
    'refuses the redirectTo %j, which Aura would quietly turn into /',
    async (redirectTo) => {
      const { tab, open } = setUp()
      await expect((await open()).signIn('dribbble', { redirectTo })).rejects.toMatchObject({
        code: 'invalid_redirect',
      })
      expect(tab.navigations).toEqual([])
    },
  )

  it.each(['/x?y#z', '?a', '#h', '', 'http://app.test/abs', 'relative', '/a/../b'])(
    'accepts the redirectTo %j',
    async (redirectTo) => {
      const { tab, open } = setUp()
      leaveFor(await open(), redirectTo)
      expect(tab.navigations).toHaveLength(1)
    },
  )

  it('takes null for nothing said', async () => {
    const { tab, server, open } = setUp()
    server.session = ada
    const auth = await open()
    const nothing = null as unknown as undefined
    expect(await auth.refetch(nothing)).toMatchObject({ status: 'authenticated' })
    expect(await auth.getSession(nothing)).toMatchObject({ user: { id: '1' } })
    expect(await auth.completeSignIn(nothing)).toBe(null)
    expect(await auth.signOut(nothing)).toEqual({ revoked: true })
    expect(await auth.signOut({ redirectTo: nothing! })).toEqual({ revoked: true })
    expect(tab.navigations).toEqual([])
    void auth.signIn('dribbble', nothing)
    void auth.signIn('dribbble', { redirectTo: nothing!, popup: nothing! })
    const ended = tab.navigations.map((url) => new URL(url).searchParams.get('redirectTo'))
    expect(ended).toEqual([
      expect.stringMatching(/^\/projects/),
      expect.stringMatching(/^\/projects/),
    ])
  })

  it('does not leave when it was aborted before', async () => {
    const { tab, open } = setUp()
    await expect(
      (await open()).signIn('dribbble', { signal: AbortSignal.abort() }),
    ).rejects.toMatchObject({
      code: 'aborted',
    })
    expect(tab.navigations).toEqual([])
  })

  it('says so when this browser stores nothing', async () => {
    const { tab, open } = setUp()
    tab.blockStorage()
    await expect((await open()).signIn('dribbble')).rejects.toMatchObject({
      code: 'storage_unavailable',
    })
    expect(tab.navigations).toEqual([])
  })
})
