// @vitest-environment happy-dom
import { StrictMode, Suspense, version, type ReactNode } from 'react'
import { version as rendererVersion } from 'react-dom'
import { describe, expect, it } from 'vitest'

import { AuthProvider, useSession } from '../../src/react/index.js'
import type { SessionState } from '../../src/types.js'
import { json } from '../aura-server.js'
import { deferred } from '../rig.js'
import { ada, after, failOnComplaints, mount, setUp } from './rig.js'

failOnComplaints()

it('runs on one React, 18 or 19', () => {
  expect(version).toBe(rendererVersion)
  expect(version).toMatch(/^1[89]\./)
})

describe('loading', () => {
  it.each([1, 10, 100])('asks once for %i components, each rendered twice', async (count) => {
    const { asked, server, auth } = setUp()
    server.session = ada
    const seen: SessionState['status'][][] = []
    const Probe = ({ at }: { at: number }): ReactNode => {
      const { status } = useSession()
      ;(seen[at] ??= []).push(status)
      return null
    }
    await mount(
      <AuthProvider client={auth}>
        {Array.from({ length: count }, (_, at) => (
          <Probe key={at} at={at} />
        ))}
      </AuthProvider>,
    )
    expect(seen).toEqual(Array.from({ length: count }, () => ['pending', 'authenticated']))
    expect(asked()).toBe(1)
  })

  it('asks once in StrictMode', async () => {
    const { asked, auth } = setUp()
    const Probe = (): ReactNode => useSession(auth).status
    const { container } = await mount(
      <StrictMode>
        <Probe /> <Probe />
      </StrictMode>,
    )
    expect(container.textContent).toBe('unauthenticated unauthenticated')
    expect(asked()).toBe(1)
  })

  it('asks once through 300 mounts and unmounts', async () => {
    const { asked, server, auth } = setUp()
    const answer = deferred<Response>()
    server.onSession = () => answer.promise
    const Probe = (): ReactNode => useSession(auth).status
    const page = await mount(null)
    for (let round = 0; round < 300; round += 1) {
      await page.render(<Probe />)
      await page.render(null)
    }
    expect(asked()).toBe(1)
    expect(auth.session.lc).toBe(0)
    await page.render(<Probe />)
    await after(() => answer.resolve(json(null, 401)))
    expect(page.container.textContent).toBe('unauthenticated')
    expect(asked()).toBe(1)
  })

  it('asks nothing for a render that is thrown away', async () => {
    const { asked, auth } = setUp()
    let renders = 0
    const Probe = (): ReactNode => {
      renders += 1
      return useSession(auth).status
    }
    const never = new Promise(() => {})
    const Suspended = (): never => {
      // oxlint-disable-next-line typescript/only-throw-error -- how React 18 suspends
      throw never
    }
    const { render } = await mount(null)
    await render(
      <Suspense>
        <Probe />
        <Suspended />
      </Suspense>,
    )
    expect(renders).toBeGreaterThan(0)
    expect(asked()).toBe(0)
  })

  it('asks once while a sibling suspends 50 times', async () => {
    const { asked, auth } = setUp()
    let gate = deferred<void>()
    let left = 50
    const Sibling = (): ReactNode => {
      // oxlint-disable-next-line typescript/only-throw-error -- how React 18 suspends
      if (left > 0) throw gate.promise
      return ' done'
    }
    const Probe = (): ReactNode => useSession(auth).status
    const { container } = await mount(
      <Suspense>
        <Probe />
        <Sibling />
      </Suspense>,
    )
    while (left > 0) {
      const { resolve } = gate
      gate = deferred()
      left -= 1
      await after(resolve)
    }
    expect(container.textContent).toBe('unauthenticated done')
    expect(asked()).toBe(1)
  })
})

describe('rendering', () => {
  it('leaves everybody alone when a refetch brings nothing new', async () => {
    const { asked, server, auth } = setUp()
    server.session = ada
    let renders = 0
    const Probe = (): ReactNode => {
      renders += 1
      return useSession(auth).status
    }
    await mount(<Probe />)
    renders = 0
    await after(() => auth.refetch())
    expect(asked()).toBe(2)
    expect(renders).toBe(0)
  })

  it('renders a selector’s component only when its part changes', async () => {
    const { server, auth } = setUp()
    server.session = { ...ada, user: { ...ada.user, roles: ['admin'] } }
    const seen: unknown[] = []
    const Roles = (): ReactNode => {
      seen.push(useSession((state) => state.data?.user['roles']))
      return null
    }
    await mount(
      <AuthProvider client={auth}>
        <Roles />
      </AuthProvider>,
    )
    expect(seen).toEqual([undefined, ['admin']])
    server.session = { ...ada, user: { sub: '1', name: 'Ada W.', roles: ['admin'] } }
    await after(() => auth.refetch())
    expect(auth.session.value.data?.user.name).toBe('Ada W.')
    expect(seen).toHaveLength(2)
    await after(() => auth.signOut())
    expect(seen).toEqual([undefined, ['admin'], undefined])
  })

  it('does not loop over a selector that builds an object', async () => {
    const { server, auth } = setUp()
    server.session = ada
    let renders = 0
    const Inline = (): ReactNode => {
      renders += 1
      return useSession(auth, ({ data }) => ({ name: data?.user.name })).name
    }
    const { container } = await mount(<Inline />)
    expect(container.textContent).toBe('Ada Winter')
    expect(renders).toBe(2)
  })

  it('uses the selector of this render', async () => {
    const { server, auth } = setUp()
    server.session = ada
    const Field = ({ name }: { name: 'name' | 'email' }): ReactNode =>
      useSession(auth, ({ data }) => data?.user[name])
    const page = await mount(<Field name="name" />)
    expect(page.container.textContent).toBe('Ada Winter')
    await page.render(<Field name="email" />)
    expect(page.container.textContent).toBe('ada@example.com')
  })

  it('lets go of the store when the last component leaves', async () => {
    const { auth } = setUp()
    const Probe = (): ReactNode => useSession(auth).status
    const { unmount } = await mount(<Probe />)
    expect(auth.session.lc).toBe(1)
    await unmount()
    expect(auth.session.lc).toBe(0)
  })
})
