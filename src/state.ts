import type { AuthError } from './errors.js'
import type { Session, SessionState } from './types.js'

/** The only place that builds a state, so that `status` and the rest always agree. */
export function state<S extends Session>(
  status: SessionState['status'],
  data: S | null = null,
  error: AuthError | null = null,
): SessionState<S> {
  return { status, isPending: status === 'pending', data, error } as SessionState<S>
}

/** Plain knowledge: what a server found out, a sign-in, a sign-out. `undefined`: none. */
export function known<S extends Session>(data: S | null | undefined): SessionState<S> {
  return data === undefined
    ? state('pending')
    : state(data ? 'authenticated' : 'unauthenticated', data)
}
