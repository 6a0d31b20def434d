import { afterEach, beforeEach, expect, onTestFinished, vi } from 'vitest'

import type { AuthClient } from '../../src/api.js'
import { createAuthClient, type AuraSession } from '../../src/index.js'
import { ada as payload, auraServer, type AuraPayload, type AuraServer } from '../aura-server.js'
import { createWorld } from '../rig.js'

// What the tests of both frameworks start from.

/** Signed in for as long as these tests are run. */
export const ada: AuraPayload = { ...payload, expires: '2999-01-01T00:00:00.000Z' }

export const grace: AuraSession = {
  user: { id: '2', name: 'Grace Summer', email: null, image: null },
  expiresAt: null,
  raw: { user: { sub: '2' } },
}

let clients = 0

/** A client on this very page, with a backend of its own: nothing is shared between two. */
export function setUp(): {
  auth: AuthClient<AuraSession>
  server: AuraServer
  /** How often the session was asked for. */
  asked: () => number
} {
  const { network } = createWorld()
  const path = `/auth/${(clients += 1)}`
  const server = auraServer(network, path)
  const auth = createAuthClient({ baseURL: `http://app.test${path}`, fetch: network.fetch })
  onTestFinished(() => auth.dispose())
  return { auth, server, asked: () => network.count(`GET ${path}/session`) }
}

/** Both frameworks complain on the console: of mismatches, endless loops, missing providers. */
export function failOnComplaints(): void {
  const complaints: unknown[][] = []
  beforeEach(() => {
    complaints.length = 0
    const note = (...words: unknown[]): void => void complaints.push(words)
    vi.spyOn(console, 'error').mockImplementation(note)
    vi.spyOn(console, 'warn').mockImplementation(note)
  })
  afterEach(() => {
    vi.restoreAllMocks()
    expect(complaints).toEqual([])
  })
}

/** One client for all requests to a server, as a module of the app's has it. */
export function onModuleLevel(): { auth: AuthClient<AuraSession>; asked: readonly unknown[] } {
  const asked: unknown[] = []
  const auth = createAuthClient({
    baseURL: 'http://app.test/auth',
    fetch: (...request) => {
      asked.push(request)
      return Promise.reject(new Error('a server asks nobody'))
    },
  })
  return { auth, asked }
}

/** As on a server: no document, and one client for everybody. */
export async function onServer<T>(
  render: (auth: AuthClient<AuraSession>) => T | Promise<T>,
): Promise<T> {
  vi.stubGlobal('document', undefined)
  try {
    return await render(createAuthClient({ baseURL: 'http://app.test/auth' }))
  } finally {
    vi.unstubAllGlobals()
  }
}
