import type { Channel, Env } from '../env.js'
import { isolate } from '../errors.js'
import type { Session } from '../types.js'

/** The tabs of one browser with a client of the same realm, hearing each other while open. */
export interface Tabs<S extends Session> {
  readonly open: () => void
  readonly close: () => void
  /** `null`: signed out. What a page shows, and never a token. */
  readonly post: (data: S | null) => void
}

/** Where there is no `BroadcastChannel` (Safari before 15.4) every tab is on its own. */
export function createTabs<S extends Session>(
  env: Env | undefined,
  realm: string,
  hear: (data: S | null) => void,
): Tabs<S> {
  const Channel = env?.BroadcastChannel
  const connect = (): Channel | undefined => Channel && new Channel(`latchkey:${realm}`)
  let channel: Channel | undefined
  return {
    open: () => {
      channel ??= connect()
      if (channel) {
        channel.onmessage = ({ data }) => {
          // Another version of the app may be open in the other tab, with other ideas.
          const message = data as { session?: S | null } | null
          const session = message?.session
          if (session === null || typeof session?.user?.id === 'string') hear(session)
        }
      }
    },
    close: () => {
      channel?.close()
      channel = undefined
    },
    post: (session) => {
      const open = channel ?? connect()
      // What cannot be cloned is the adapter's bug, and no reason for a sign-in to fail.
      isolate(() => open?.postMessage({ session }))
      if (open !== channel) open?.close()
    },
  }
}
