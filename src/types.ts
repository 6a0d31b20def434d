import type { ReadableAtom } from 'nanostores'

import type { Env } from './env.js'
import type { AuthError } from './errors.js'
import type { SignInOptions, StorageOption } from './options.js'

export type * from './debug.js'

/** Who is signed in: the same shape from every backend. `null`: the backend knows no such thing. */
export interface User {
  readonly id: string
  readonly name: string | null
  readonly email: string | null
  readonly image: string | null
}

/** What a page may know of a sign-in. Never a token. */
export interface Session {
  readonly user: User
  /** ms since the epoch on this machine's clock. `null`: no known end. */
  readonly expiresAt: number | null
  /** The backend's own object. A change in it alone replaces the state but notifies nobody. */
  readonly raw: unknown
}

/**
 * What is known. `pending`: nobody answered yet. `error`: nobody ever answered, and the last try
 * failed. A failed try never erases knowledge: it stays, with `error` set until the next answer.
 */
export type SessionState<S extends Session = Session> =
  | {
      readonly status: 'pending'
      readonly isPending: true
      readonly data: null
      readonly error: null
    }
  | {
      readonly status: 'authenticated'
      readonly isPending: false
      readonly data: S
      readonly error: AuthError | null
    }
  | {
      readonly status: 'unauthenticated'
      readonly isPending: false
      readonly data: null
      readonly error: AuthError | null
    }
  | {
      readonly status: 'error'
      readonly isPending: false
      readonly data: null
      readonly error: AuthError
    }

/** A nanostore whose `.value` can always be read, without mounting it. */
export type ReadyAtom<T> = ReadableAtom<T> & { readonly value: T; readonly init: T }

// ── The adapter contract ──────────────────────────────────────────────────────────────────────

/** What an adapter is made from. */
export interface ClientConfig {
  /** Absolute, without a trailing slash, query or fragment; else the page's own origin. */
  readonly baseURL: string
  /** Page of this app that sign-ins come back to, as the app named it. */
  readonly callbackURL?: string | undefined
  /** Where the app wants tokens kept. `undefined`: where the adapter keeps them by itself. */
  readonly storage?: StorageOption | undefined
  /** What the app sends with every request to the backend. */
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** The app's `fetch` and `headers`, for what outlives one operation. */
  readonly fetch?: typeof fetch | undefined
  /** The same without those, for what is not sent to the backend: requests of the app itself. */
  readonly plainFetch?: typeof fetch | undefined
  /** The page. `undefined` on a server, where nobody is signed in. */
  readonly env?: Env | undefined
}

/** Makes an {@link Adapter} for one client. `S`: its session, `M`: the methods it adds. */
export type AdapterFactory<S extends Session = Session, M extends object = object> = (
  config: ClientConfig,
) => Adapter<S, M>

/** What one backend says on the wire. An adapter knows no DOM, no timers and no other adapter. */
export interface Adapter<S extends Session = Session, M extends object = object> {
  /** `'aura'`, `'gotrue'`, … */
  readonly id: string
  /** Base URL, or issuer and client id: keeps two clients of one page apart. */
  readonly realm: string
  /** Tokens come with the landing: until it is read, nobody asks who is signed in. */
  readonly credential: 'cookie' | 'tokens'
  /** How far the credential reaches. Left out: every tab of this browser. */
  readonly reach?: 'page' | 'tab' | undefined
  /** ms a sign-in may take, the user's reading and typing included. */
  readonly ttl: number
  /**
   * Gets ready what `start` needs to answer synchronously: metadata to fetch, code to load. Done
   * before `start`, `finish`, `stuck` and `signOut` are used, so these may come with it.
   */
  prepare?: () => Promise<unknown>
  /**
   * Where a sign-in starts. Synchronous once `prepare` is done, if it can be: nothing then stands
   * between click and provider. Throws `AuthError` when the backend would refuse this landing.
   */
  start: (request: StartRequest, io: AdapterIO) => Start | Promise<Start>
  /**
   * Whether a landing that carries no id is this backend's (mail links, a dropped parameter): by what
   * nobody else would send, for it answers what is left of the address without that. Not asked for an
   * `error` on the page that a sign-in was to come back to: that is taken for its landing. `pending`:
   * a redirect to another page, and whether it may have ended on this one.
   */
  claims?: (url: URL, pending?: Transaction) => string | false
  /**
   * Where a sign-in starts when nothing more of this adapter can be loaded: it comes back to `page`
   * without an id, and whoever is signed in is found by {@link Adapter.load}.
   */
  enter?: (provider: string, page: string) => string
  /**
   * Reads a landing, errors too. `null`: arrived, ask {@link Adapter.load}; `undefined`: no sign-in.
   * `isOver`: whether a sign-out has come meanwhile, here or in another tab: then nothing is kept.
   */
  finish: (landing: Landing, io: AdapterIO, isOver: () => boolean) => Promise<S | null | undefined>
  /** Why a user who arrived may be nobody to {@link Adapter.load}: what `cookie_blocked` then says. */
  readonly blocked?: string
  /**
   * An origin, not the app's own, whose pages in a popup tell the page that opened them that something
   * has happened. Nothing of what they say is believed: it is a reason to ask {@link Adapter.load}.
   */
  readonly wakes?: string
  /**
   * What a popup's page of this origin means that is not the landing. `'arrived'`: nothing will call
   * back, so ask {@link Adapter.load}; `null`: wait on.
   */
  stuck?: (page: { readonly url: URL; readonly text: string }) => AuthError | 'arrived' | null
  /** `null`: the backend *said* signed out. Rejects for everything else. */
  load: (io: AdapterIO) => Promise<S | null>
  /**
   * Rejects when the backend still holds the session. `revoked`: it confirmed the end, or a promise
   * of that, which never rejects: the session is over here without it; `url`: where the browser must
   * go to finish it; `stays`: this session was not meant. `redirectTo`: the page to be at afterwards,
   * `''` if any will do. `scope`: as the caller has it.
   */
  signOut: (
    session: S | null,
    io: AdapterIO,
    redirectTo: string,
    scope?: 'local' | 'global' | 'others',
  ) => Promise<{ revoked: boolean | Promise<boolean>; url?: string; stays?: boolean }>
  /** A sign-out heard from another tab, maybe late: drops what this one holds by itself. */
  forget?: () => Promise<void>
  /** What only this backend can do, merged into the client. */
  methods?: (kit: AdapterKit<S>) => M
}

/** What an adapter's own methods work with. */
export interface AdapterKit<S extends Session = Session> {
  /** One operation under the client's deadline; rejects with `AuthError` only. */
  readonly run: Runner
  /** What is known. */
  readonly session: ReadyAtom<SessionState<S>>
  /** The landing that this page came by has been read, whatever came of it. Never rejects. */
  readonly completed: Promise<unknown> | undefined
  /** Loads what is not there yet, of the adapter too. Rejects `network`. */
  readonly prepare: () => Promise<void>
  /** The client's own, by popup or by redirect. Call it in the click, with nothing awaited before. */
  readonly signIn: (provider: string, options?: AuthorizeOptions) => Promise<S>
  /** Makes this the session at once, overtaking every lookup under way. */
  readonly set: (session: S | null) => void
  /** Asks the backend now, overtaking the lookup under way. Rejects when there is no answer. */
  readonly load: () => Promise<S | null>
}

/** A sign-in, or what goes the same way for another reason. */
export interface AuthorizeOptions extends SignInOptions {
  /** Default `'signIn'`. */
  readonly intent?: StartRequest['intent']
  /** Options of this backend alone: {@link StartRequest.own}. */
  readonly [own: string]: unknown
}

/** Runs one operation of an adapter under one deadline and one abort signal. */
export type Runner = <T>(
  work: (io: AdapterIO) => T | Promise<T>,
  signal?: AbortSignal,
) => Promise<T>

export interface StartRequest {
  /** 22 characters of base64url, 128 random bits: correlates the landing, in `state` or `latchkey`. */
  readonly id: string
  /**
   * `'link'`: another account of whoever is signed in. `'reauthorize'`: one that they have, whose
   * access at the provider has ended.
   */
  readonly intent: 'signIn' | 'link' | 'reauthorize'
  readonly provider: string
  /** The page the backend is to come back to. */
  readonly landing: URL
  /** `false`: nobody named that page, so one near it will do where the backend refuses it. */
  readonly exact: boolean
  /** Where the user ends up: a full URL of this origin. */
  readonly redirectTo: string
  readonly popup: boolean
  readonly scopes: readonly string[] | undefined
  readonly params: Readonly<Record<string, string>> | undefined
  /** What the options had besides, which only this backend knows. JSON. */
  readonly own: Readonly<Record<string, unknown>>
}

export interface Start {
  readonly url: string
  /** Kept in this tab until the landing: a PKCE verifier, a nonce. JSON. */
  readonly secret?: unknown
}

/** A sign-in under way: what was asked for. Kept as JSON in this tab's `sessionStorage`. */
export interface Transaction extends Omit<StartRequest, 'landing'> {
  /** The page the backend was to come back to: OAuth's `redirect_uri`. */
  readonly landing: string
  readonly realm: string
  /** What {@link Start.secret} was. */
  readonly secret?: unknown
  /** Where the browser came back to, when that was `latchkey/callback`, which sent the user on. */
  readonly landed?: string
  /** ms since the epoch: the start, and the adapter's `ttl`. */
  readonly expiresAt: number
}

export interface Landing {
  /** As the browser arrived, parameters and all. */
  readonly url: URL
  /** `null`: this tab started no such sign-in. */
  readonly transaction: Transaction | null
}

export interface AdapterIO {
  readonly fetch: typeof fetch
  /** ms since the epoch. */
  readonly now: () => number
  /** Aborted at the deadline or by the caller, with an `AuthError` as its reason. */
  readonly signal: AbortSignal
}
