import { afterEach, expect } from 'vitest'

import type { AuthError } from '../../src/errors.js'
import { createAuth, dribbble, type Auth, type AuthOptions } from '../../src/server/index.js'
import { ACCESS_TOKEN, CLIENT_SECRET, CODE, fakeProvider, type FakeProvider } from './provider.js'

export const SECRET = 'server-secret-server-secret-server-secret'
export const SALT = 'server-salt-server-salt-server-salt-server'
const CANARY = 'canary-that-is-never-echoed'

export interface World {
  readonly auth: Auth
  readonly provider: FakeProvider
  readonly errors: AuthError[]
  /** ms; move it at will. */
  readonly clock: { now: number }
  readonly origin: string
}

export type WorldOptions = Partial<AuthOptions> & { readonly origin?: string }

/** A server with Dribbble in front of a fake provider. */
export function world({ origin = 'http://localhost:3000', ...options }: WorldOptions = {}): World {
  const provider = fakeProvider()
  const clock = { now: Date.parse('2026-01-01T00:00:00Z') }
  const errors: AuthError[] = []
  const auth = createAuth({
    oauth: [dribbble({ clientId: 'client', clientSecret: CLIENT_SECRET })],
    env: { AURA_AUTH_SECRET: SECRET, AURA_AUTH_SALT: SALT },
    fetch: provider.fetch,
    now: () => clock.now,
    onError: (error) => errors.push(error),
    ...options,
  })
  return { auth, provider, clock, errors, origin }
}

export interface Cookie {
  readonly value: string
  readonly attributes: string
  readonly expiresAt: number
}

/** One browser: keeps cookies as browsers do, and looks into every answer for what must not leak. */
export interface Browser {
  readonly cookies: Map<string, Cookie>
  readonly send: (path: string, init?: RequestInit) => Promise<Response>
  /** Begins a sign-in and says which `state` it has. */
  readonly signIn: (redirectTo?: string) => Promise<{ response: Response; state: string }>
  /** Comes back from the provider, with a code unless told otherwise. */
  readonly comeBack: (params: Record<string, string>, id?: string) => Promise<Response>
  /** Signs in, all the way. */
  readonly signInFully: () => Promise<Response>
  readonly csrfToken: () => Promise<string>
  readonly attempts: () => string[]
}

const checks: (() => void)[] = []
afterEach(() => {
  for (const check of checks.splice(0)) check()
})

export function browser({ auth, clock, origin, provider }: World): Browser {
  const cookies = new Map<string, Cookie>()
  const states: string[] = []
  const seen: { text: string; isAuthorize: boolean }[] = []

  const send = async (path: string, init: RequestInit = {}): Promise<Response> => {
    const headers = new Headers(init.headers)
    const live = [...cookies].filter(([, { expiresAt }]) => expiresAt > clock.now)
    const pairs = live.map(([name, { value }]) => `${name}=${value}`)
    if (!headers.has('cookie') && pairs.length > 0)
      headers.set('cookie', [...pairs, `tracker=${CANARY}`].join('; '))
    headers.set('x-canary', CANARY)
    headers.set('user-agent', CANARY)
    const response = await auth.handlers.ALL(new Request(origin + path, { ...init, headers }))
    for (const cookie of response.headers.getSetCookie()) store(cookie)
    const text = `${JSON.stringify([...response.headers])}\n${await response.clone().text()}`
    seen.push({ text, isAuthorize: text.includes('code_challenge=') })
    return response
  }

  const store = (line: string): void => {
    const [, name = '', value = '', attributes = ''] = /^([^=]+)=([^;]*); (.*)$/.exec(line) ?? []
    const maxAge = Number(/Max-Age=(\d+)/.exec(attributes)?.[1])
    // What browsers insist on; they drop the cookie otherwise.
    expect(name.length + value.length).toBeLessThanOrEqual(4096)
    if (name.startsWith('__')) expect(attributes).toContain('Secure')
    if (maxAge === 0) cookies.delete(name)
    else cookies.set(name, { value, attributes, expiresAt: clock.now + maxAge * 1000 })
  }

  checks.push(() => {
    const verifiers = provider.tokenRequests.map(({ form }) => form.get('code_verifier') ?? CANARY)
    for (const { text, isAuthorize } of seen) {
      for (const secret of [ACCESS_TOKEN, CLIENT_SECRET, SECRET, SALT, CANARY, CODE, ...verifiers])
        expect(text).not.toContain(secret)
      if (!isAuthorize) for (const state of states) expect(text).not.toContain(state)
    }
  })

  const it: Browser = {
    cookies,
    send,
    signIn: async (redirectTo = '/dashboard') => {
      const response = await send(
        `/auth/signIn/dribbble?redirectTo=${encodeURIComponent(redirectTo)}`,
      )
      const location = response.headers.get('location') ?? ''
      const state = URL.canParse(location) ? new URL(location).searchParams.get('state') : null
      if (state) states.push(state)
      return { response, state: state ?? '' }
    },
    comeBack: (params, id = 'dribbble') => {
      const query = new URLSearchParams('error' in params ? params : { code: CODE, ...params })
      return send(`/auth/callback/${id}?${query}`)
    },
    signInFully: async () => it.comeBack({ state: (await it.signIn()).state }),
    csrfToken: async () =>
      ((await (await send('/auth/csrfToken')).json()) as { csrfToken: string }).csrfToken,
    attempts: () => [...cookies.keys()].filter((name) => name.includes('.attempt.')),
  }
  return it
}

/** Where a response leads, with the error it carries. */
export function landing(response: Response): {
  to: string
  error: string | null
  description: string | null
} {
  expect(response.status).toBe(302)
  const to = response.headers.get('location') ?? ''
  const { searchParams } = new URL(to, 'http://localhost')
  return {
    to,
    error: searchParams.get('error'),
    description: searchParams.get('error_description'),
  }
}

export const body = async (response: Response): Promise<Record<string, unknown>> =>
  (await response.json()) as Record<string, unknown>
