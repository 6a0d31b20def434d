import type { Channel, Env } from '../env.js'
import type { Session } from '../types.js'

/** What tabs tell each other: what they show, and never a token. */
export interface TabMessage<S extends Session> {
  /** `null`: signed out. */
  readonly data: S | null
}

/** The tabs of one browser with a client of the same realm, hearing each other while open. */
export interface Tabs<S extends Session> {
  readonly open: () => void
  readonly close: () => void
  readonly post: (message: TabMessage<S>) => void
}

/** Where there is no `BroadcastChannel` (Safari before 15.4) every tab is on its own. */
export function createTabs<S extends Session>(
  env: Env | undefined,
  realm: string,
  hear: (message: TabMessage<S>) => void,
): Tabs<S> {
  const Channel = env?.BroadcastChannel
  const connect = (): Channel | undefined => Channel && new Channel(`latchkey:${realm}`)
  let channel: Channel | undefined
  return {
    open: () => {
      channel ??= connect()
      if (channel) channel.onmessage = ({ data }) => hear(data as TabMessage<S>)
    },
    close: () => {
      channel?.close()
      channel = undefined
    },
    post: (message) => {
      const open = channel ?? connect()
      open?.postMessage(message)
      if (open !== channel) open?.close()
    },
  }
}
