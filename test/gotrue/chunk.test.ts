import { afterEach, expect, test, vi } from 'vitest'

import { ACCOUNT, codeOf, setUp } from './scene.js'

// What is loaded on demand cannot be had offline, nor after a deployment that has removed the old
// files. Nothing but the module system can play that.

afterEach(() => {
  vi.doUnmock('../../src/adapters/gotrue/keeper.js')
  vi.doUnmock('../../src/adapters/gotrue/methods.js')
  vi.resetModules()
})

test.each(['keeper', 'methods'])(
  'without its %s a call is an outage, until it comes',
  async (part) => {
    const module = `../../src/adapters/gotrue/${part}.js`
    vi.resetModules()
    vi.doMock(module, () => {
      throw new TypeError('Failed to fetch dynamically imported module')
    })
    const scene = setUp('current')
    const auth = scene.create()
    expect(await codeOf(auth.signUp(ACCOUNT))).toBe('network')
    vi.doUnmock(module)
    vi.resetModules()
    expect((await auth.signUp(ACCOUNT)).status).toBe('authenticated')
  },
)
