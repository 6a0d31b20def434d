import { afterAll, describe } from 'vitest'

import { startBackend } from '../../../demo/backends/auth.js'
import { serve } from '../../../demo/backends/node.js'
import { cases } from '../needs.js'

/**
 * What a server can be made to do.
 *
 * - `provider`: somebody signs in at its provider without a person who presses a button
 * - `companion`: it is `latchkey/server`, which does better than the contract in places
 * - `sameOrigin`: the app is on the server's own origin
 */
export type Need = 'provider' | 'companion' | 'sameOrigin'

/** One server under test. */
export interface Server {
  readonly name: string
  /** Where it is mounted, path included. */
  readonly base: string
  /** Origin of the app. */
  readonly app: string
  /** A provider that it has. */
  readonly provider: string
  readonly can: (need: Need) => boolean
  readonly close: () => Promise<void>
}

const env = (name: string): string => process.env[`AURA_${name}`] ?? ''

const openServer = (): Promise<Server> =>
  env('URL') ? openReal(env('URL').replace(/\/$/, '')) : openCompanion()

async function openReal(base: string): Promise<Server> {
  const { origin } = new URL(base)
  const app = env('APP') || origin
  // Aura has only words of JSON for this, `latchkey/server` goes back to the page.
  const response = await fetch(`${base}/signIn/no-such-provider?redirectTo=%2F`, {
    redirect: 'manual',
  })
  const can: Record<Need, boolean> = {
    provider: env('PROVIDER_ANSWERS') === '1',
    companion: response.status === 302,
    sameOrigin: app === origin,
  }
  return {
    name: base,
    base,
    app,
    provider: env('PROVIDER') || 'dribbble',
    can: (need) => can[need],
    close: async () => {},
  }
}

/** `latchkey/server` on a port of its own, in front of a stand-in for Dribbble. */
async function openCompanion(): Promise<Server> {
  let backend: Awaited<ReturnType<typeof startBackend>> | undefined
  const { url, close } = await serve(
    (request) => backend?.handler(request) ?? new Response(null, { status: 503 }),
  )
  const started = (backend = await startBackend({ origin: url }))
  return {
    name: 'latchkey/server',
    base: `${url}/auth`,
    app: url,
    provider: 'dribbble',
    can: () => true,
    close: async () => void (await Promise.all([close(), started.close()])),
  }
}

const server = await openServer()

/**
 * Runs the cases on the server that `AURA_URL` names, else on `latchkey/server`.
 *
 * @example
 * onServer(({ server, check }) => {
 *   check(['provider'], 'a sign-in ends at redirectTo', async () => {})
 * })
 */
export function onServer(
  run: (lab: { server: Server; check: ReturnType<typeof cases<Need>> }) => void,
): void {
  describe(server.name, () => run({ server, check: cases(server.can) }))
}

afterAll(() => server.close())
