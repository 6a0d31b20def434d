import type { Keys } from './keys.js'
import type { GoTrueKnobs, Person } from './knobs.js'
import type { Message } from './messages.js'

/** The fork of April 2022, or the server as it is today. They are two protocols. */
export type Flavor = 'fork2022' | 'current'

/** What a message carried. `token` is empty once it was used; `sentAt` limits how often one goes out. */
export interface OneTime {
  token: string
  sentAt: number
}

export interface Identity {
  /** What `DELETE /user/identities/{id}` wants; the fork does not say it. */
  readonly identityId: string
  /** The provider's own id of this person. */
  readonly id: string
  readonly provider: string
  data: Record<string, unknown>
  lastSignInAt: number
  readonly createdAt: number
}

/** A row of `users`. Empty text for absent addresses, as the server's JSON has it. */
export interface User {
  readonly id: string
  email: string
  phone: string
  password: string | null
  readonly createdAt: number
  updatedAt: number
  emailConfirmedAt: number | null
  phoneConfirmedAt: number | null
  invitedAt: number | null
  lastSignInAt: number | null
  confirmation: OneTime | null
  recovery: OneTime | null
  reauthentication: OneTime | null
  /** The token that went to the address so far, and the one that went to the new one. */
  emailChange: { email: string; current: OneTime; next: OneTime; confirmed: boolean } | null
  phoneChange: ({ phone: string } & OneTime) | null
  appMetadata: Record<string, unknown>
  userMetadata: Record<string, unknown>
  identities: Identity[]
  isAnonymous: boolean
  banned: boolean
}

/** A row of `sessions`, which the fork does not have. */
export interface Session {
  readonly id: string
  readonly userId: string
  readonly createdAt: number
  refreshedAt: number
  /** How it began: `password`, `otp`, `oauth`, … */
  readonly method: string
  /** Of version 2 refresh tokens: the key that signs them, and the number of the active one. */
  readonly hmacKey: Buffer
  counter: number
}

/** A row of `refresh_tokens`: the fork's, and version 1 of the current server's. */
export interface RefreshToken {
  readonly token: string
  readonly userId: string
  /** `null`: the first of its family. */
  readonly parent: string | null
  /** `null` on the fork. */
  readonly sessionId: string | null
  revoked: boolean
  updatedAt: number
}

/** A row of `flow_state`: where a sign-in at a provider stands, or a PKCE link from a mail. */
export interface Flow {
  readonly id: string
  /** `oauth`, `email/signup`, `magiclink`, `recovery`, `email_change`, `invite`. */
  readonly method: string
  readonly provider: string
  /** `null`: implicit. */
  readonly challenge: { readonly value: string; readonly method: string } | null
  readonly authCode: string
  readonly redirectTo: string
  readonly inviteToken: string
  /** Who wants the identity linked. `null`: it is a sign-in. */
  readonly linkTo: string | null
  readonly createdAt: number
  /** Known from the start for mails, and from the callback on for providers. */
  userId: string | null
  codeIssuedAt: number | null
  providerToken: string
  providerRefreshToken: string
}

/** What the stand-in remembers, in memory only. */
export interface GoTrueState {
  readonly flavor: Flavor
  readonly refreshTokenVersion: 1 | 2
  /** `SITE_URL`, where people go when no better place is allowed. */
  readonly siteURL: string
  /** `API_EXTERNAL_URL`, without a trailing slash. */
  readonly url: string
  readonly providerURL: string
  readonly clientId: string
  readonly knobs: GoTrueKnobs
  readonly keys: Keys
  readonly now: () => number
  readonly outbox: Message[]
  readonly users: Map<string, User>
  readonly sessions: Map<string, Session>
  /** Oldest first, as a serial key would have them. */
  readonly refreshTokens: Map<string, RefreshToken>
  readonly flows: Map<string, Flow>
  /** The provider's codes, and who allowed them. */
  readonly providerCodes: Map<string, Person>
}
