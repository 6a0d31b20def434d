import { expect, it, vi } from 'vitest'

import { AuthError, isAuthError } from '../src/index.js'

it('an error of one copy of the package is known to another', async () => {
  vi.resetModules()
  const other = await import('../src/index.js')
  const theirs = new other.AuthError('popup_closed')
  expect(theirs).not.toBeInstanceOf(AuthError)
  expect([isAuthError(theirs), other.isAuthError(new AuthError('timeout'))]).toEqual([true, true])
  expect(isAuthError(theirs, 'popup_closed')).toBe(true)
  expect(isAuthError(theirs, 'timeout')).toBe(false)
})

it.each([null, undefined, 'popup_closed', new Error('x'), { code: 'popup_closed' }])(
  'nothing else is one: %j',
  (other) => {
    expect(isAuthError(other)).toBe(false)
  },
)
