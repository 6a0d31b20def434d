import { createServer } from 'vite'

import type { RunningDribbble } from './backends/dribbble.js'
import { createConfig } from './config.js'
import { createDemoPlugin, originOf, PORT, type DemoPluginOptions } from './plugin.js'

export interface DemoOptions extends DemoPluginOptions {
  /** Default 3000; `0`: any free port. A busy one is stepped over. */
  readonly port?: number
}

export interface Demo {
  /** The page's origin, without a trailing slash. */
  readonly url: string
  /** The stand-in, with its knobs; `null` where `env` has credentials for the real one. */
  readonly dribbble: RunningDribbble | null
  /** Frees every port. Safe to call twice. */
  readonly close: () => Promise<void>
}

/**
 * The demo inside this process, silent, for tests in a browser. Unlike `npm run demo` it reads
 * neither the environment nor `.env` unless they are passed in.
 *
 * @example
 * const { url, dribbble, close } = await startDemo({ port: 0, coop: 'same-origin' })
 */
export async function startDemo({ port = PORT, ...options }: DemoOptions = {}): Promise<Demo> {
  const { plugin, backend } = createDemoPlugin(options)
  const { server: serverConfig, ...config } = createConfig(plugin)
  const server = await createServer({
    ...config,
    configFile: false,
    logLevel: 'silent',
    // Tests edit no files, and a watcher is slow to start and to stop.
    server: { ...serverConfig, port, watch: null, hmr: false },
  })
  try {
    await server.listen()
    const { dribbble } = await backend()
    return { url: originOf(server), dribbble, close: () => server.close() }
  } catch (error) {
    await server.close()
    throw error
  }
}
