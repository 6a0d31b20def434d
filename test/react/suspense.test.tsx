// @vitest-environment happy-dom
import { Suspense, type ReactElement, type ReactNode } from 'react'
import { expect, it } from 'vitest'

import type { AuthClient } from '../../src/api.js'
import type { AuraSession } from '../../src/index.js'
import { AuthProvider, useSessionSuspense } from '../../src/react/index.js'
import { json } from '../aura-server.js'
import { deferred } from '../rig.js'
import { ada, after, failOnComplaints, grace, mount, setUp } from './rig.js'

failOnComplaints()

const Probe = ({ auth }: { auth: AuthClient<AuraSession> }): ReactNode => {
  const state = useSessionSuspense(auth)
  return `${state.status} ${state.data?.user.name} ${state.error?.code},`
}

const page = (auth: AuthClient<AuraSession>): ReactElement => (
  <Suspense fallback="waiting">
    <Probe auth={auth} />
    <Probe auth={auth} />
  </Suspense>
)

it('suspends until the first answer, and asks once', async () => {
  const { asked, server, auth } = setUp()
  const answer = deferred<Response>()
  server.onSession = () => answer.promise
  const { container, render } = await mount(page(auth))
  for (let round = 0; round < 50; round += 1) await render(page(auth))
  expect(container.textContent).toBe('waiting')
  await after(() => answer.resolve(json({ success: true, session: ada })))
  expect(container.textContent).toBe('authenticated Ada Winter undefined,'.repeat(2))
  expect(asked()).toBe(1)
})

it('does not suspend again', async () => {
  const { server, auth } = setUp()
  const { container } = await mount(page(auth))
  expect(container.textContent).toContain('unauthenticated')
  const answer = deferred<Response>()
  server.onSession = () => answer.promise
  await after(() => void auth.refetch())
  expect(container.textContent).toContain('unauthenticated')
  await after(() => answer.resolve(json({ success: true, session: ada })))
  expect(container.textContent).toContain('Ada Winter')
})

it('shows a failed lookup instead of throwing it, and the next answer', async () => {
  const { server, auth } = setUp()
  server.onSession = () => json(null, 503)
  const { container } = await mount(page(auth))
  expect(container.textContent).toContain('error undefined server_error')
  server.onSession = null
  server.session = ada
  await after(() => auth.refetch())
  expect(container.textContent).toContain('authenticated Ada Winter')
})

it('neither suspends nor asks when the server knew', async () => {
  const { asked, auth } = setUp()
  const seen: string[] = []
  const Fallback = (): ReactNode => {
    seen.push('waiting')
    return null
  }
  const { container } = await mount(
    <AuthProvider client={auth} initialSession={grace}>
      <Suspense fallback={<Fallback />}>
        <Probe auth={auth} />
      </Suspense>
    </AuthProvider>,
  )
  expect(container.textContent).toContain('Grace Summer')
  expect(seen).toEqual([])
  expect(asked()).toBe(0)
})
