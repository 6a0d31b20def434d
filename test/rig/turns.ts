interface Waiting {
  readonly tab: object
  readonly begin: () => void
}

/** The Web Locks of one browser, as far as they are used: exclusive, in order, until the tab goes. */
export interface Turns {
  /** What one tab has as `navigator.locks`. */
  readonly of: (tab: object) => Pick<LockManager, 'request'>
  /** The tab is gone, with what it held and waited for. */
  readonly release: (tab: object) => void
  /** Locks that are held. */
  readonly held: () => number
}

export function createTurns(): Turns {
  const queues = new Map<string, Waiting[]>()
  const next = (name: string): void => queues.get(name)?.[0]?.begin()
  const leave = (name: string, waiting: Waiting): void => {
    const queue = queues.get(name) ?? []
    const first = queue[0] === waiting
    queues.set(
      name,
      queue.filter((other) => other !== waiting),
    )
    if (first) next(name)
  }
  return {
    of: (tab) => ({
      request: (async (name: string, { signal }: LockOptions, granted: () => Promise<unknown>) => {
        await new Promise<void>((resolve, reject) => {
          const waiting = { tab, begin: resolve }
          signal?.addEventListener('abort', () => {
            if (queues.get(name)?.[0] === waiting) return
            leave(name, waiting)
            reject(new DOMException('Given up.', 'AbortError'))
          })
          const queue = queues.get(name) ?? []
          queue.push(waiting)
          queues.set(name, queue)
          if (queue.length === 1) resolve()
        })
        const mine = queues.get(name)?.[0]
        try {
          return await granted()
        } finally {
          if (mine) leave(name, mine)
        }
      }) as LockManager['request'],
    }),
    release: (tab) => {
      for (const [name, queue] of queues) {
        for (const waiting of queue) if (waiting.tab === tab) leave(name, waiting)
      }
    },
    held: () => [...queues.values()].filter((queue) => queue.length > 0).length,
  }
}
