import type { ReactElement, ReactNode } from 'react'
import { describe, expectTypeOf, it } from 'vitest'

import type { AuthClient } from '../../src/api.js'
import type { AuthError } from '../../src/errors.js'
import type { AuraSession } from '../../src/index.js'
import {
  AuthFailed,
  AuthProvider,
  SignedIn,
  useAuth,
  useSession,
  useSessionSuspense,
  useUser,
} from '../../src/react/index.js'
import type { ClientOf, SessionOf } from '../../src/register.js'
import type { SessionState } from '../../src/types.js'
import { team, type App, type Team } from '../register.js'

// Fails when a hook's type is not what an app registered, or does not narrow.

describe('Register', () => {
  it('types every hook', () => {
    expectTypeOf(useAuth).toEqualTypeOf<() => App>()
    expectTypeOf(useSession()).toEqualTypeOf<SessionState<AuraSession>>()
    expectTypeOf(useUser()).toEqualTypeOf<AuraSession['user'] | null>()
    expectTypeOf(useSession((state) => state.data?.expiresAt)).toEqualTypeOf<
      number | null | undefined
    >()
  })

  it('types the provider and the components', () => {
    expectTypeOf(AuthProvider).parameter(0).toHaveProperty('client').toEqualTypeOf<App>()
    expectTypeOf(AuthProvider)
      .parameter(0)
      .toHaveProperty('initialSession')
      .toEqualTypeOf<AuraSession | null | undefined>()
    expectTypeOf(AuthProvider).returns.toExtend<ReactElement>()
    expectTypeOf(SignedIn)
      .parameter(0)
      .toHaveProperty('children')
      .toEqualTypeOf<ReactNode | ((session: AuraSession) => ReactNode)>()
    expectTypeOf(AuthFailed)
      .parameter(0)
      .toHaveProperty('children')
      .toEqualTypeOf<ReactNode | ((error: AuthError, retry: () => void) => ReactNode)>()
    // @ts-expect-error -- another backend's client is not the one registered
    AuthProvider({ client: team })
  })

  it('reads the client and its session, with the adapter’s methods', () => {
    expectTypeOf<ClientOf<{ client: typeof team }>>().toEqualTypeOf<typeof team>()
    expectTypeOf<SessionOf<{ client: typeof team }>>().toEqualTypeOf<Team>()
  })

  it('is a client of Aura when the app says nothing', () => {
    expectTypeOf<ClientOf<object>>().toEqualTypeOf<AuthClient<AuraSession>>()
    expectTypeOf<SessionOf<object>>().toEqualTypeOf<AuraSession>()
  })
})

describe('a given client', () => {
  it('is where the types come from', () => {
    expectTypeOf(useSession(team)).toEqualTypeOf<SessionState<Team>>()
    expectTypeOf(useSession(team, (state) => state.data?.user.team)).toEqualTypeOf<
      string | undefined
    >()
    expectTypeOf(useUser(team)).toEqualTypeOf<Team['user'] | null>()
    expectTypeOf(useSessionSuspense(team).data).toEqualTypeOf<Team | null>()
  })
})

describe('a state', () => {
  const state = useSession()

  it('narrows on its status', () => {
    if (state.status === 'authenticated') expectTypeOf(state.data).toEqualTypeOf<AuraSession>()
    else expectTypeOf(state.data).toEqualTypeOf<null>()
    if (state.status === 'error') expectTypeOf(state.error).toEqualTypeOf<AuthError>()
    if (state.isPending) expectTypeOf(state.status).toEqualTypeOf<'pending'>()
  })

  it('is never pending where a component suspends', () => {
    expectTypeOf(useSessionSuspense().status).toEqualTypeOf<
      'authenticated' | 'unauthenticated' | 'error'
    >()
  })
})
