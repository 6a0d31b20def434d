type Granted = (lock: Lock | null) => unknown

interface Request {
  readonly name: string
  readonly page: object
  readonly begin: () => void
}

/** The Web Locks of one browser: exclusive, by origin, in order, released when their page goes. */
export interface Locks {
  /** What a page has as `navigator.locks`. */
  readonly of: (origin: () => string, page: object) => Pick<LockManager, 'request'>
  /** The page is gone, with what it held and waited for. */
  readonly release: (page: object) => void
  /** Names of the locks that are held. */
  readonly held: () => readonly string[]
}

export function createLocks(): Locks {
  const queues = new Map<string, Request[]>()
  const leave = (key: string, request: Request): void => {
    const queue = queues.get(key) ?? []
    const rest = queue.filter((other) => other !== request)
    if (rest.length === 0) queues.delete(key)
    else queues.set(key, rest)
    if (queue[0] === request) rest[0]?.begin()
  }
  const wait = async (
    key: string,
    named: Omit<Request, 'begin'>,
    signal: AbortSignal | undefined,
  ): Promise<Request> =>
    new Promise((resolve, reject) => {
      const request: Request = { ...named, begin: () => resolve(request) }
      const queue = [...(queues.get(key) ?? []), request]
      queues.set(key, queue)
      if (queue[0] === request) resolve(request)
      signal?.addEventListener('abort', () => {
        if (queues.get(key)?.[0] === request) return
        leave(key, request)
        reject(new DOMException('Given up.', 'AbortError'))
      })
    })
  return {
    of: (origin, page) => ({
      request: async (name: string, ...rest: readonly unknown[]): Promise<never> => {
        const granted = rest.at(-1) as Granted
        const { ifAvailable, signal } = (rest.length > 1 ? rest[0] : {}) as LockOptions
        const key = `${origin()} ${name}`
        await Promise.resolve() // never granted at once
        if (ifAvailable && queues.has(key)) return (await granted(null)) as never
        const request = await wait(key, { name, page }, signal)
        try {
          return (await granted({ name, mode: 'exclusive' })) as never
        } finally {
          leave(key, request)
        }
      },
    }),
    release: (page) => {
      for (const [key, queue] of queues) {
        for (const request of queue) if (request.page === page) leave(key, request)
      }
    },
    held: () => [...queues.values()].map(([first]) => first!.name),
  }
}
