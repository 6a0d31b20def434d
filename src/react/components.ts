'use client'

import type { ReactNode } from 'react'

import type { AuthError } from '../errors.js'
import type { RegisteredSession } from '../register.js'
import { useAuth, useSession } from './session.js'

export interface SignedInProps {
  /** Shown to a visitor who is signed out, and to nobody else: not while that is unknown. */
  readonly fallback?: ReactNode
  readonly children?: ReactNode | ((session: RegisteredSession) => ReactNode)
}

/**
 * Shows its children to a signed-in user, also when the last refresh failed.
 *
 * @example
 * <SignedIn fallback={<SignInButton />}>{(session) => <p>Hello {session.user.name}</p>}</SignedIn>
 */
export function SignedIn({ fallback = null, children }: SignedInProps): ReactNode {
  const { status, data } = useSession()
  if (data) return typeof children === 'function' ? children(data) : children
  return status === 'unauthenticated' ? fallback : null
}

export interface GuardProps {
  readonly children?: ReactNode
}

/** Shows its children once the backend said that nobody is signed in, never before. */
export function SignedOut({ children }: GuardProps): ReactNode {
  return useSession(status) === 'unauthenticated' ? children : null
}

/** Shows its children until the first answer. Never again after it. */
export function AuthPending({ children }: GuardProps): ReactNode {
  return useSession(status) === 'pending' ? children : null
}

export interface AuthFailedProps {
  readonly children?: ReactNode | ((error: AuthError, retry: () => void) => ReactNode)
}

/**
 * Shows its children when nobody ever answered and the last try failed: neither signed in nor out.
 *
 * @example
 * <AuthFailed>{(error, retry) => <button onClick={retry}>{error.message} Try again</button>}</AuthFailed>
 */
export function AuthFailed({ children }: AuthFailedProps): ReactNode {
  const { refetch } = useAuth()
  const state = useSession()
  if (state.status !== 'error') return null
  return typeof children === 'function' ? children(state.error, () => void refetch()) : children
}

const status = (state: { readonly status: string }): string => state.status
