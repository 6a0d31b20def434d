// @vitest-environment happy-dom
import { type ReactElement, type ReactNode } from 'react'
import { describe, expect, it } from 'vitest'

import type { AuthClient } from '../../src/api.js'
import type { AuraSession } from '../../src/index.js'
import {
  AuthFailed,
  AuthPending,
  AuthProvider,
  SignedIn,
  SignedOut,
} from '../../src/react/index.js'
import { json } from '../aura-server.js'
import { deferred } from '../rig.js'
import { ada, after, failOnComplaints, mount, setUp } from './rig.js'

failOnComplaints()

const page = (auth: AuthClient<AuraSession>): ReactElement => (
  <AuthProvider client={auth}>
    <SignedIn fallback="fallback,">{(session) => `in:${session.user.name},`}</SignedIn>
    <SignedIn>in,</SignedIn>
    <SignedOut>out,</SignedOut>
    <AuthPending>pending,</AuthPending>
    <AuthFailed>failed,</AuthFailed>
    <AuthFailed>{(error) => `failed:${error.code},`}</AuthFailed>
  </AuthProvider>
)

describe('what is shown', () => {
  it('while nobody answered is only what is pending', async () => {
    const { server, auth } = setUp()
    server.onSession = () => deferred<Response>().promise
    const { container } = await mount(page(auth))
    expect(container.textContent).toBe('pending,')
  })

  it('to a signed-in user', async () => {
    const { server, auth } = setUp()
    server.session = ada
    const { container } = await mount(page(auth))
    expect(container.textContent).toBe('in:Ada Winter,in,')
  })

  it('to a signed-out visitor', async () => {
    const { auth } = setUp()
    const { container } = await mount(page(auth))
    expect(container.textContent).toBe('fallback,out,')
  })

  it('when nobody could be asked is neither signed in nor signed out', async () => {
    const { server, auth } = setUp()
    server.onSession = () => json(null, 503)
    const { container } = await mount(page(auth))
    expect(container.textContent).toBe('failed,failed:server_error,')
  })

  it('to a signed-in user whose refresh failed is what was shown before', async () => {
    const { server, auth } = setUp()
    server.session = ada
    const { container } = await mount(page(auth))
    server.onSession = () => json(null, 503)
    await after(() => auth.refetch())
    expect(auth.session.value.error?.code).toBe('server_error')
    expect(container.textContent).toBe('in:Ada Winter,in,')
  })

  it('follows a sign-out', async () => {
    const { server, auth } = setUp()
    server.session = ada
    const { container } = await mount(page(auth))
    await after(() => auth.signOut())
    expect(container.textContent).toBe('fallback,out,')
  })
})

it('never flashes "signed out" at a signed-in user', async () => {
  const { server, auth } = setUp()
  server.session = ada
  const rendered: string[] = []
  const Say = ({ what }: { what: string }): ReactNode => {
    rendered.push(what)
    return null
  }
  await mount(
    <AuthProvider client={auth}>
      <AuthPending>
        <Say what="pending" />
      </AuthPending>
      <SignedOut>
        <Say what="out" />
      </SignedOut>
      <SignedIn fallback={<Say what="fallback" />}>
        <Say what="in" />
      </SignedIn>
    </AuthProvider>,
  )
  expect(rendered).toEqual(['pending', 'in'])
})

it('tries again on request, and goes on from there', async () => {
  const { asked, server, auth } = setUp()
  server.onSession = () => json(null, 503)
  const { container } = await mount(
    <AuthProvider client={auth}>
      <SignedIn>welcome</SignedIn>
      <AuthFailed>{(_, retry) => <button onClick={retry}>again</button>}</AuthFailed>
    </AuthProvider>,
  )
  expect(container.textContent).toBe('again')
  server.onSession = null
  server.session = ada
  // React listens at the root, which must be part of the page for a click to get there.
  document.body.append(container)
  await after(() => container.querySelector('button')?.click())
  expect(container.textContent).toBe('welcome')
  expect(asked()).toBe(2)
})

it('leaves the others alone when only the user’s name changes', async () => {
  const { server, auth } = setUp()
  let renders = 0
  const Count = (): ReactNode => {
    renders += 1
    return null
  }
  server.session = ada
  const { container } = await mount(
    <AuthProvider client={auth}>
      <SignedIn>
        <Count />
      </SignedIn>
      <SignedIn>{(session) => session.user.name}</SignedIn>
    </AuthProvider>,
  )
  renders = 0
  server.session = { ...ada, user: { ...ada.user, name: 'Ada W.' } }
  await after(() => auth.refetch())
  expect(container.textContent).toBe('Ada W.')
  expect(renders).toBe(0)
})
