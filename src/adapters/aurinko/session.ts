import type { Answer } from '../../http.js'
import type { Session } from '../../types.js'

/** A mailbox, calendar or CRM that the user has connected. */
export interface AurinkoAccount {
  readonly id: string
  /** The primary account is the one that the user signs in with. */
  readonly role: 'primary' | 'secondary'
  /** Aurinko's `serviceType`: `'Google'`, `'Office365'`, `'IMAP'`, … */
  readonly service: string
  /** `'invalid'` may mend itself, `'dead'` does not. */
  readonly tokenStatus: 'active' | 'invalid' | 'dead'
  /** Aurinko has lost its access: offer `reauthorize`. The session is good all the same. */
  readonly needsReauth: boolean
  readonly name: string | null
  readonly email: string | null
  readonly scopes: readonly string[]
}

export interface AurinkoSession extends Session {
  /** Newest first or in any other order: `role` tells which is which. */
  readonly accounts: readonly AurinkoAccount[]
  /** Whether one of them does. */
  readonly needsReauth: boolean
  /** `GET /v1/user`. */
  readonly raw: AurinkoUser
}

/** What Aurinko says of a user, as far as it is read here. */
export interface AurinkoUser {
  readonly id: string
  readonly name?: string | null
  readonly email?: string | null
  readonly accounts?: readonly AurinkoRecord[]
  readonly [field: string]: unknown
}

/** What Aurinko says of an account, as far as it is read here. */
export interface AurinkoRecord {
  readonly id: number
  readonly serviceType: string
  readonly userAccountType: 'primary' | 'secondary'
  readonly tokenStatus: 'active' | 'invalid' | 'dead'
  readonly name?: string | null
  readonly email?: string | null
  readonly scopes?: readonly string[] | null
  readonly [field: string]: unknown
}

export function toAccount(record: AurinkoRecord): AurinkoAccount {
  const { id, tokenStatus, scopes, name = null, email = null } = record
  return {
    id: String(id),
    role: record.userAccountType,
    service: record.serviceType,
    tokenStatus,
    needsReauth: tokenStatus === 'dead',
    name,
    email,
    scopes: scopes ?? [],
  }
}

/** Aurinko's own user as the client's session: what a server passes on as `initialSession`. */
export function toAurinkoSession(raw: AurinkoUser): AurinkoSession {
  const { id, name = null, email = null } = raw
  const accounts = (raw.accounts ?? []).map(toAccount)
  const needsReauth = accounts.some((account) => account.needsReauth)
  return { user: { id, name, email, image: null }, expiresAt: null, accounts, needsReauth, raw }
}

/** `GET /v1/user`. Throws for what is neither a user nor the word that nobody is signed in. */
export async function readUser(answer: Answer): Promise<AurinkoSession | null> {
  const { status, body } = answer
  const user = body as (AurinkoUser & { readonly code?: unknown }) | null | undefined
  if (status === 200 && user?.id) return toAurinkoSession(user)
  // What whoever is signed out is told. All else is rare, and can be a lot.
  if (status === 401 && user?.code === 'unauthorized') return null
  const { problem } = await import('./problem.js')
  const error = problem(answer)
  if (error.code === 'no_session') return null
  throw error
}
