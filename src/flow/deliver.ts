import type { Env } from '../env.js'

/** What a popup's landing says, and what it hears in return. Only the raw landing URL crosses. */
export interface LandingMessage {
  readonly type: 'latchkey:landing' | 'latchkey:received'
  /** The transaction's. */
  readonly id: string
  /** The landing as the browser arrived at it; empty in the answer. */
  readonly url: string
}

/** ms between two tries, and how many tries before nobody is taken to be waiting. */
const INTERVAL = 250
const TRIES = 40

/**
 * Hands a landing to the tab that started the sign-in: on both channels at once, for COOP severs
 * one and partitioned storage the other, and again until it is acknowledged. `false`: nobody is
 * there. Nothing is decided by `opener` or `closed`, and nothing is sent to another origin.
 */
export function deliver(env: Env, id: string, url: string): Promise<boolean> {
  return new Promise((resolve) => {
    const { origin } = env.location
    const channel = env.BroadcastChannel && new env.BroadcastChannel(`latchkey:${id}`)
    const opener = env.opener as Window | null
    const message: LandingMessage = { type: 'latchkey:landing', id, url }
    let tries = 0
    let timer: number
    const end = (delivered: boolean): void => {
      env.clearTimeout(timer)
      env.removeEventListener('message', hear)
      channel?.close()
      resolve(delivered)
    }
    const answer = (data: unknown): void => {
      const { type, id: of } = (data ?? {}) as Partial<LandingMessage>
      if (type === 'latchkey:received' && of === id) end(true)
    }
    const hear = (event: Event): void => {
      const { origin: from, data } = event as MessageEvent<unknown>
      if (from === origin) answer(data)
    }
    const post = (): void => {
      if ((tries += 1) > TRIES) return end(false)
      timer = env.setTimeout(post, INTERVAL)
      channel?.postMessage(message)
      opener?.postMessage(message, origin)
    }
    if (channel) channel.onmessage = ({ data }) => answer(data)
    env.addEventListener('message', hear)
    post()
  })
}
