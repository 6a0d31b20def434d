import type { Env } from '../env.js'
import type { LandingMessage } from './deliver.js'
import { idOf } from './landing.js'

/**
 * Waits for the landing of this transaction, acknowledges it at once (so that the popup closes) and
 * hands it on. Hears it on whichever channel comes through; `tell` is called at most once. Answers
 * how to stop.
 *
 * A message counts only with the right type and id, from this origin, about a URL of this origin
 * that carries the same id: anything else changes nothing (RFC 9700 §4.17.2).
 */
export function openInbox(env: Env, id: string, tell: (landing: string) => void): () => void {
  const { origin } = env.location
  const channel = env.BroadcastChannel && new env.BroadcastChannel(`latchkey:${id}`)
  const received: LandingMessage = { type: 'latchkey:received', id, url: '' }
  const close = (): void => {
    env.removeEventListener('message', hear)
    channel?.close()
  }
  const accept = (data: unknown): boolean => {
    const { type, id: of, url } = (data ?? {}) as Partial<LandingMessage>
    return (
      type === 'latchkey:landing' &&
      of === id &&
      typeof url === 'string' &&
      url.startsWith(`${origin}/`) &&
      idOf(url) === id
    )
  }
  const take = (data: unknown, source?: unknown): void => {
    if (!accept(data)) return
    // On both channels, as it was sent: the one it came by may not lead back.
    channel?.postMessage(received)
    ;(source as Window | null | undefined)?.postMessage(received, origin)
    close()
    tell((data as LandingMessage).url)
  }
  const hear = (event: Event): void => {
    const { origin: from, data, source } = event as MessageEvent<unknown>
    if (from === origin) take(data, source)
  }
  if (channel) channel.onmessage = ({ data }) => take(data)
  env.addEventListener('message', hear)
  return close
}
