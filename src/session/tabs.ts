import type { Channel, Env } from '../env.js'
import { isolate, type AuthError } from '../errors.js'
import type { Session } from '../types.js'

/** What travels between tabs: what a page shows, and never a token. `null`: signed out. */
export type News<S extends Session> =
  /**
   * The backend's answer, and when it was asked, in ms since the epoch. No `at`: the user signed in
   * or out, which is true however the clocks stand.
   */
  | { readonly session: S | null; readonly at?: number | undefined; readonly failure?: undefined }
  /** No answer, which is as good a reason for others to leave the backend alone. */
  | { readonly failure: Failure; readonly at: number; readonly session?: undefined }
  /** A question: what have you been told? */
  | { readonly at: 0; readonly session?: undefined; readonly failure?: undefined }

/** What of an `AuthError` can be told. */
export type Failure = Pick<AuthError, 'code' | 'status' | 'retryAfter'>

/** The tabs of one browser with a client of the same realm, hearing each other while open. */
export interface Tabs<S extends Session> {
  /** Names what the tabs share: the channel, and the locks. */
  readonly key: string
  readonly open: () => void
  readonly close: () => void
  readonly post: (news: News<S>) => void
}

/** Where there is no `BroadcastChannel` (Safari before 15.4), or none to be had, a tab is on its own. */
export function createTabs<S extends Session>(
  env: Env | undefined,
  key: string,
  hear: (news: News<S>) => void,
): Tabs<S> {
  const Channel = env?.BroadcastChannel
  const connect = (): Channel | undefined => {
    try {
      return Channel && new Channel(key)
    } catch {
      return undefined
    }
  }
  let channel: Channel | undefined
  return {
    key,
    open: () => {
      channel ??= connect()
      if (channel) {
        channel.onmessage = ({ data }) => {
          // Another version of the app may be open in the other tab, with other ideas.
          const news = data as Partial<News<S>> | null
          const session = news?.session
          if (
            typeof news?.at === 'number' ||
            session === null ||
            typeof session?.user?.id === 'string'
          )
            hear(news as News<S>)
        }
      }
    },
    close: () => {
      channel?.close()
      channel = undefined
    },
    post: (news) => {
      const open = channel ?? connect()
      // What cannot be cloned is the adapter's bug, and no reason for a sign-in to fail.
      isolate(() => open?.postMessage(news))
      if (open !== channel) open?.close()
    },
  }
}
