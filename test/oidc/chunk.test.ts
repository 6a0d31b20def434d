import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'

import type { OpenIdProvider } from '../../demo/backends/openid.js'
import { APP, codeOf, setUp, startProvider } from './scene.js'

// What is loaded on demand cannot be had offline, nor after a deployment that has removed the old
// files. Nothing but the module system can play that.

let provider: OpenIdProvider
beforeAll(async () => {
  provider = await startProvider()
})
afterAll(async () => provider.close())

const PARTS = {
  'sign-out': '../../src/adapters/oidc/sign-out.js',
  userinfo: '../../src/adapters/oidc/userinfo.js',
  access: '../../src/tokens/access.js',
}
const LOCAL = { storage: 'local' } as const

function lose(part: keyof typeof PARTS): void {
  vi.resetModules()
  vi.doMock(PARTS[part], () => {
    throw new TypeError('Failed to fetch dynamically imported module')
  })
}
function find(): void {
  for (const module of Object.values(PARTS)) vi.doUnmock(module)
  vi.resetModules()
}
afterEach(find)

test('without what tells the provider, a sign-out is one here', async () => {
  const scene = setUp(provider)
  const auth = await scene.signIn(LOCAL)
  lose('sign-out')
  expect(await auth.signOut()).toEqual({ revoked: false })
  expect(auth.session.value.status).toBe('unauthenticated')
  expect(scene.world.local.of(APP).size).toBe(0)
})

test.each(['access', 'userinfo'] as const)(
  'without its %s a token is not to be had now, and can be later',
  async (part) => {
    const scene = setUp(provider)
    const auth = await scene.signIn({ ...LOCAL, oidc: { userinfo: part === 'userinfo' } })
    lose(part)
    expect(await codeOf(auth.getAccessToken())).toBe('network')
    expect(await codeOf(auth.fetch('https://api.test/'))).toBe('network')
    expect(auth.session.value.status).toBe('authenticated')
    find()
    expect(await auth.getAccessToken()).not.toBe(null)
  },
)
