export interface Clock {
  /** ms since the epoch. */
  now: () => number
  /** ms that have passed since the start, which no jump moves: `performance.now`. */
  passed: () => number
  /** Lets this many ms pass, ringing every timer on the way and letting promises settle. */
  advance: (ms: number) => Promise<void>
  /** Moves the wall clock without ringing anything: a sleeping laptop, a corrected clock. */
  jump: (ms: number) => void
  /** Timers that have not rung. */
  pending: () => number
}

/** Lets everything that can settle without time passing settle. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(() => setImmediate(resolve)))
}

/** A promise settled by hand. */
export function deferred<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve!: (value: T) => void
  const promise = new Promise<T>((done) => {
    resolve = done
  })
  return { promise, resolve }
}

export interface Timers extends Clock {
  set: (run: () => void, ms: number) => number
  clear: (timer: number | undefined) => void
}

export function createClock(start: number): Timers {
  let now = start
  // Timers ring after time has *passed*; a wall clock that was moved does not move them.
  let passed = 0
  let last = 0
  const timers = new Map<number, { at: number; run: () => void }>()
  return {
    now: () => now,
    passed: () => passed,
    pending: () => timers.size,
    jump: (ms) => {
      now += ms
    },
    set: (run, ms) => {
      timers.set((last += 1), { at: passed + Math.max(1, ms), run })
      return last
    },
    clear: (timer) => {
      if (timer !== undefined) timers.delete(timer)
    },
    advance: async (ms) => {
      const end = passed + ms
      await settle()
      for (;;) {
        const due = [...timers].filter(([, { at }]) => at <= end)
        const next = due.sort(([, a], [, b]) => a.at - b.at)[0]
        if (!next) break
        timers.delete(next[0])
        now += next[1].at - passed
        passed = next[1].at
        next[1].run()
        await settle()
      }
      now += end - passed
      passed = end
      await settle()
    },
  }
}
