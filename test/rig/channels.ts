import type { Channel } from '../../src/env.js'

/** The `BroadcastChannel`s of one browser: by origin and name, never back to the sender. */
export interface Channels {
  /** The constructor that a page of this origin has. What it opens is kept in `opened`. */
  readonly of: (origin: () => string, opened: Set<Channel>) => new (name: string) => Channel
  /** Channels that are open. */
  readonly open: () => number
  /** Everything posted, in order. */
  readonly posted: readonly { readonly name: string; readonly message: unknown }[]
}

export function createChannels(): Channels {
  const all = new Set<Channel & { readonly key: string }>()
  const posted: { name: string; message: unknown }[] = []
  return {
    posted,
    open: () => all.size,
    of: (origin, opened) =>
      class implements Channel {
        onmessage: Channel['onmessage'] = null
        readonly key: string
        readonly #name: string
        constructor(name: string) {
          this.#name = name
          this.key = `${origin()} ${name}`
          all.add(this)
          opened.add(this)
        }
        postMessage(message: unknown): void {
          const copy: unknown = structuredClone(message)
          posted.push({ name: this.#name, message: copy })
          for (const other of all) {
            if (other === this || other.key !== this.key) continue
            queueMicrotask(() => {
              const event = { data: structuredClone(copy), origin: origin() }
              if (all.has(other)) other.onmessage?.(event as MessageEvent<unknown>)
            })
          }
        }
        close(): void {
          all.delete(this)
          opened.delete(this)
        }
      },
  }
}
