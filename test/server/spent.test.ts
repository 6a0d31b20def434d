import { expect, it } from 'vitest'

import { createSpent } from '../../src/server/spent.js'

it('forgets by age, and the oldest when it is full', () => {
  let now = 0
  const { spend } = createSpent(() => now, 1000, 2)
  expect(spend('a')).toBe(true)
  now = 500
  expect(spend('b')).toBe(true)
  // Full: what is asked for again is still known.
  expect([spend('a'), spend('b')]).toEqual([false, false])
  now = 999
  expect(spend('c')).toBe(true) // in the place of "a"
  expect([spend('b'), spend('c')]).toEqual([false, false])
  now = 1500
  expect(spend('b')).toBe(true)
  expect(spend('c')).toBe(false)
})
