'use client'

import { useMemo, useSyncExternalStore } from 'react'

import type { AuthClient } from '../api.js'
import type { Session, SessionState } from '../types.js'
import { useBinding } from './context.js'
import type { RegisteredClient, RegisteredSession, RegisteredState } from '../register.js'

/** A state somebody answered for, or failed to: everything but `pending`. */
export type SettledState<S extends Session = RegisteredSession> = Exclude<
  SessionState<S>,
  { readonly isPending: true }
>

type Selector<S extends Session, T> = (state: SessionState<S>) => T

/** The provider's client, always the same object: for `signIn` and `signOut`. */
export function useAuth(): RegisteredClient {
  return useBinding().client as RegisteredClient
}

/**
 * What is known of the session, or the part of it that `selector` takes: the component renders
 * again only when that part changes. The first component that shows it starts the one lookup.
 *
 * A selector that builds an object builds a new one for every state; take a part, or a primitive.
 *
 * @example
 * const { status, data, error } = useSession()
 * const name = useSession((state) => state.data?.user.name)
 * const session = useSession(auth) // needs no provider
 */
export function useSession(): RegisteredState
export function useSession<T>(selector: (state: RegisteredState) => T): T
export function useSession<S extends Session>(client: AuthClient<S>): SessionState<S>
export function useSession<S extends Session, T>(client: AuthClient<S>, selector: Selector<S, T>): T
export function useSession<S extends Session>(
  first?: AuthClient<S> | Selector<S, unknown>,
  second?: Selector<S, unknown>,
): unknown {
  const [client, selector] = typeof first === 'function' ? [undefined, first] : [first, second]
  return useSlice(client, selector ?? whole)
}

/**
 * Who is signed in. `null`: nobody, or nobody knows yet; `useSession().status` tells which.
 *
 * @example
 * const user = useUser()
 * return user ? <img src={user.image ?? '/nobody.svg'} /> : null
 */
export function useUser(): RegisteredSession['user'] | null
export function useUser<S extends Session>(client: AuthClient<S>): S['user'] | null
export function useUser<S extends Session>(client?: AuthClient<S>): S['user'] | null {
  return useSlice(client, user)
}

/**
 * As `useSession()`, but suspends until the first answer, so that it is never `pending`. A lookup
 * that failed does not throw, since it may succeed later: that is the status `error`.
 *
 * On a server it needs `initialSession`; without, the nearest `<Suspense>` is left to the browser.
 */
export function useSessionSuspense(): SettledState
export function useSessionSuspense<S extends Session>(client: AuthClient<S>): SettledState<S>
export function useSessionSuspense<S extends Session>(client?: AuthClient<S>): SettledState<S> {
  const binding = useBinding(client)
  const state = useSlice(binding.client, whole)
  if (!state.isPending) return state
  // There is nothing to wait for on a server, where nobody asks.
  if (typeof document === 'undefined') {
    throw new Error('useSessionSuspense() needs <AuthProvider initialSession={…}> on a server.')
  }
  // oxlint-disable-next-line typescript/only-throw-error -- how React 18 suspends
  throw binding.client.ready()
}

function useSlice<S extends Session, T>(
  given: AuthClient<S> | undefined,
  selector: Selector<S, T>,
): T {
  const { client, server } = useBinding(given)
  const { session } = client
  const select = useMemo(() => oncePerState(selector), [selector])
  return useSyncExternalStore(
    // oxlint-disable-next-line typescript/unbound-method -- a nanostore has no `this`
    session.listen,
    () => select(current(session.value, server)),
    () => select(server),
  )
}

/**
 * What to render in a browser: the server's state for as long as nothing else is known, and the
 * very same object while nothing else is true, so that hydration needs no second render.
 */
function current<S extends Session>(
  live: SessionState<S>,
  server: SessionState<S>,
): SessionState<S> {
  const same =
    live.status === server.status && live.data === server.data && live.error === server.error
  return same || live.isPending ? server : live
}

/** React wants the same slice for the same state, or it renders for ever. */
function oncePerState<State, T>(selector: (state: State) => T): (state: State) => T {
  let last: State | undefined
  let slice: T
  return (state) => {
    if (last !== state) slice = selector(state)
    last = state
    return slice
  }
}

function whole<State>(state: State): State {
  return state
}

function user<S extends Session>(state: SessionState<S>): S['user'] | null {
  return state.data ? state.data.user : null
}
