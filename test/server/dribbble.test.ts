import { describe, expect, it } from 'vitest'

import type { DribbbleKnobs } from '../../demo/backends/dribbble.js'
import { place } from './place.js'
import { landing } from './world.js'

describe('with Dribbble as documented', () => {
  it.each<Partial<DribbbleKnobs>>([
    {},
    { pkce: 'require' },
    { pkce: 'ignore', tokenType: 'Bearer', createdAt: false },
    { expiresIn: 31_557_600 },
  ])('signs in: %j', async (knobs) => {
    const { user, visit, tokenRequests } = place(knobs)
    expect((await visit('allow')).headers.get('location')).toBe('/dashboard')
    expect((await user.send('/auth/session')).status).toBe(200)
    expect(tokenRequests()).toBe(1)
  })

  it.each<[string, Partial<DribbbleKnobs>, number]>([
    ['access_denied', { deny: true }, 0],
    ['application_suspended', { suspended: true }, 0],
    ['exchange_failed', { tokenError: { error: 'invalid_grant' } }, 1],
    ['exchange_failed', { tokenError: { error: 'invalid_client' }, legacyStatus401: true }, 1],
    ['temporarily_unavailable', { htmlError: 'token' }, 1],
    ['temporarily_unavailable', { htmlError: 'user' }, 1],
    ['temporarily_unavailable', { rateLimited: true }, 1],
  ])('comes back with %s: %j', async (error, knobs, requests) => {
    const { user, visit, tokenRequests } = place(knobs)
    expect(landing(await visit('allow')).error).toBe(error)
    expect(tokenRequests()).toBe(requests)
    expect(user.cookies.size).toBe(0)
  })

  it('comes back from the Deny button', async () => {
    const { visit } = place()
    expect(landing(await visit('deny'))).toMatchObject({
      error: 'access_denied',
      description: 'The resource owner or authorization server denied the request.',
    })
  })
})
