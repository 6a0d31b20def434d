import type { Channel, Env } from '../env.js'
import { attempt } from './window.js'

/**
 * In place of a `BroadcastChannel`, where there is none (Safari before 15.4): an entry in
 * `localStorage`, of which the other windows are told. Its removal says: received. Tokens do not go
 * this way, for every page of the origin can read it.
 */
export function createStorageChannel(env: Env, id: string): Channel {
  const { origin } = env.location
  const key = `latchkey:${id}`
  const listen = (event: Event): void => {
    const { key: changed, newValue: landing } = event as StorageEvent
    const message = { origin, data: { latchkey: id, landing } }
    if (changed === key) channel.onmessage?.(message as MessageEvent<unknown>)
  }
  const remove = (): unknown => attempt(() => env.localStorage.removeItem(key))
  env.addEventListener('storage', listen)
  const channel: Channel = {
    onmessage: null,
    postMessage: (message) => {
      const { landing } = message as { landing?: string }
      remove() // the same value once more would tell nobody
      if (landing && !/_token=/.test(landing)) attempt(() => env.localStorage.setItem(key, landing))
    },
    close: () => {
      env.removeEventListener('storage', listen)
      remove()
    },
  }
  return channel
}
