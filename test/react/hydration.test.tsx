// @vitest-environment happy-dom
import { Suspense, useEffect, type ReactElement, type ReactNode } from 'react'
import { renderToString } from 'react-dom/server'
import { describe, expect, it } from 'vitest'

import type { AuthClient } from '../../src/api.js'
import type { AuraSession } from '../../src/index.js'
import { AuthProvider, useSession, useSessionSuspense } from '../../src/react/index.js'
import type { SessionState } from '../../src/types.js'
import { ada, failOnComplaints, grace, hydrate, mount, onServer, setUp, after } from './rig.js'

failOnComplaints()

/** The same page on server and client; `seen` are the states it was rendered with. */
function pageWith(initialSession?: AuraSession | null): {
  page: (auth: AuthClient<AuraSession>) => ReactElement
  seen: SessionState['status'][]
} {
  const seen: SessionState['status'][] = []
  const Probe = (): ReactNode => {
    const { status, data } = useSession()
    seen.push(status)
    return `${status} ${data?.user.name}`
  }
  const page = (auth: AuthClient<AuraSession>): ReactElement => (
    <AuthProvider client={auth} initialSession={initialSession}>
      <Probe />
    </AuthProvider>
  )
  return { page, seen }
}

describe('adopting the server’s HTML', () => {
  it.each([
    ['a signed-in user', grace, 'authenticated Grace Summer'],
    ['a signed-out visitor', null, 'unauthenticated undefined'],
  ])('of %s takes one render and no request', async (_, initialSession, text) => {
    const { asked, auth } = setUp()
    const { page, seen } = pageWith(initialSession)
    const html = await onServer((server) => renderToString(page(server)))
    expect(html).toBe(text)
    seen.length = 0
    const { container, complaints } = await hydrate(html, page(auth))
    expect(container.textContent).toBe(text)
    expect(seen).toHaveLength(1)
    expect(auth.session.value.data).toBe(initialSession)
    expect(asked()).toBe(0)
    expect(complaints).toEqual([])
  })

  it('that knew nothing asks once, and is pending until then', async () => {
    const { asked, server, auth } = setUp()
    server.session = ada
    const { page, seen } = pageWith()
    const html = await onServer((server) => renderToString(page(server)))
    seen.length = 0
    const { complaints } = await hydrate(html, page(auth))
    expect(seen).toEqual(['pending', 'authenticated'])
    expect(asked()).toBe(1)
    expect(complaints).toEqual([])
  })

  it.each([[undefined], [null], [grace]])(
    'with initialSession %j when the client knows better by then',
    async (initialSession) => {
      const { server, auth } = setUp()
      const { page, seen } = pageWith(initialSession)
      const html = await onServer((server) => renderToString(page(server)))
      server.session = ada
      await auth.refetch()
      seen.length = 0
      const { container, complaints } = await hydrate(html, page(auth))
      expect(container.textContent).toBe('authenticated Ada Winter')
      expect(seen).toHaveLength(2)
      expect(complaints).toEqual([])
    },
  )

  it('for a component that names the client itself', async () => {
    const { asked, auth } = setUp()
    const Probe = ({ at }: { at: AuthClient<AuraSession> }): ReactNode => useSession(at).status
    const page = (at: AuthClient<AuraSession>): ReactElement => (
      <AuthProvider client={at} initialSession={grace}>
        <Probe at={at} />
      </AuthProvider>
    )
    const html = await onServer((server) => renderToString(page(server)))
    expect(html).toBe('authenticated')
    const { complaints } = await hydrate(html, page(auth))
    expect(asked()).toBe(0)
    expect(complaints).toEqual([])
  })

  it('leaves a suspending page without initialSession to the browser', async () => {
    const { asked, server, auth } = setUp()
    server.session = ada
    const Probe = (): ReactNode => useSessionSuspense().data?.user.name
    const page = (at: AuthClient<AuraSession>): ReactElement => (
      <AuthProvider client={at}>
        <Suspense fallback="waiting">
          <Probe />
        </Suspense>
      </AuthProvider>
    )
    const html = await onServer((server) => renderToString(page(server)))
    expect(html).toContain('waiting')
    const { container, complaints } = await hydrate(html, page(auth))
    expect(container.textContent).toContain('Ada Winter')
    expect(asked()).toBe(1)
    // React says that the server left it to the browser, and nothing else.
    expect(complaints.map(String)).toEqual([expect.stringContaining('initialSession')])
  })
})

describe('initialSession', () => {
  it('is known to the app’s own effects', async () => {
    const { asked, auth } = setUp()
    const told: unknown[] = []
    const Probe = (): ReactNode => {
      useEffect(() => void auth.getSession().then((session) => told.push(session)), [])
      return null
    }
    await mount(
      <AuthProvider client={auth} initialSession={grace}>
        <Probe />
      </AuthProvider>,
    )
    expect(told).toEqual([grace])
    expect(asked()).toBe(0)
  })

  it('reaches components outside of the provider without a word from React', async () => {
    const { server, auth } = setUp()
    server.onSession = () => new Promise(() => {})
    const Outside = (): ReactNode => `${useSession(auth).status} `
    const { container, render } = await mount(<Outside />)
    expect(container.textContent).toBe('pending ')
    const { page } = pageWith(grace)
    await render([<Outside key="outside" />, <div key="page">{page(auth)}</div>])
    expect(container.textContent).toBe('authenticated authenticated Grace Summer')
  })

  it('gives way to the first thing that happens', async () => {
    const { server, auth } = setUp()
    server.session = ada
    const { page } = pageWith(grace)
    const { container } = await mount(page(auth))
    expect(container.textContent).toBe('authenticated Grace Summer')
    await after(() => auth.refetch())
    expect(container.textContent).toBe('authenticated Ada Winter')
    await after(() => auth.signOut())
    expect(container.textContent).toBe('unauthenticated undefined')
  })

  it('is looked at once: a new object in a later render renders nobody', async () => {
    const { asked, auth } = setUp()
    let renders = 0
    const Probe = (): ReactNode => {
      renders += 1
      return useSession((state) => state.data?.user.name)
    }
    const probe = <Probe />
    const page = (initialSession: AuraSession | null): ReactElement => (
      <AuthProvider client={auth} initialSession={initialSession}>
        {probe}
      </AuthProvider>
    )
    const { container, render } = await mount(page(grace))
    await render(page({ ...grace }))
    await render(page(null))
    expect(container.textContent).toBe('Grace Summer')
    expect(renders).toBe(1)
    expect(asked()).toBe(0)
  })
})
