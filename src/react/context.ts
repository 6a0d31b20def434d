'use client'

import {
  createContext,
  createElement,
  useContext,
  useEffect,
  useLayoutEffect,
  useMemo,
  type Context,
  type ReactElement,
  type ReactNode,
} from 'react'

import type { AuthClient } from '../api.js'
import { known } from '../state.js'
import type { Session, SessionState } from '../types.js'
import type { RegisteredClient, RegisteredSession } from '../register.js'

/** A client, and what the server knew when it rendered this page. */
export interface Binding<S extends Session> {
  readonly client: AuthClient<S>
  readonly server: SessionState<S>
}

const AuthContext: Context<unknown> = /* @__PURE__ */ createContext<unknown>(null)

export interface AuthProviderProps {
  readonly client: RegisteredClient
  /**
   * What the server found out for this page: `null` signed out, `undefined` nothing. Known to every
   * component from the first render on, so nobody asks again. A later value is not looked at.
   */
  readonly initialSession?: RegisteredSession | null | undefined
  readonly children?: ReactNode
}

/**
 * Gives the client to every hook and component below.
 *
 * @example
 * <AuthProvider client={auth}>
 *   <App />
 * </AuthProvider>
 */
export function AuthProvider(props: AuthProviderProps): ReactElement {
  const { client, initialSession, children } = props
  const binding = useMemo(() => bind(client, initialSession), [client])
  // React 18 warns about layout effects on a server.
  const useCommit = typeof document === 'undefined' ? useEffect : useLayoutEffect
  // Not in the render: components outside may be listening already. Not in a passive effect: by
  // then the app's own effects may have called `getSession()`.
  useCommit(() => client.hydrate(initialSession), [client])
  return createElement(AuthContext.Provider, { value: binding }, children)
}

/** The given client, or the provider's: with what the provider knows of it, if it is the same. */
export function useBinding<S extends Session>(given?: AuthClient<S>): Binding<S> {
  // That the provider's client is what the caller takes it for is what `Register` promises.
  const provided = useContext(AuthContext) as Binding<S> | null
  if (provided && (!given || given === provided.client)) return provided
  if (given) return bind(given)
  throw new Error(
    'Whose session? Put <AuthProvider client={auth}> above, or call useSession(auth).',
  )
}

/** On the server the store is never written: it may serve every user. So this is kept beside it. */
function bind<S extends Session>(client: AuthClient<S>, initial?: S | null): Binding<S> {
  return { client, server: initial === undefined ? client.session.init : known(initial) }
}
