import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'

import type { AurinkoKnobs } from './knobs.js'

/** The app as its owner set it up at Aurinko. */
export interface AurinkoApp {
  readonly clientId: string
  readonly clientSecret: string
  /** The number in the cookie's name. */
  readonly appId: number
  /** Compared to the letter. */
  readonly returnUrls: readonly string[]
  /** The origin whose `/v1/*` is forwarded here: the provider comes back to it. */
  readonly appOrigin: string
}

export type Role = 'primary' | 'secondary'

/** A mailbox or CRM that a user has connected. */
export interface Account {
  readonly id: number
  readonly serviceType: string
  readonly role: Role
  readonly email: string
  readonly name: string
  readonly serverUrl: string | null
  scopes: readonly string[]
  nativeScopes: readonly string[]
  authObtainedAt: string
}

export interface User {
  readonly id: string
  readonly createdAt: string
  accounts: Account[]
}

/** What an authorization asked for, once it has passed every check. */
export interface Asked {
  readonly serviceType: string
  readonly role: Role
  readonly responseType: 'cookie' | 'code' | 'none'
  readonly returnUrl: string
  readonly scopes: readonly string[]
  readonly nativeScopes: readonly string[]
  /** `null`: none came, so none goes back. */
  readonly state: string | null
  readonly loginHint: string | null
  readonly serverUrl: string | null
  readonly mailboxInfo: string | null
  readonly accountId: number | null
  /** Whose account is linked. `null`: nobody's, which only a primary may be. */
  readonly userId: string | null
}

/** What the stand-in remembers, in memory only. */
export interface AurinkoState {
  readonly app: AurinkoApp
  readonly knobs: AurinkoKnobs
  readonly now: () => number
  /** Origin of the provider's pages. */
  readonly providerURL: () => string
  /** Origin of the API. */
  readonly apiURL: () => string
  /** Signs the tokens of {@link sign}. */
  readonly key: Buffer
  readonly users: Map<string, User>
  /** Users' ids, by cookie value or `userSession`. */
  readonly sessions: Map<string, string>
  readonly codes: Map<string, { readonly userId: string; readonly expiresAt: number }>
  lastAccountId: number
}

export const createSecret = (): string => randomBytes(32).toString('base64url')

/** An HS256 JWT, which is what Aurinko's own `state` is. */
export function sign(payload: object, key: Buffer): string {
  const encode = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url')
  const body = `${encode({ alg: 'HS256' })}.${encode(payload)}`
  return `${body}.${createHmac('sha256', key).update(body).digest('base64url')}`
}

/** What {@link sign} signed; `null`: not by us, or older than it says. `now`: ms. */
export function verify<T>(token: string, key: Buffer, now: number): T | null {
  const [header, payload, signature = ''] = token.split('.')
  const expected = createHmac('sha256', key).update(`${header}.${payload}`).digest()
  const given = Buffer.from(signature, 'base64url')
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return null
  const value = JSON.parse(Buffer.from(payload ?? '', 'base64url').toString()) as { exp: number }
  return value.exp * 1000 > now ? (value as T) : null
}

/** The cookie that tells who is signed in. Two clients of one app differ by `mailboxInfo`. */
export function cookieName({ appId }: AurinkoApp, mailboxInfo: string | null): string {
  const suffix = mailboxInfo && `_${Buffer.from(mailboxInfo).toString('hex')}`
  return `AUR${appId}${suffix ?? ''}`
}

export function readCookie(request: Request, name: string): string | undefined {
  const pairs = (request.headers.get('cookie') ?? '').split(/;\s*/)
  return pairs.find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1)
}

/** The user that the cookie of this client app names. */
export function userOfCookie(
  request: Request,
  { app, sessions, users }: AurinkoState,
  mailboxInfo: string | null,
): User | undefined {
  const value = readCookie(request, cookieName(app, mailboxInfo))
  return users.get(sessions.get(value ?? '') ?? '')
}
