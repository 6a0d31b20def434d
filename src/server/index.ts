import { createApi, type Api } from './api.js'
import { resolveConfig } from './config.js'
import { createServer } from './context.js'
import { createJose, type Jose } from './jose.js'
import { createKeys } from './keys.js'
import { createHandlers, type Handlers } from './routes/index.js'
import type { AuthOptions } from './types.js'

export { AuthError, isAuthError, type AuthErrorCode } from '../errors.js'
export { aurinko, type Aurinko, type AurinkoApi, type AurinkoOptions } from './aurinko/index.js'
export type { AurinkoUserSession } from './aurinko/sessions.js'
export type { Api, ApiSignIn, ApiSignInOptions, HeaderSource, WithHeaders } from './api.js'
export type { Claims, Jose } from './jose.js'
export { dribbble } from './providers/dribbble.js'
export { github } from './providers/github.js'
export type {
  BuiltInProvider,
  Grant,
  OAuthProvider,
  ProfileUser,
  ProviderOptions,
  RawProfile,
} from './providers/types.js'
export type { Handler, Handlers } from './routes/index.js'
export type {
  AuthOptions,
  ErrorContext,
  Session,
  SessionOptions,
  TrustedOrigins,
  User,
} from './types.js'

export interface Auth {
  /** The HTTP side, for the framework's router. */
  readonly handlers: Handlers
  /** The same from within the server. */
  readonly api: Api
  /** Signed and encrypted tokens of the app's own. */
  readonly jose: Jose
}

/**
 * The confidential half of sign-in: keeps the client secret, speaks to the provider, and keeps the
 * session in a sealed cookie. Web-standard, and stateless but for the sign-ins of the moment.
 *
 * Needs `AURA_AUTH_SECRET`, `AURA_AUTH_SALT` and each provider's `AURA_AUTH_<ID>_CLIENT_ID` and
 * `AURA_AUTH_<ID>_CLIENT_SECRET`, from the environment or as options.
 *
 * @throws `invalid_config`, saying what is missing and how to make it
 * @example
 * export const auth = createAuth({ oauth: ['dribbble'] })
 * export const { handlers, api, jose } = auth
 */
export function createAuth(options: AuthOptions): Auth {
  const config = resolveConfig(options)
  const keys = createKeys(config.secret, config.salt)
  const server = createServer(config, keys)
  return {
    handlers: createHandlers(server),
    api: createApi(server),
    jose: createJose(config, keys),
  }
}
