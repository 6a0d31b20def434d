import type { SignInOptions } from '../../options.js'
import type { Session, User } from '../../types.js'

/** The 2022 fork of Netlify's server, or Supabase Auth as it is today: two protocols. */
export type Flavor = 'fork2022' | 'current'

/** How a session began. `recovery`: show a form for the new password; it is `signIn` after that. */
export type Kind = 'signIn' | 'signup' | 'invite' | 'recovery' | 'magiclink' | 'email_change'

export interface GoTrueUser extends User {
  readonly phone: string | null
  /** `user_metadata`: what a provider said, and what `updateUser({ data })` was given. */
  readonly data: Readonly<Record<string, unknown>>
}

/** A way for the user to sign in. `id`: what `unlinkIdentity` wants (the fork has no use for it). */
export interface Identity {
  readonly id: string
  /** `'email'`, `'github'`, … */
  readonly provider: string
}

/** GoTrue's own object, the fields that both flavors have. Empty text: no such address. */
export interface RawUser {
  readonly id: string
  readonly email?: string
  readonly phone?: string
  readonly app_metadata?: Readonly<Record<string, unknown>> | null
  readonly user_metadata?: Readonly<Record<string, unknown>> | null
  readonly identities?: readonly Readonly<Record<string, unknown>>[] | null
  readonly [field: string]: unknown
}

export interface GoTrueSession extends Session {
  readonly user: GoTrueUser
  readonly identities: readonly Identity[]
  readonly kind: Kind
  readonly raw: RawUser
}

/** What is neither a session nor an error. */
export type GoTrueEvent =
  /** A link said something: the first of the two that change an address. Show it as text. */
  | { readonly type: 'notice'; readonly message: string }
  /** The server did not allow the page that was asked for, and came back to another one. */
  | { readonly type: 'redirect_mismatch'; readonly wanted: string; readonly landed: string }

export interface GoTrueOptions {
  /** Which of the two it is. Left out: `/settings` is asked, before the first sign-in. */
  readonly flavor?: Flavor
  /** Sent with every sign-in at a provider, besides those of the call. */
  readonly scopes?: readonly string[]
  /** Origins that `fetch` adds the access token for: `['https://api.example']`. */
  readonly origins?: readonly string[]
  /**
   * What a link in a mail brings, on a current server. `'pkce'`, the default: a code that only this
   * browser can use, for five minutes (RFC 9700 §2.1.1). `'implicit'`: tokens, for any browser and
   * as long as the mail is good, and so also for a page that was made to sign somebody in as
   * somebody else. The fork knows nothing else.
   */
  readonly mailLinks?: 'pkce' | 'implicit'
  /** Keeps the provider's own tokens where the others are. Else they go with this page. */
  readonly keepProviderTokens?: boolean
  readonly onEvent?: (event: GoTrueEvent) => void
}

/** Who it is about. One of them. */
export type Address =
  | { readonly email: string; readonly phone?: never }
  | { readonly phone: string; readonly email?: never }

/** What a form may add. */
export interface Extras {
  /** What hCaptcha or Turnstile gave, where the server wants it. */
  readonly captchaToken?: string | undefined
  /** Becomes the user's `user_metadata`. */
  readonly data?: Readonly<Record<string, unknown>>
}

/** Page of this app that the link in a mail leads to. Left out: the server's `SITE_URL`. */
export interface Mailed {
  readonly redirectTo?: string | undefined
}

export interface Channel {
  /** How a phone is reached. */
  readonly channel?: 'sms' | 'whatsapp'
}

/** Proof that a message was read: the code in it, or (not on the fork) the hash in its link. */
export type Proof =
  | (Address & { readonly type: string; readonly token: string })
  | { readonly type: string; readonly tokenHash: string }

export interface UserChanges extends Mailed, Channel {
  readonly email?: string
  readonly phone?: string
  readonly password?: string
  /** Merged into `user_metadata`. */
  readonly data?: Readonly<Record<string, unknown>>
  /** The code that `reauthenticate` had sent. */
  readonly nonce?: string
  readonly currentPassword?: string
}

/** `/settings`, as it is. A provider that is `false` is off; one that is absent may be on. */
export interface Settings {
  readonly external?: Readonly<Record<string, boolean>>
  readonly disable_signup?: boolean
  readonly mailer_autoconfirm?: boolean
  readonly phone_autoconfirm?: boolean
  readonly [field: string]: unknown
}

export interface ProviderTokens {
  readonly accessToken: string
  readonly refreshToken: string | null
}

export type SignUp =
  | { readonly status: 'authenticated'; readonly session: GoTrueSession }
  /** A message was sent. Or not: a server does not say that an address is taken. */
  | { readonly status: 'confirmation_required'; readonly session: null }

/** What GoTrue can do besides signing in at a provider. Those that end in a session show it, too. */
export interface GoTrueMethods {
  readonly signUp: (
    account: Address & { readonly password: string } & Extras & Mailed & Channel,
  ) => Promise<SignUp>
  readonly signInWithPassword: (
    account: Address & { readonly password: string } & Pick<Extras, 'captchaToken'>,
  ) => Promise<GoTrueSession>
  /** Sends a code, in a mail also a link. Signs up who is new, unless `createUser: false`. */
  readonly signInWithOtp: (
    address: Address & { readonly createUser?: boolean } & Extras & Mailed & Channel,
  ) => Promise<void>
  readonly signInWithMagicLink: (
    address: { readonly email: string } & Extras & Mailed,
  ) => Promise<void>
  /** `null`: the first of the two proofs that change an address. */
  readonly verifyOtp: (proof: Proof) => Promise<GoTrueSession | null>
  /** Sends a link after which the session is of the kind `recovery`. */
  readonly recover: (
    address: { readonly email: string } & Pick<Extras, 'captchaToken'> & Mailed,
  ) => Promise<void>
  readonly resend: (
    message: Address & {
      readonly type: 'signup' | 'email_change' | 'sms' | 'phone_change'
    } & Pick<Extras, 'captchaToken'> &
      Mailed,
  ) => Promise<void>
  readonly updateUser: (changes: UserChanges) => Promise<GoTrueSession>
  /** Sends a code for `updateUser({ password, nonce })`. */
  readonly reauthenticate: () => Promise<void>
  /** Who it is, by the server; ends the session here if that is over there. */
  readonly getUser: () => Promise<GoTrueSession>
  /** As `signIn`, for who is signed in already: adds that provider to the user. */
  readonly linkIdentity: (
    provider: string,
    options?: SignInOptions,
  ) => Promise<GoTrueSession | string>
  readonly unlinkIdentity: (identityId: string) => Promise<void>
  readonly settings: () => Promise<Settings>
  readonly signInAnonymously: (extras?: Extras) => Promise<GoTrueSession>
  readonly signInWithIdToken: (
    proof: {
      readonly provider: string
      readonly idToken: string
      readonly nonce?: string
      readonly accessToken?: string
    } & Pick<Extras, 'captchaToken'>,
  ) => Promise<GoTrueSession>
  /** The provider's own, of a sign-in on this page. `null`: none, or not handed out. */
  readonly getProviderTokens: () => Promise<ProviderTokens | null>
  /** An access token that is good for a while, refreshed when it is not. `null`: signed out. */
  readonly getAccessToken: () => Promise<string | null>
  /** `fetch`, with the access token for the `origins` of this adapter and for no others. */
  readonly fetch: typeof fetch
}
