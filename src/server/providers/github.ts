import { identifier, text } from './fields.js'
import { customize } from './merge.js'
import type { OAuthProvider, ProviderOptions } from './types.js'

const preset: OAuthProvider = {
  id: 'github',
  name: 'GitHub',
  authorize: {
    url: 'https://github.com/login/oauth/authorize',
    params: { scope: 'read:user user:email' },
  },
  token: { url: 'https://github.com/login/oauth/access_token', authMethod: 'client_secret_post' },
  userinfo: { url: 'https://api.github.com/user' },
  profile: (raw) => ({
    sub: identifier(raw['id']),
    name: text(raw['name']) ?? text(raw['login']),
    email: text(raw['email']), // null unless the user made it public
    image: text(raw['avatar_url']),
  }),
}

/** GitHub, as an OAuth App. */
export function github(options: ProviderOptions = {}): OAuthProvider {
  return customize(preset, options)
}
