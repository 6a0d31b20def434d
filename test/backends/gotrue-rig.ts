import { GoTrueClient, type GoTrueClientOptions } from '@supabase/auth-js'
import { afterEach, expect } from 'vitest'

import {
  startGoTrue,
  type Message,
  type RunningGoTrue,
  type StartGoTrueOptions,
} from '../../demo/backends/gotrue.js'

export const SITE = 'http://localhost:3000'
export const PASSWORD = 'correct horse'

export interface Rig extends RunningGoTrue {
  /** Today's official client, on a storage of its own. */
  readonly client: (options?: GoTrueClientOptions) => GoTrueClient
  /** A request by hand, without any client. */
  readonly send: (path: string, init?: RequestInit) => Promise<Response>
  readonly post: (path: string, body: unknown, token?: string) => Promise<Response>
  /** Goes to the provider, presses a button, and says where the app is reached. */
  readonly visit: (url: string, decision?: 'allow' | 'deny') => Promise<string>
  /** Follows a link from a mail and says where the app is reached. */
  readonly follow: (message: Message | undefined) => Promise<string>
  readonly lastMessage: () => Message
  /** How many refresh grants reached the server. */
  readonly refreshes: () => number
  /** Moves the server's clock, in ms. */
  readonly pass: (ms: number) => void
}

const closers: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const close of closers.splice(0)) await close()
})

/** A server on a port of its own, with the clock of this machine until it is moved. */
export async function startRig(options: Partial<StartGoTrueOptions> = {}): Promise<Rig> {
  let ahead = 0
  const running = await startGoTrue({
    flavor: 'current',
    siteURL: SITE,
    now: () => Date.now() + ahead,
    ...options,
    knobs: { autoconfirm: true, ...options.knobs },
  })
  closers.push(running.close)
  const { url, gotrue } = running

  const send: Rig['send'] = (path, init) => fetch(url + path, { redirect: 'manual', ...init })
  const post: Rig['post'] = (path, body, token) =>
    send(path, {
      method: 'POST',
      body: JSON.stringify(body),
      headers: {
        'content-type': 'application/json',
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
      },
    })
  const locationOf = (response: Response): string => {
    expect(response.headers.get('location')).not.toBeNull()
    return response.headers.get('location')!
  }
  return {
    ...running,
    client: (clientOptions) => {
      const client = new GoTrueClient({
        url,
        autoRefreshToken: false,
        flowType: 'pkce',
        storage: memory(),
        // Two of one key would warn, although they share nothing.
        storageKey: crypto.randomUUID(),
        ...clientOptions,
      })
      closers.push(() => void client.stopAutoRefresh())
      return client
    },
    send,
    post,
    visit: async (start, decision = 'allow') => {
      const page = start.startsWith(url)
        ? locationOf(await fetch(start, { redirect: 'manual' }))
        : start
      const body = new URLSearchParams({ decision })
      const back = await fetch(page, { method: 'POST', body, redirect: 'manual' })
      return locationOf(await fetch(locationOf(back), { redirect: 'manual' }))
    },
    follow: async (message) => locationOf(await fetch(message?.link ?? '', { redirect: 'manual' })),
    lastMessage: () => gotrue.outbox.at(-1)!,
    refreshes: () => gotrue.requests.filter(({ grant }) => grant === 'refresh_token').length,
    pass: (ms) => void (ahead += ms),
  }
}

/** A storage that no other client sees. */
export function memory(): Pick<Storage, 'getItem' | 'setItem' | 'removeItem'> {
  const items = new Map<string, string>()
  return {
    getItem: (key) => items.get(key) ?? null,
    setItem: (key, value) => void items.set(key, value),
    removeItem: (key) => void items.delete(key),
  }
}

/** The parameters of a fragment. */
export const fragmentOf = (location: string): Record<string, string> =>
  Object.fromEntries(new URLSearchParams(new URL(location).hash.slice(1)))

export const jsonOf = async (response: Response): Promise<Record<string, unknown>> =>
  (await response.json()) as Record<string, unknown>
