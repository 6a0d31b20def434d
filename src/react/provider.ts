'use client'

import {
  createElement,
  useEffect,
  useLayoutEffect,
  useMemo,
  type ReactElement,
  type ReactNode,
} from 'react'

import type { AuthClient } from '../api.js'
import { known } from '../state.js'
import type { Session } from '../types.js'
import type { RegisteredClient, RegisteredSession } from '../register.js'
import { AuthContext, type Binding } from './context.js'

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

/** On the server the store is never written: it may serve every user. So this is kept beside it. */
function bind<S extends Session>(client: AuthClient<S>, initial?: S | null): Binding<S> {
  return { client, server: initial === undefined ? client.session.init : known(initial) }
}
