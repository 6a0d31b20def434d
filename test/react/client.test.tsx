// @vitest-environment happy-dom
import { useState, type ReactNode } from 'react'
import { describe, expect, it } from 'vitest'

import { AuthProvider, useAuth, useSession, useUser } from '../../src/react/index.js'
import { ada, after, failOnComplaints, mount, setUp } from './rig.js'

failOnComplaints()

describe('the client', () => {
  it('is the provider’s, the same in every render', async () => {
    const { auth } = setUp()
    const seen = new Set<unknown>()
    const Probe = (): ReactNode => {
      seen.add(useAuth())
      return useSession().status
    }
    await mount(
      <AuthProvider client={auth}>
        <Probe />
      </AuthProvider>,
    )
    expect([...seen]).toEqual([auth])
  })

  it('is the given one, whatever the provider has', async () => {
    const one = setUp()
    const two = setUp()
    one.server.session = ada
    const Probe = (): ReactNode => {
      const one = useSession()
      const other = useSession(two.auth)
      return `${one.status} ${other.status} ${useUser()?.name} ${useUser(two.auth)?.name}`
    }
    const { container } = await mount(
      <AuthProvider client={one.auth}>
        <Probe />
      </AuthProvider>,
    )
    expect(container.textContent).toBe('authenticated unauthenticated Ada Winter undefined')
  })

  it('can be replaced by another one', async () => {
    const one = setUp()
    const two = setUp()
    one.server.session = ada
    const Name = (): ReactNode => useUser()?.name ?? 'nobody'
    const App = ({ at }: { at: typeof one.auth }): ReactNode => (
      <AuthProvider client={at}>
        <Name />
      </AuthProvider>
    )
    const page = await mount(<App at={one.auth} />)
    expect(page.container.textContent).toBe('Ada Winter')
    await page.render(<App at={two.auth} />)
    expect(page.container.textContent).toBe('nobody')
    expect([one.auth.session.lc, two.auth.session.lc]).toEqual([0, 1])
  })

  it('is asked for in plain words when there is none', async () => {
    const said: string[] = []
    const Probe = ({ use }: { use: () => unknown }): ReactNode => {
      // Caught here, or React would report it as an uncaught error as well.
      try {
        use()
      } catch (error) {
        said.push(String(error))
      }
      return null
    }
    for (const use of [useSession, useUser, useAuth]) await mount(<Probe use={() => use()} />)
    expect(said).toHaveLength(3)
    for (const words of said)
      expect(words).toMatch(/<AuthProvider client={auth}>.*useSession\(auth\)/)
  })
})

it('keeps two trees on one client in step', async () => {
  const { asked, server, auth } = setUp()
  server.session = ada
  const Probe = (): ReactNode => {
    const [first] = useState(() => auth.session.value.status)
    return `${first}>${useSession(auth).status}`
  }
  const one = await mount(<Probe />)
  const two = await mount(<Probe />)
  expect(one.container.textContent).toBe('pending>authenticated')
  expect(two.container.textContent).toBe('authenticated>authenticated')
  await after(() => auth.signOut())
  expect(one.container.textContent).toBe('pending>unauthenticated')
  expect(two.container.textContent).toBe('authenticated>unauthenticated')
  expect(asked()).toBe(1)
})
