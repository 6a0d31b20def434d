// @vitest-environment happy-dom
import { StrictMode, Suspense, useEffect, useState, type ReactElement, type ReactNode } from 'react'
import { renderToString } from 'react-dom/server'
import { describe, expect, it } from 'vitest'

import type { AuthClient } from '../../src/api.js'
import type { AuraSession } from '../../src/index.js'
import { AuthProvider, SignedIn, SignedOut, useSession, useUser } from '../../src/react/index.js'
import { json } from '../aura-server.js'
import { deferred } from '../rig.js'
import { createBrowser } from '../session/scene.js'
import { ada, after, failOnComplaints, grace, hydrate, mount, onServer, setUp } from './rig.js'

// What users of other libraries have reported, and what it would look like here.

failOnComplaints()

const toward = (auth: AuthClient<AuraSession>, children: ReactNode): ReactElement => (
  <AuthProvider client={auth}>{children}</AuthProvider>
)

describe('a page that flickers', () => {
  // https://github.com/better-auth/better-auth/issues/6879
  it('does not: a form of somebody signed out stays while the session is asked for again', async () => {
    const { world, server, open, asked } = createBrowser()
    const { auth, page } = open({ unwatched: true })
    let mounts = 0
    const Form = (): ReactNode => {
      useEffect(() => void (mounts += 1), [])
      return <input defaultValue="typed" />
    }
    const Page = (): ReactNode => (useSession().isPending ? 'spinner' : <Form />)
    const { container } = await mount(toward(auth, <Page />))
    const input = container.querySelector('input')
    await after(() => world.clock.advance(10_000))
    server.onSession = () => json(null, 503)
    await after(() => page.show(true))
    await after(() => auth.refetch())
    expect(asked()).toBe(3)
    expect(container.querySelector('input')).toBe(input)
    expect(mounts).toBe(1)
  })

  // https://github.com/better-auth/better-auth/issues/4625
  // https://github.com/better-auth/better-auth/issues/308
  it('does not send a signed-in user to the sign-in page while it loads, nor on a navigation', async () => {
    const { server, auth, asked } = setUp()
    server.session = ada
    const sentAway: string[] = []
    const Guarded = ({ name }: { name: string }): ReactNode => {
      const { status } = useSession()
      useEffect(() => {
        if (status === 'unauthenticated') sentAway.push(name)
      }, [status])
      return useUser()?.name
    }
    const { container, render } = await mount(toward(auth, <Guarded key="a" name="a" />))
    const shown = [container.textContent]
    for (const name of ['b', 'c', 'd']) {
      await render(toward(auth, <Guarded key={name} name={name} />))
      shown.push(container.textContent)
    }
    expect(shown).toEqual(Array.from({ length: 4 }, () => 'Ada Winter'))
    expect(sentAway).toEqual([])
    expect(asked()).toBe(1)
  })

  // https://github.com/betterlytics/betterlytics/pull/1066
  it('does not show the wrong tree to anybody, however slow the first answer is', async () => {
    const { server, auth } = setUp()
    const answer = deferred<Response>()
    server.onSession = () => answer.promise
    const { container } = await mount(
      toward(auth, [<SignedIn key="in">in</SignedIn>, <SignedOut key="out">out</SignedOut>]),
    )
    expect(container.textContent).toBe('')
    await after(() => answer.resolve(json({ success: true, session: ada })))
    expect(container.textContent).toBe('in')
  })

  // https://github.com/nextauthjs/next-auth/issues/3405
  // https://github.com/nextauthjs/next-auth/pull/3730
  it('does not reset what the user was doing when they come back to the tab', async () => {
    const { world, server, open, asked } = createBrowser()
    server.session = ada
    const { auth, page } = open({ unwatched: true })
    let renders = 0
    const Draft = (): ReactNode => {
      renders += 1
      useSession()
      const [id] = useState(() => Math.random())
      return `draft ${id}`
    }
    const { container } = await mount(toward(auth, <Draft />))
    const draft = container.textContent
    await after(() => world.clock.advance(60_000))
    page.show(false)
    await after(() => page.show(true))
    expect(asked()).toBe(2)
    expect(container.textContent).toBe(draft)
    expect(renders).toBe(2)
  })
})

describe('requests that double', () => {
  // https://github.com/nextauthjs/next-auth/issues/8152
  // https://github.com/nextauthjs/next-auth/issues/4762
  it('do not in StrictMode', async () => {
    const { auth, asked } = setUp()
    const Status = (): ReactNode => useSession().status
    await mount(<StrictMode>{toward(auth, [<Status key="1" />, <Status key="2" />])}</StrictMode>)
    expect(asked()).toBe(1)
  })

  // https://github.com/better-auth/better-auth/issues/9077
  // https://github.com/better-auth/better-auth/issues/10667
  it('do not while a sibling suspends again and again and the backend is slow', async () => {
    const { server, auth, asked } = setUp()
    const answer = deferred<Response>()
    server.onSession = () => answer.promise
    const never = new Promise(() => {})
    const Sibling = (): never => {
      // oxlint-disable-next-line typescript/only-throw-error -- how React 18 suspends
      throw never
    }
    const Status = (): ReactNode => useSession().status
    const page = (at: number): ReactElement =>
      toward(auth, [
        <Status key="header" />,
        <Suspense key={at} fallback="…">
          <Status />
          <Sibling />
        </Suspense>,
      ])
    const { render } = await mount(page(0))
    for (let at = 1; at < 100; at += 1) await render(page(at))
    expect(asked()).toBe(1)
    await after(() => answer.resolve(json(null, 401)))
    expect(asked()).toBe(1)
  })

  // https://github.com/nextauthjs/next-auth/issues/844
  it('do not after the server has asked: a page it sent costs no request and no second render', async () => {
    const { auth, asked } = setUp()
    let renders = 0
    const Name = (): ReactNode => {
      renders += 1
      return useUser()?.name
    }
    const page = (client: AuthClient<AuraSession>): ReactElement => (
      <AuthProvider client={client} initialSession={grace}>
        <Name />
      </AuthProvider>
    )
    const html = await onServer((client) => renderToString(page(client)))
    renders = 0
    await hydrate(html, page(auth))
    expect(renders).toBe(1)
    expect(asked()).toBe(0)
  })
})

describe('HTML that does not match', () => {
  const Save = (): ReactNode => <button disabled={useSession().isPending}>Save</button>
  const Header = ({ at }: { at: AuthClient<AuraSession> }): ReactNode => useSession(at).status

  // https://github.com/better-auth/better-auth/issues/960
  // https://github.com/better-auth/better-auth/issues/10972
  // https://github.com/better-auth/better-auth/pull/11177
  // https://github.com/betterlytics/betterlytics/pull/1060
  it('does, when the session is known before a part of the page hydrates', async () => {
    const { server, auth } = setUp()
    server.session = ada
    const page = (client: AuthClient<AuraSession>): ReactElement => toward(client, <Save />)
    const html = await onServer((client) => renderToString(page(client)))
    expect(html).toBe('<button disabled="">Save</button>')
    await mount(<Header at={auth} />) // a part that was there before
    expect(auth.session.value.status).toBe('authenticated')
    const { container, complaints } = await hydrate(html, page(auth))
    expect(complaints).toEqual([])
    expect(container.innerHTML).toBe('<button>Save</button>')
  })

  // https://github.com/better-auth/better-auth/issues/2462
  it('does, also for what was taken out of the client', async () => {
    const { server, auth } = setUp()
    server.session = ada
    const { session, refetch } = auth
    await refetch()
    expect(session.value.status).toBe('authenticated')
    const html = await onServer((client) => renderToString(toward(client, <Save />)))
    const { complaints } = await hydrate(html, toward(auth, <Save />))
    expect(complaints).toEqual([])
  })

  // https://github.com/better-auth/better-auth/pull/8733
  it('does, for a server that knows that nobody is signed in: null is an answer', async () => {
    const { auth, asked } = setUp()
    const page = (client: AuthClient<AuraSession>): ReactElement => (
      <AuthProvider client={client} initialSession={null}>
        <SignedOut>sign in</SignedOut>
      </AuthProvider>
    )
    const html = await onServer((client) => renderToString(page(client)))
    expect(html).toBe('sign in')
    const { container, complaints } = await hydrate(html, page(auth))
    expect([container.textContent, complaints, asked()]).toEqual(['sign in', [], 0])
  })

  // https://github.com/nanostores/react/issues/38
  // https://github.com/nanostores/react/pull/40
  it('needs no option: rendering on a server starts nothing, and holds nothing', async () => {
    const lc = await onServer((client) => {
      renderToString(toward(client, <Save />))
      return client.session.lc
    })
    expect(lc).toBe(0)
  })
})
