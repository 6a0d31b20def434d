import type { ClientOptions } from '../api.js'
import type { Env } from '../env.js'
import type { Adapter, DebugEvent, ReadyAtom, Runner, Session, SessionState } from '../types.js'

/** What a flow is given by the client. */
export interface FlowKit<S extends Session> {
  readonly env: Env
  readonly adapter: Adapter<S>
  readonly options: Pick<ClientOptions, 'callbackURL' | 'navigate' | 'transactionStorage'>
  readonly run: Runner
  readonly debug: (event: DebugEvent) => void
  /** The URL this page was landed on by, when it was noticed to be a landing. */
  readonly landed: string | undefined
  readonly store: {
    readonly session: ReadyAtom<SessionState<S>>
    readonly set: (session: S | null) => void
    /**
     * Sign-outs so far, here and in the other tabs, and the client's end: what was to become of a
     * landing before is no session now.
     */
    ends: number
  }
  /** Aborted when the client is disposed of. */
  readonly ended: AbortSignal
  /** What the backend says now; or said since this page began, if that was landed on by `href`. */
  readonly ask: (href: string | undefined) => Promise<S | null>
}
