import type { AuthError } from './errors.js'
import type { SessionState } from './types.js'

/** One step of the client, for a log that answers "why did it ask?". */
export type DebugEvent =
  | {
      readonly type: 'load:start'
      /**
       * `first`: a listener came where there was none. `visible`: the user is back. `expiry`: the
       * session is about to end. `retry`: the last lookup failed. `tab`: another tab signed in.
       */
      readonly reason:
        | 'first'
        | 'manual'
        | 'poll'
        | 'expiry'
        | 'retry'
        | 'visible'
        | 'online'
        | 'tab'
    }
  | { readonly type: 'load:done'; readonly status: SessionState['status'] }
  | { readonly type: 'load:failed'; readonly error: AuthError }
  /** `gap`: asked a moment ago. `pause`: the backend failed and is left alone for a while. */
  | { readonly type: 'load:skipped'; readonly reason: 'offline' | 'gap' | 'pause' }
  /** Another tab is asking: its answer will do. */
  | { readonly type: 'load:waits' }
  /** Another tab signed in or out. */
  | { readonly type: 'tab:heard'; readonly status: SessionState['status'] }
  /** Another tab asked, and this is what it was told. */
  | { readonly type: 'tab:answer'; readonly status: SessionState['status'] }
  | {
      readonly type: 'signIn:start'
      readonly provider: string
      readonly mode: 'redirect' | 'popup'
    }
  | { readonly type: 'signIn:failed'; readonly error: AuthError }
