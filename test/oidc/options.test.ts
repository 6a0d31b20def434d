import { expect, test } from 'vitest'

import { oidc } from '../../src/adapters/oidc/index.js'
import type { OidcOptions } from '../../src/adapters/oidc/options.js'
import { createClient } from '../../src/client.js'
import { codeOf } from './scene.js'

const options = { issuer: 'https://id.example', clientId: 'web' }
const create = (how: OidcOptions, callbackURL: string | undefined = '/callback') =>
  createClient(callbackURL === '' ? {} : { callbackURL }, oidc(how), undefined)

test.each<[string, () => unknown, RegExp]>([
  [
    'a secret',
    () => create({ ...options, clientSecret: 'hush' } as OidcOptions),
    /latchkey\/server/,
  ],
  ['no client id', () => create({ ...options, clientId: '' }), /clientId/],
  ['no callback page', () => create(options, ''), /callbackURL/],
  ['no provider', () => create({ clientId: 'web' }), /issuer/],
  ['a provider without TLS', () => create({ ...options, issuer: 'http://id.example' }), /https/],
  [
    'one that only looks local',
    () => create({ ...options, issuer: 'http://localhost.evil.example' }),
    /https/,
  ],
  ...['api.example', 'localhost:3000', 'http://api.example', 'http://localhost:x@evil.test/'].map(
    (origin): [string, () => unknown, RegExp] => [
      `${origin} among the origins`,
      () => create({ ...options, origins: [origin] }),
      /origins/,
    ],
  ),
])('%s is refused before anything happens', (_, act, why) => {
  expect(act).toThrow(why)
  expect(act).toThrow(expect.objectContaining({ code: 'invalid_config' }) as Error)
})

test('on a server nobody is signed in, and nothing is asked', async () => {
  const auth = create(options)
  expect((await auth.ready()).status).toBe('pending')
  expect(await codeOf(auth.getAccessToken())).toBe('unsupported_environment')
  expect(await codeOf(auth.fetch('https://api.example'))).toBe('unsupported_environment')
  expect(await codeOf(auth.signIn('provider'))).toBe('unsupported_environment')
})
