'use client'

export {
  AuthFailed,
  AuthPending,
  SignedIn,
  SignedOut,
  type AuthFailedProps,
  type GuardProps,
  type SignedInProps,
} from './components.js'
export { AuthProvider, type AuthProviderProps } from './provider.js'
export { useAuth, useSession, useSessionSuspense, useUser, type SettledState } from './session.js'
