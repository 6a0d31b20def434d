import type { Channel, Env } from '../env.js'
import { idOf, isNamed } from './landing.js'
import { attempt } from './window.js'

/**
 * What crosses between the windows of one sign-in: its id, and the raw landing URL one way. Never a
 * verifier.
 */
export interface WireMessage {
  /** As the browser arrived at it. Without it the message says: received. */
  readonly landing?: string | null | undefined
}

/** In place of a landing, a tab that has found the sign-in in its storage asks, and is answered. */
export const WHOSE = 'whose'
export const MINE = 'mine'

export interface Wire {
  /** `window`: also straight to that one. */
  readonly post: (landing: string | undefined, window: unknown) => void
  readonly close: () => void
}

/**
 * Connects the windows of one sign-in on both channels at once: COOP severs `postMessage`,
 * partitioned storage severs `BroadcastChannel`. Only this origin is spoken to and heard (RFC 9700
 * §4.17.2), and only about this sign-in.
 */
export function openWire(
  env: Env,
  id: string,
  hear: (message: WireMessage, source: unknown) => void,
): Wire {
  const { origin } = env.location
  const { BroadcastChannel } = env
  let channel: Channel | null | undefined
  const listen = (event: Event): void => {
    const { origin: from, data, source } = event as MessageEvent<Message | null>
    if (from === origin && data?.latchkey === id) hear(data, source)
  }
  const connect = (opened: Channel): void => {
    if (channel === null) return opened.close()
    channel = opened
    channel.onmessage = listen
  }
  // Firefox has it and throws, where the user blocks cookies.
  const broadcast = attempt(() => BroadcastChannel && new BroadcastChannel(`latchkey:${id}`))
  if (broadcast) connect(broadcast)
  else {
    void import('./storage-channel.js').then((it) => connect(it.createStorageChannel(env, id)))
  }
  env.addEventListener('message', listen)
  return {
    post: (landing, window) => {
      const message: Message = { latchkey: id, landing }
      channel?.postMessage(message)
      ;(window as Window | null)?.postMessage(message, origin)
    },
    close: () => {
      channel?.close()
      channel = null
      env.removeEventListener('message', listen)
    },
  }
}
type Message = WireMessage & { readonly latchkey: string }

/**
 * The landing that a message brings: of this origin, and inside, too, about this sign-in or about
 * none. `undefined`: it brings none.
 */
export function landingIn(env: Env, id: string, { landing }: WireMessage): string | undefined {
  const own = typeof landing === 'string' && landing.startsWith(`${env.location.origin}/`)
  return own && (idOf(landing) === id || !isNamed(idOf(landing))) ? landing : undefined
}

/** ms between two tries, and tries before nobody is taken to be waiting: 10 s. */
const INTERVAL = 250
const TRIES = 40

/**
 * Hands a landing to the tab that started the sign-in, again and again until that says: received.
 * `false`: nobody is there.
 */
export function deliver(env: Env, id: string, landing: string): Promise<boolean> {
  return new Promise((resolve) => {
    let tries = 0
    let timer: number
    const end = (delivered: boolean): void => {
      env.clearTimeout(timer)
      wire.close()
      resolve(delivered)
    }
    const wire = openWire(env, id, (message) => message.landing ?? end(true))
    const post = (): void => {
      if (tries++ === TRIES) return end(false)
      timer = env.setTimeout(post, INTERVAL)
      return wire.post(landing, env.opener)
    }
    post()
  })
}

/** Ends the {@link deliver} of this page: it hears from its own window that the landing is received. */
export function hush(env: Env, id: string): void {
  env.postMessage({ latchkey: id } satisfies Message, env.location.origin)
}
