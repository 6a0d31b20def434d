import type { AuraSession } from './adapters/aura/session.js'
import type { AuthClient } from './api.js'
import type { SessionState } from './types.js'

/**
 * Your client's type, told once for every framework, so that no hook and no composable needs a type
 * argument. Left alone, they are typed for a client of Aura Auth, the default backend.
 *
 * @example
 * declare module 'latchkey' {
 *   interface Register {
 *     client: typeof auth
 *   }
 * }
 */
export interface Register {}

/** The client that an app registered in `R`. */
export type ClientOf<R> = R extends { readonly client: infer C } ? C : AuthClient<AuraSession>

/** The session of that client. */
export type SessionOf<R> = ClientOf<R> extends AuthClient<infer S> ? S : never

export type RegisteredClient = ClientOf<Register>
export type RegisteredSession = SessionOf<Register>
export type RegisteredState = SessionState<RegisteredSession>
