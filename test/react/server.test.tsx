import { type ReactElement, type ReactNode } from 'react'
import { renderToString } from 'react-dom/server'
import { expect, it } from 'vitest'

import { createAuthClient, type AuraSession } from '../../src/index.js'
import {
  AuthFailed,
  AuthPending,
  AuthProvider,
  SignedIn,
  SignedOut,
  useSession,
  useSessionSuspense,
} from '../../src/react/index.js'
import { failOnComplaints, grace, onModuleLevel } from './rig.js'

failOnComplaints()

const { auth, asked } = onModuleLevel()

const page = (initialSession?: AuraSession | null): ReactElement => (
  <AuthProvider client={auth} initialSession={initialSession}>
    <SignedIn fallback="fallback">{(session) => session.user.name}</SignedIn>
    <SignedOut>, out</SignedOut>
    <AuthPending>pending</AuthPending>
    <AuthFailed>failed</AuthFailed>
  </AuthProvider>
)

it('sends each user their own page, and keeps nothing', () => {
  const other = { ...grace, user: { ...grace.user, name: 'Ada Winter' } }
  expect(renderToString(page(grace))).toBe('Grace Summer')
  expect(renderToString(page(other))).toBe('Ada Winter')
  expect(renderToString(page(null))).toBe('fallback<!-- -->, out')
  expect(renderToString(page())).toBe('pending')
  expect(auth.session.value.status).toBe('pending')
  expect(auth.session.lc).toBe(0)
  expect(asked).toEqual([])
})

it('sends what a client made for this one request knows', () => {
  const own = createAuthClient({
    baseURL: 'http://app.test/auth',
    session: { initial: grace },
  })
  const Probe = (): ReactNode => useSession(own, (state) => state.data?.user.name)
  expect(renderToString(<Probe />)).toBe('Grace Summer')
})

it('says what is missing when there is nothing to wait for', () => {
  const Probe = (): ReactNode => useSessionSuspense(auth).status
  expect(() => renderToString(<Probe />)).toThrow(/initialSession/)
  expect(
    renderToString(
      <AuthProvider client={auth} initialSession={null}>
        <Probe />
      </AuthProvider>,
    ),
  ).toBe('unauthenticated')
})
