import type { SignInResult } from '../api.js'
import type { Env } from '../env.js'

/**
 * What all clients of one document share, also those of another copy of Latchkey: a module that is
 * loaded again (HMR), or React's StrictMode, creates a second client in the middle of a sign-in.
 */
export interface Shared {
  /** Popups that a client here waits for. */
  readonly awaited: Set<string>
  /** By realm and URL: what the landings here have come to. */
  readonly landings: Map<string, Promise<SignInResult | null>>
}

const KEY: unique symbol = Symbol.for('latchkey.flow')

export function sharedBy(env: Env): Shared {
  const document = env as Env & { [KEY]?: Shared }
  return (document[KEY] ??= { awaited: new Set(), landings: new Map() })
}
