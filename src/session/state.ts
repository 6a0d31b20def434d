import { AuthError } from '../errors.js'
import { known, state } from '../state.js'
import type { Session, SessionState } from '../types.js'
import { share } from './share.js'

/** After an answer. The same object when nothing changed, so that nobody is told. */
export function settled<S extends Session>(
  now: SessionState<S>,
  answer: S | null,
): SessionState<S> {
  if (answer) {
    const data: S = now.data ? share(now.data, answer) : answer
    return data === now.data && !now.error ? now : known<S>(data)
  }
  if (now.data) {
    const error = new AuthError('session_expired')
    return state<S>('unauthenticated', null, error)
  }
  // That the session expired stays true; that the last lookup failed does not.
  const told = now.status === 'unauthenticated' && (!now.error || isExpiry(now.error))
  return told ? now : known<S>(null)
}

/** After a lookup without an answer: what was known stays known. */
export function failed<S extends Session>(
  { status, data }: SessionState<S>,
  error: AuthError,
): SessionState<S> {
  return state(status === 'pending' ? 'error' : status, data, error)
}

/** `session_expired` is what an answer says; every other error of a state is the lack of one. */
export function isExpiry(error: AuthError): boolean {
  return error.code === 'session_expired'
}

/** Whether a change is worth a render: a later expiry alone, or in `raw` alone, is not. */
export function differs<S extends Session>(from: SessionState<S>, to: SessionState<S>): boolean {
  if (!from.data || !to.data || from.error !== to.error) return from !== to
  const { expiresAt, raw } = from.data
  return share(from.data, { ...to.data, expiresAt, raw }) !== from.data
}
