import type { SignInOptions, StorageOption } from './options.js'
import type { AdapterFactory, DebugEvent, ReadyAtom, Session, SessionState } from './types.js'

export type * from './options.js'

export interface ClientOptions<S extends Session = Session, M extends object = object> {
  /**
   * Where the backend is mounted, path included: `'http://localhost:3000/auth'`, or relative to the
   * page: `'/auth'`. Left out: the page's own origin, at the adapter's usual path.
   */
  readonly baseURL?: string
  /** The backend's dialect. Aura Auth (and `latchkey/server`) if left out. */
  readonly adapter?: AdapterFactory<S, M>
  /**
   * Page of this app that sign-ins come back to, when not straight to `redirectTo`: the client
   * finishes there and goes on to `redirectTo`. Required by `latchkey/oidc`, whose redirect URI it is.
   */
  readonly callbackURL?: string
  /**
   * Where a redirect is kept while it is under way. `'local'`: in `localStorage`, for returns in
   * another tab (iOS, by way of an app), where every page of the origin can read it until then.
   * Default `'session'`, this tab alone.
   */
  readonly transactionStorage?: 'session' | 'local'
  /** Where an adapter that holds tokens keeps them. Left out: the adapter's own choice. */
  readonly storage?: StorageOption
  readonly session?: {
    /** What the server already knows: `null` signed out, `undefined` nothing. */
    readonly initial?: S | null
    /**
     * ms between two lookups (1000 at least) while somebody is signed in, looks at the page and is
     * online; one tab asks for all. Never, if left out: a session is asked for again when the user comes back to the
     * page, when it is about to expire, and when the network is back.
     */
    readonly pollInterval?: number
    /** ms before `expiresAt` to ask. A fifth of the session's life, at most a minute, if left out. */
    readonly leeway?: number
    /**
     * What other tabs' answers are worth here. `'adopt'`: they hold the same credential, so what
     * they know is true here too; the default with cookies. `'ask'`: a sign-out is taken over, a
     * sign-in is asked for. `'off'`: nothing is told and nothing is heard.
     */
    readonly tabs?: 'adopt' | 'ask' | 'off'
  }
  /** Goes to a page of this app: a router's `push`. `location.replace` if left out. */
  readonly navigate?: (url: string) => void
  /** Used for every request. Read `globalThis.fetch` at each call if left out. */
  readonly fetch?: typeof fetch
  /** Sent with every request to the backend, whose CORS must allow each one across origins. */
  readonly headers?: Readonly<Record<string, string>>
  /** Told what the client does and why. Never a token, never logged by Latchkey itself. */
  readonly debug?: (event: DebugEvent) => void
}

export interface SignOutOptions {
  /**
   * Whose session ends: this one, all of the user's, or all but this one. Where the backend tells
   * them apart (`latchkey/gotrue`, `'local'` if left out); no other adapter looks at it.
   */
  readonly scope?: 'local' | 'global' | 'others'
  /** Page of this app to go to afterwards, under the rules of {@link SignInOptions.redirectTo}. */
  readonly redirectTo?: string
  readonly signal?: AbortSignal
}

/** A finished sign-in. */
export interface SignInResult<S extends Session = Session> {
  readonly session: S
  /** Full URL of this origin. */
  readonly redirectTo: string
}

export interface AuthClient<S extends Session = Session> {
  /** What is known, as a nanostore. The first listener starts the first lookup; reading does not. */
  readonly session: ReadyAtom<SessionState<S>>
  /** Whether a lookup is running. */
  readonly fetching: ReadyAtom<boolean>
  /**
   * Leaves for the provider, or opens it in a popup. Rejects `invalid_provider`, `invalid_redirect`,
   * `storage_unavailable`, `aborted` or `unsupported_environment` before any navigation.
   *
   * A redirect settles only when there is nothing left to wait for: `redirect_cancelled` when the
   * user comes Back. A popup resolves with the session and rejects with the provider's error
   * (`access_denied`), `popup_closed`, `popup_blocked`, `popup_timeout`, `superseded` or `aborted`;
   * a user who finishes after `popup_closed` is signed in all the same.
   */
  readonly signIn: {
    (provider: string, options: SignInOptions & { readonly redirect: false }): Promise<string>
    (provider: string, options?: SignInOptions & { readonly popup?: false }): Promise<never>
    (provider: string, options: SignInOptions): Promise<S>
  }
  /**
   * Loads what signing in and out needs, so that the next click waits for nothing. The client does
   * so by itself once it knows that nobody is signed in; call it where nobody asks for a session.
   * Rejects `network` when that part of the app cannot be loaded.
   */
  readonly prepare: () => Promise<void>
  /**
   * Ends the session at the backend. Rejects, and stays signed in, when the backend could not be
   * reached or refused. `revoked`: the backend confirmed.
   */
  readonly signOut: (options?: SignOutOptions) => Promise<{ readonly revoked: boolean }>
  /**
   * What is known, asking only when nothing is (or with `fresh`). `null`: signed out. Rejects with
   * the lookup's `AuthError` when nobody ever answered, or when a `fresh` answer could not be had.
   * Where nobody listens to `session`, nothing keeps it fresh: this then asks again behind its back.
   */
  readonly getSession: (options?: { readonly fresh?: boolean }) => Promise<S | null>
  /** Asks the backend now, joining a lookup under way unless `fresh`. Never rejects. */
  readonly refetch: (options?: { readonly fresh?: boolean }) => Promise<SessionState<S>>
  /** Resolves with the first state that is not `pending`; at once, and `pending`, on a server. */
  readonly ready: () => Promise<SessionState<S>>
  /**
   * Takes over what a server already found out for this page, so that nobody asks again: `null`
   * signed out, `undefined` unknown. Ignored once anything is known, and on a server, where one
   * client would serve everybody.
   */
  readonly hydrate: (session: S | null | undefined) => void
  /**
   * The outcome of the sign-in this page was landed on by, once per page. `null`: it was not.
   * Rejects with the provider's error (`access_denied`), `state_unknown`, `cookie_blocked`, or the
   * lookup's error. The client finishes a landing by itself: call this to show what went wrong.
   */
  readonly completeSignIn: (url?: string) => Promise<SignInResult<S> | null>
  /**
   * Ends the popup, the talk between tabs, and all asking. A request under way is let go: its answer
   * is not taken. The stores keep their last value.
   */
  readonly dispose: () => void
}
