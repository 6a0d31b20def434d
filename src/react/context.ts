'use client'

import { createContext, useContext, type Context } from 'react'

import type { AuthClient } from '../api.js'
import type { Session, SessionState } from '../types.js'

/** A client, and what the server knew when it rendered this page. */
export interface Binding<S extends Session> {
  readonly client: AuthClient<S>
  readonly server: SessionState<S>
}

export const AuthContext: Context<unknown> = /* @__PURE__ */ createContext<unknown>(null)

/** The given client, or the provider's: with what the provider knows of it, if it is the same. */
export function useBinding<S extends Session>(given?: AuthClient<S>): Binding<S> {
  // That the provider's client is what the caller takes it for is what `Register` promises.
  const provided = useContext(AuthContext) as Binding<S> | null
  if (provided && (!given || given === provided.client)) return provided
  if (given) return { client: given, server: given.session.init }
  throw new Error('Use <AuthProvider client={auth}> or useSession(auth).')
}
