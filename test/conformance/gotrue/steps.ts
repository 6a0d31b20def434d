import { randomUUID } from 'node:crypto'
import { expect } from 'vitest'

import type { Server } from './server.js'

export interface Init {
  readonly method?: string
  readonly json?: unknown
  /** An access token. */
  readonly token?: string
  readonly headers?: Readonly<Record<string, string>>
}

/** One request by hand. Redirects are answers here. */
export function send(server: Server, path: string, init: Init = {}): Promise<Response> {
  const { json, token, headers, method = json === undefined ? 'GET' : 'POST' } = init
  return fetch(URL.canParse(path) ? path : server.url + path, {
    method,
    redirect: 'manual',
    headers: {
      ...server.headers,
      ...(json !== undefined && { 'content-type': 'application/json' }),
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...headers,
    },
    ...(json !== undefined && { body: JSON.stringify(json) }),
  })
}

/** Status and body, in one. */
export async function read(response: Response): Promise<Record<string, unknown>> {
  const text = await response.text()
  const body = text.startsWith('{') ? (JSON.parse(text) as Record<string, unknown>) : { text }
  return { status: response.status, ...body }
}

export interface Tokens {
  readonly access_token: string
  readonly refresh_token: string
  readonly expires_in: number
  readonly expires_at?: number
  readonly user: Readonly<Record<string, unknown>>
}

export interface Account {
  readonly email: string
  readonly password: string
}

/** Somebody whom no server knows yet. */
export const somebody = (): Account => ({
  email: `${randomUUID()}@example.com`,
  password: randomUUID(),
})

/** Signs somebody up, confirmed, by the way this server has. */
export async function signUp(server: Server, account: Account = somebody()): Promise<Tokens> {
  if (server.can('autoconfirm')) {
    const response = await send(server, '/signup', { json: account })
    expect(response.status).toBe(200)
    return (await response.json()) as Tokens
  }
  await followLink(await generateLink(server, 'signup', account))
  return signIn(server, account)
}

export async function signIn(server: Server, account: Account): Promise<Tokens> {
  const response = await send(server, '/token?grant_type=password', { json: account })
  expect(response.status).toBe(200)
  return (await response.json()) as Tokens
}

export const refresh = (server: Server, refresh_token: string): Promise<Response> =>
  send(server, '/token?grant_type=refresh_token', { json: { refresh_token } })

/** The next pair. Fails the case when there is none. */
export async function renew(server: Server, { refresh_token }: Tokens): Promise<Tokens> {
  const response = await refresh(server, refresh_token)
  expect(response.status).toBe(200)
  return (await response.json()) as Tokens
}

/** The link that a mail would have. */
export async function generateLink(
  server: Server,
  type: string,
  account: Partial<Account>,
  redirectTo = server.siteURL,
): Promise<string> {
  const response = await send(server, '/admin/generate_link', {
    json: { type, ...account, redirect_to: redirectTo },
    token: server.serviceKey ?? '',
  })
  const { action_link } = await read(response)
  return String(action_link)
}

/** The link of the latest mail to this address. */
export async function linkTo(server: Server, address: string): Promise<string> {
  const [link = ''] = /https?:[^"\s<]+\/verify\?[^"\s<]+/.exec(await server.readMail(address)) ?? []
  expect(link).not.toBe('')
  return link.replaceAll('&amp;', '&')
}

/** A code that signs this address in, as a mail would have it. */
export async function codeFor(server: Server, email: string): Promise<string> {
  if (server.flavor === 'fork2022') {
    await send(server, '/otp', { json: { email } })
    return /\b[a-z]{5}(-[a-z]{5}){3}\b/.exec(await server.readMail(email))![0]
  }
  // Its own template has no code in it; the answer to an admin has.
  const json = { type: 'magiclink', email }
  const token = server.serviceKey ?? ''
  const answer = await read(await send(server, '/admin/generate_link', { json, token }))
  return String(answer['email_otp'])
}

/** Where a redirect goes. Fails the case when the answer is none. */
export function locationOf(response: Response, status = 302): string {
  expect([response.status, response.headers.has('location')]).toEqual([status, true])
  return response.headers.get('location')!
}

export const followLink = async (link: string): Promise<string> =>
  locationOf(await fetch(link, { redirect: 'manual' }), 303)

/** `/authorize` with these parameters, on its way to the provider. */
export async function begin(
  server: Server,
  params: Readonly<Record<string, string>> = {},
): Promise<URL> {
  const query = new URLSearchParams({ provider: server.provider, ...params })
  return new URL(locationOf(await send(server, `/authorize?${query}`)))
}

/** Comes back from the provider by hand, with whatever it may say. */
export async function comeBack(
  server: Server,
  started: URL,
  params: Readonly<Record<string, string>>,
): Promise<string> {
  const query = new URLSearchParams({ state: started.searchParams.get('state')!, ...params })
  return locationOf(await send(server, `/callback?${query}`))
}

/** The whole way, by a provider that answers by itself. Says where the app is reached. */
export async function signInAtProvider(server: Server, started: URL): Promise<string> {
  let next = started.href
  for (let hops = 0; hops < 10 && !next.startsWith(server.siteURL); hops += 1) {
    const response = await fetch(next, { redirect: 'manual' })
    expect(response.headers.get('location')).not.toBeNull()
    next = new URL(response.headers.get('location')!, next).href
  }
  return next
}

/** What stands after the last `#`. */
export const fragmentOf = (location: string): Record<string, string> =>
  Object.fromEntries(new URLSearchParams(location.slice(location.lastIndexOf('#') + 1)))

export const queryOf = (location: string): Record<string, string> =>
  Object.fromEntries(new URL(location).searchParams)

/** RFC 7636, appendix B. */
export const verifier = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk'
export const pkce = {
  code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
  code_challenge_method: 's256',
}

export const exchange = (server: Server, code: string, code_verifier = verifier) =>
  send(server, '/token?grant_type=pkce', { json: { auth_code: code, code_verifier } })
