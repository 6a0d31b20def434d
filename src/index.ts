import { aura } from './adapters/aura/index.js'
import type { AuraSession } from './adapters/aura/session.js'
import type { AuthClient, ClientOptions } from './api.js'
import { createClient } from './client.js'
import type { AdapterFactory, Session } from './types.js'

export { aura } from './adapters/aura/index.js'
export { toAuraSession, type AuraSession, type AuraUser } from './adapters/aura/session.js'
export { AuthError, isAuthError, type AuthErrorCode, type AuthErrorDetails } from './errors.js'
export type * from './api.js'
export type { Register } from './register.js'
export type * from './types.js'

/**
 * One client for one backend. Creating it does nothing but look at the URL, once: if a sign-in has
 * just landed here, it is finished. So create it before a router rewrites the URL, and only once.
 *
 * Throws `invalid_config` when an option cannot work.
 *
 * @example
 * export const auth = createAuthClient({ baseURL: 'http://localhost:3000/auth' })
 *
 * await auth.signIn('dribbble', { redirectTo: '/dashboard' })
 */
export function createAuthClient<S extends Session, M extends object>(
  options: ClientOptions<S, M> & { readonly adapter: AdapterFactory<S, M> },
): AuthClient<S> & M
export function createAuthClient(options?: ClientOptions<AuraSession>): AuthClient<AuraSession>
export function createAuthClient(
  options: ClientOptions<AuraSession> = {},
): AuthClient<AuraSession> {
  return createClient(options, options.adapter ?? aura())
}
