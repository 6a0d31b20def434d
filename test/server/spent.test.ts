import { expect, it } from 'vitest'

import { createSpent } from '../../src/server/spent.js'

it('forgets by age', () => {
  let now = 0
  const { spend } = createSpent(() => now, 1000, 10)
  expect(spend('a')).toBe(true)
  now = 999
  expect(spend('a')).toBe(false)
  now = 1000
  expect(spend('a')).toBe(true)
  expect(spend('a')).toBe(false)
})

it('forgets the oldest when it is full', () => {
  let now = 0
  const { spend } = createSpent(() => now, 1000, 3)
  spend('a')
  now = 500
  spend('b')
  now = 1000
  expect(spend('a')).toBe(true) // over, and now younger than "b"
  expect(spend('c')).toBe(true)
  expect(['a', 'b', 'c'].map(spend)).toEqual([false, false, false])
  expect(spend('d')).toBe(true)
  expect(['a', 'c', 'd'].map(spend)).toEqual([false, false, false])
  expect(spend('b')).toBe(true)
})
