import type { Env } from '../../src/env.js'

type Request = NonNullable<Env['navigator']['locks']>['request']

/** The Web Locks of one browser: by origin and name, released when their page goes. */
export interface Locks {
  /** What a page of this origin has as `navigator.locks`. */
  readonly of: (origin: () => string, page: object) => { readonly request: Request }
  readonly release: (page: object) => void
  /** Names of the locks that are held. */
  readonly held: () => readonly string[]
}

export function createLocks(): Locks {
  const holders = new Map<string, { readonly name: string; readonly page: object }>()
  return {
    of: (origin, page) => ({
      request: async (name, _, granted) => {
        await Promise.resolve() // never granted at once
        const key = `${origin()} ${name}`
        if (holders.has(key)) return granted(null)
        const holder = { name, page }
        holders.set(key, holder)
        try {
          return await granted(holder)
        } finally {
          if (holders.get(key) === holder) holders.delete(key)
        }
      },
    }),
    release: (page) => {
      for (const [key, holder] of holders) if (holder.page === page) holders.delete(key)
    },
    held: () => [...holders.values()].map(({ name }) => name),
  }
}
