import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { accessSync, constants } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The script that ends a program together with the process that started it. */
export const tie: string = fileURLToPath(new URL('./tied.sh', import.meta.url))

/** Starts a program that cannot outlive this process, however this process ends. */
export function spawnTied(
  command: string,
  args: readonly string[],
  options: { env?: NodeJS.ProcessEnv; output?: 'ignore' | 'pipe' } = {},
): ChildProcess {
  return spawn('/bin/sh', [tie, command, ...args], {
    // Its own group, so that Ctrl-C reaches the tests first and they can close it in order.
    detached: true,
    env: options.env ?? process.env,
    stdio: ['pipe', options.output ?? 'ignore', 'ignore'],
  })
}

/** Ends what `spawnTied` started, and waits until it is gone. */
export async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = once(child, 'exit')
  child.stdin?.end()
  await within(gone, 10_000, `process ${child.pid} did not end`)
}

/** The path of the first of these programs that is installed, or `null`. */
export function find(...programs: readonly string[]): string | null {
  const folders = (process.env.PATH ?? '').split(delimiter)
  for (const program of programs) {
    for (const path of program.startsWith('/') ? [program] : folders.map((f) => join(f, program))) {
      try {
        accessSync(path, constants.X_OK)
        return path
      } catch {
        // Not here: the next one may be.
      }
    }
  }
  return null
}

/** A loopback port that nobody listens on at the moment. */
export async function freePort(): Promise<number> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

/** `promise`, or an error with this message once the time is up. */
export async function within<T>(promise: Promise<T>, ms: number, message: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${message} within ${ms} ms`)), ms)
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}

/** How long to wait, in milliseconds, where a test does not say. */
export const patience = 10_000

/**
 * Asks until the answer is neither `undefined` nor `null` nor `false`. An error counts as "not yet",
 * and is the cause of the failure when it was the last thing heard.
 */
export async function poll<T>(
  ask: () => Promise<T | undefined | null | false>,
  message: string,
  ms = patience,
): Promise<T> {
  const deadline = Date.now() + ms
  let cause: unknown
  for (;;) {
    try {
      // A question that is never answered (a page in the middle of a crash) must not outlast the wait.
      const left = Math.max(deadline - Date.now(), 250)
      const answer = await within(ask(), left, 'no answer')
      if (answer !== undefined && answer !== null && answer !== false) return answer
      cause = undefined
    } catch (error) {
      if (error instanceof Final) throw error
      cause = error
    }
    if (Date.now() >= deadline) throw new Error(`${message} within ${ms} ms`, { cause })
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

/** Thrown inside a `poll` when waiting any longer cannot help. */
export class Final extends Error {}
