import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'

import { end, spawnTied, within } from './process.js'

/** A screen nobody sees, with a window manager that moves the keyboard focus. */
export interface Display {
  /** The environment for programs that are to appear on it. */
  readonly env: NodeJS.ProcessEnv
  end: () => Promise<void>
}

/**
 * Starts Xvfb on a free display number, and openbox on it. Without a window manager nobody hands
 * the focus to a popup, nor back to the app when the popup is closed.
 */
export async function startDisplay(): Promise<Display> {
  const started: ChildProcess[] = []
  // The window manager first: it cannot go on without its server.
  const stop = async () => {
    for (const program of started.reverse()) await end(program)
  }
  const start = async (env: NodeJS.ProcessEnv, command: string, ...args: string[]) => {
    const program = spawnTied(command, args, { env, output: 'pipe' })
    started.push(program)
    const heard = once(program.stdout!, 'data') as Promise<[Buffer]>
    return String((await within(heard, 10_000, `${command} did not start`))[0]).trim()
  }
  try {
    const screen = ['-screen', '0', '1280x1024x24', '-nolisten', 'tcp', '-noreset']
    const number = await start(process.env, 'Xvfb', '-displayfd', '1', ...screen)
    const env = { ...process.env, DISPLAY: `:${number}` }
    await start(env, 'openbox', '--sm-disable', '--startup', 'echo ready')
    return { env, end: stop }
  } catch (error) {
    await stop()
    throw error
  }
}
