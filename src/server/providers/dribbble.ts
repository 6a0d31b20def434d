import { identifier, text } from './fields.js'
import { customize } from './merge.js'
import type { OAuthProvider, ProviderOptions } from './types.js'

const preset: OAuthProvider = {
  id: 'dribbble',
  name: 'Dribbble',
  authorize: { url: 'https://dribbble.com/oauth/authorize', params: { scope: 'public' } },
  token: { url: 'https://dribbble.com/oauth/token', authMethod: 'client_secret_post' },
  userinfo: { url: 'https://api.dribbble.com/v2/user' },
  profile: (raw) => ({
    sub: identifier(raw['id']),
    name: text(raw['name']) ?? text(raw['login']),
    email: text(raw['email']), // undocumented, often absent, and nobody says it was verified
    image: text(raw['avatar_url']),
  }),
}

/**
 * Dribbble. Scopes: `public` (default) and `upload`, separated by a space.
 *
 * @example createAuth({ oauth: [dribbble({ authorize: { params: { scope: 'public upload' } } })] })
 */
export function dribbble(options: ProviderOptions = {}): OAuthProvider {
  return customize(preset, options)
}
