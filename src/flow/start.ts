import { toAuthError, type AuthError } from '../errors.js'
import type { Session, Start, StartRequest } from '../types.js'
import type { FlowKit } from './kit.js'

/** A start under way. */
export interface Starting {
  /** The answer, where the adapter gave it at once: then all that follows runs in the click. */
  readonly now: Start | undefined
  readonly starting: Promise<Start>
}

/** Asks the adapter where the sign-in starts. Throws what the adapter throws at once. */
export function begin<S extends Session>(
  { run, adapter }: FlowKit<S>,
  request: StartRequest,
  signal: AbortSignal | undefined,
): Starting {
  let now: Start | undefined
  let failure: AuthError | undefined
  const starting = run((io) => {
    try {
      const start = adapter.start(request, io)
      if (!(start instanceof Promise)) now = start
      return start
    } catch (error) {
      throw (failure = toAuthError(error))
    }
  }, signal)
  starting.catch(() => null) // whoever goes on handles it
  if (failure) throw failure
  return { now, starting }
}
