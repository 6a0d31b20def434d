import type { SignInOptions } from '../../api.js'
import type { AurinkoAccount, AurinkoSession } from './session.js'

export interface AurinkoOptions {
  /** The app's, from Aurinko's portal. Never its secret, which a browser cannot keep. */
  readonly clientId: string
  /**
   * `'cookie'` (default): Aurinko's own cookie, by a rewrite of `/v1/*`. `'code'`: a cookie of the
   * app's own server, `aurinko()` of `latchkey/server`.
   */
  readonly mode?: 'cookie' | 'code'
  /** Where that server is mounted, such as `'/aurinko'`. Mode `'code'` needs it. */
  readonly bridgeURL?: string
  /** The header that names the client. Default `'X-Aurinko-Client-Id'`. */
  readonly clientIdHeader?: 'X-Aurinko-Client-Id' | 'X-Aurinko-ClientId'
  /** Tells the sessions of several clients of one Aurinko app apart. */
  readonly mailboxInfo?: string
}

/** Case counts. Any other that Aurinko has will do. */
export type AurinkoService =
  | 'Google'
  | 'Office365'
  | 'EWS'
  | 'IMAP'
  | 'iCloud'
  | 'Hubspot'
  | 'Salesforce'
  | 'Slack'
  | 'Zoom'
  | 'Webex'
  | 'Zoho'
  | (string & {})

export interface AurinkoSignInOptions extends SignInOptions {
  /** Aurinko's: `'Mail.Read'`, `'Calendar.ReadWrite'`, … IMAP needs some. */
  readonly scopes?: readonly string[]
  /** The provider's own. */
  readonly nativeScopes?: readonly string[]
  /** The address to sign in with, where it is known. */
  readonly loginHint?: string
  /** For servers such as Exchange and IMAP: filled in for the user. */
  readonly serverUrl?: string
  /** Fail unless all scopes were granted. */
  readonly ensureScopes?: boolean
  /** Fail unless the account can be used. */
  readonly ensureAccess?: boolean
  /** The adapter's own. Tokens never come to the browser. */
  readonly responseType?: never
}

/** As `signIn` of the client. */
export interface Authorize<T> {
  (of: T, options: AurinkoSignInOptions & { readonly redirect: false }): Promise<string>
  (of: T, options?: AurinkoSignInOptions & { readonly popup?: false }): Promise<never>
  (of: T, options: AurinkoSignInOptions): Promise<AurinkoSession>
}

/** What {@link aurinko} adds to the client. */
export interface AurinkoMethods {
  /** As of any client, with Aurinko's own options. */
  readonly signIn: Authorize<AurinkoService>
  /** Connects one more account of the user. Rejects `no_session`, and opens nothing, without one. */
  readonly linkAccount: Authorize<AurinkoService>
  /** Renews Aurinko's access to an account that has lost it. */
  readonly reauthorize: Authorize<Pick<AurinkoAccount, 'id' | 'role' | 'service' | 'email'>>
  /** All accounts, asked for now, page by page. */
  readonly accounts: () => Promise<readonly AurinkoAccount[]>
  /** Disconnects an account. Without the primary one the user is signed out. */
  readonly removeAccount: (account: Pick<AurinkoAccount, 'id' | 'role'>) => Promise<void>
}
