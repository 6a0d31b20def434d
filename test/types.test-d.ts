import { describe, expectTypeOf, it } from 'vitest'

import {
  AuthError,
  aura,
  createAuthClient,
  isAuthError,
  type AdapterFactory,
  type AuraSession,
  type AuthErrorCode,
  type Session,
  type SessionState,
  type User,
} from '../src/index.js'

// Fails when a type no longer says what the client does. Nothing here is run.

interface Team extends Session {
  readonly user: User & { readonly team: string }
}
declare const teams: AdapterFactory<Team, { readonly invite: (email: string) => void }>
declare const state: SessionState<Team>

describe('a state', () => {
  it('narrows on its status', () => {
    if (state.status === 'authenticated') {
      expectTypeOf(state.data).toEqualTypeOf<Team>()
      expectTypeOf(state.error).toEqualTypeOf<AuthError | null>()
      expectTypeOf(state.isPending).toEqualTypeOf<false>()
    } else {
      expectTypeOf(state.data).toEqualTypeOf<null>()
    }
    if (state.status === 'error') expectTypeOf(state.error).toEqualTypeOf<AuthError>()
    if (state.status === 'pending') expectTypeOf(state.error).toEqualTypeOf<null>()
  })

  it('narrows on isPending', () => {
    if (state.isPending) expectTypeOf(state.status).toEqualTypeOf<'pending'>()
    else expectTypeOf(state.status).not.toEqualTypeOf<'pending'>()
  })

  it('is for reading', () => {
    // @ts-expect-error -- only the store changes it
    state.status = 'pending'
  })
})

describe('a client', () => {
  const auth = createAuthClient({ baseURL: 'http://localhost:3000/auth' })
  const team = createAuthClient({ adapter: teams })

  it('has its adapter’s session and methods', () => {
    expectTypeOf(auth.session.value).toEqualTypeOf<SessionState<AuraSession>>()
    expectTypeOf(createAuthClient().getSession()).resolves.toEqualTypeOf<AuraSession | null>()
    expectTypeOf(createAuthClient({ adapter: aura() }).session).toEqualTypeOf(auth.session)
    expectTypeOf(team.getSession()).resolves.toEqualTypeOf<Team | null>()
    expectTypeOf(team.invite).toBeCallableWith('ada@example.com')
    // @ts-expect-error -- the default adapter has no such method
    void auth.invite
  })

  it('says what a sign-in comes to', () => {
    expectTypeOf(team.signIn('x', { popup: true })).resolves.toEqualTypeOf<Team>()
    expectTypeOf(team.signIn('x', { popup: { fallback: 'none' } })).resolves.toEqualTypeOf<Team>()
    expectTypeOf(team.signIn('x', { popup: Math.random() < 1 })).resolves.toEqualTypeOf<Team>()
    expectTypeOf(team.signIn('x', { redirect: false })).resolves.toEqualTypeOf<string>()
    expectTypeOf(team.signIn('x', { redirectTo: '/home' })).resolves.toEqualTypeOf<never>()
    expectTypeOf(team.signIn('x')).resolves.toEqualTypeOf<never>()
    // @ts-expect-error -- a provider has a name
    void team.signIn()
    // @ts-expect-error -- no such fallback
    void team.signIn('x', { popup: { fallback: 'tab' } })
  })

  it('can be taken apart', () => {
    const { session, signIn, signOut } = auth
    expectTypeOf(session).toHaveProperty('subscribe')
    expectTypeOf(signIn).toBeFunction()
    expectTypeOf(signOut()).resolves.toEqualTypeOf<{ readonly revoked: boolean }>()
  })
})

describe('an error', () => {
  it('has a code that is known, or the provider’s own', () => {
    const error: unknown = new AuthError('access_denied')
    if (isAuthError(error)) {
      expectTypeOf(error.code).toExtend<string>()
      expectTypeOf<AuthErrorCode>().toExtend<typeof error.code>()
      expectTypeOf(error.retryAfter).toEqualTypeOf<number | undefined>()
    }
    expectTypeOf(isAuthError).toBeCallableWith(error, 'popup_closed')
    expectTypeOf(isAuthError).toBeCallableWith(error, 'application_suspended')
  })
})
