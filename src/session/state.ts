import { AuthError } from '../errors.js'
import type { Session, SessionState } from '../types.js'
import { share } from './share.js'

export const PENDING = { status: 'pending', isPending: true, data: null, error: null } as const
export const SIGNED_OUT: SessionState<never> = unauthenticated(null)

/** The state that plain knowledge is: a server's answer given at start, a sign-in, a sign-out. */
export function known<S extends Session>(data: S | null): SessionState<S> {
  return data === null ? SIGNED_OUT : authenticated(data, null)
}

/** After an answer. The same object when nothing changed, so that nobody is told. */
export function settled<S extends Session>(
  state: SessionState<S>,
  answer: S | null,
): SessionState<S> {
  if (answer === null) {
    if (state.status === 'authenticated') {
      return unauthenticated(
        new AuthError('session_expired', 'The backend ended this session. Sign in again.'),
      )
    }
    // That the session expired stays true; that the last lookup failed does not.
    const { error } = state
    return state.status === 'unauthenticated' && (!error || error.code === 'session_expired')
      ? state
      : SIGNED_OUT
  }
  if (state.status !== 'authenticated') return authenticated(answer, null)
  const data = share(state.data, answer)
  return data === state.data && state.error === null ? state : authenticated(data, null)
}

/** After a lookup without an answer: what was known stays known. */
export function failed<S extends Session>(
  state: SessionState<S>,
  error: AuthError,
): SessionState<S> {
  return state.status === 'authenticated' || state.status === 'unauthenticated'
    ? { ...state, error }
    : { status: 'error', isPending: false, data: null, error }
}

/** Whether a change from one to the other is worth a render: a later expiry alone is not. */
export function differs<S extends Session>(from: SessionState<S>, to: SessionState<S>): boolean {
  if (from.status !== 'authenticated' || to.status !== 'authenticated') return from !== to
  if (from.error !== to.error) return true
  const keys = new Set([...Object.keys(from.data), ...Object.keys(to.data)])
  keys.delete('expiresAt')
  keys.delete('raw')
  return [...keys].some((key) => from.data[key as keyof S] !== to.data[key as keyof S])
}

function authenticated<S extends Session>(data: S, error: AuthError | null): SessionState<S> {
  return { status: 'authenticated', isPending: false, data, error }
}

function unauthenticated(error: AuthError | null): SessionState<never> {
  return { status: 'unauthenticated', isPending: false, data: null, error }
}
