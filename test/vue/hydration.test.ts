// @vitest-environment happy-dom
import { renderToString } from '@vue/server-renderer'
import { defineAsyncComponent, h, Suspense, type Component } from 'vue'
import { describe, expect, it } from 'vitest'

import type { AuthClient } from '../../src/api.js'
import type { AuraSession } from '../../src/index.js'
import type { SessionState } from '../../src/types.js'
import { useSession } from '../../src/vue/index.js'
import { deferred } from '../rig.js'
import {
  ada,
  after,
  failOnComplaints,
  grace,
  hydrate,
  mount,
  onServer,
  setUp,
  ssrApp,
} from './rig.js'

failOnComplaints()

/** A page with a nested component; `seen` are the states that one was rendered with. */
function page(): { Root: Component; seen: SessionState['status'][] } {
  const seen: SessionState['status'][] = []
  const Probe = {
    setup() {
      const session = useSession()
      return () => {
        seen.push(session.value.status)
        return h('b', `${session.value.status} ${session.value.data?.user.name}`)
      }
    },
  }
  const Nested = { render: () => h('section', [h(Probe)]) }
  return { Root: { render: () => h('main', [h(Nested)]) }, seen }
}

const htmlOf = (Root: Component, initialSession?: AuraSession | null): Promise<string> =>
  onServer((server) => renderToString(ssrApp(Root, server, initialSession)))

describe('adopting the server’s HTML', () => {
  it.each([
    ['a signed-in user', grace, 'authenticated Grace Summer'],
    ['a signed-out visitor', null, 'unauthenticated undefined'],
  ])('of %s takes one render and no request', async (_, initialSession, text) => {
    const { asked, auth } = setUp()
    const { Root, seen } = page()
    const html = await htmlOf(Root, initialSession)
    expect(html).toBe(`<main><section><b>${text}</b></section></main>`)
    seen.length = 0
    const container = await hydrate(html, ssrApp(Root, auth, initialSession))
    expect(container.innerHTML).toBe(html)
    expect(seen).toHaveLength(1)
    expect(auth.session.value.data).toBe(initialSession)
    expect(asked()).toBe(0)
  })

  it('that knew nothing asks once, and is pending until then', async () => {
    const { asked, server, auth } = setUp()
    server.session = ada
    const { Root, seen } = page()
    const html = await htmlOf(Root)
    seen.length = 0
    const container = await hydrate(html, ssrApp(Root, auth))
    expect(seen).toEqual(['pending', 'authenticated'])
    expect(container.textContent).toBe('authenticated Ada Winter')
    expect(asked()).toBe(1)
  })

  it.each([[undefined], [null], [grace]])(
    'with initialSession %j when the client knows better by then',
    async (initialSession) => {
      const { server, auth } = setUp()
      const { Root, seen } = page()
      const html = await htmlOf(Root, initialSession)
      server.session = ada
      await auth.refetch()
      seen.length = 0
      const container = await hydrate(html, ssrApp(Root, auth, initialSession))
      expect(container.textContent).toBe('authenticated Ada Winter')
      expect(seen).toHaveLength(2)
    },
  )

  it('for a component that names the client itself', async () => {
    const { asked, auth } = setUp()
    const page = (client: AuthClient<AuraSession>): Component => ({
      setup() {
        const session = useSession(client)
        return () => h('b', session.value.status)
      },
    })
    const html = await onServer((server) => renderToString(ssrApp(page(server), server, grace)))
    expect(html).toBe('<b>authenticated</b>')
    const container = await hydrate(html, ssrApp(page(auth), auth, grace))
    expect(container.innerHTML).toBe(html)
    expect(asked()).toBe(0)
  })

  it('waits for a component whose setup takes its time, whatever happens meanwhile', async () => {
    const { server, auth } = setUp()
    const gate = deferred<void>()
    const seen: SessionState['status'][] = []
    const Slow = {
      async setup() {
        const session = useSession()
        await gate.promise
        return () => {
          seen.push(session.value.status)
          return h('b', session.value.status)
        }
      },
    }
    const Root = { render: () => h(Suspense, null, () => h(Slow)) }
    const html = '<b>unauthenticated</b>'
    const container = await hydrate(html, ssrApp(Root, auth, null))
    server.session = ada
    await auth.refetch()
    expect(container.innerHTML).toBe(html)
    await after(gate.resolve)
    expect(seen).toEqual(['unauthenticated', 'authenticated'])
    expect(container.textContent).toBe('authenticated')
  })

  it('waits for a component whose code comes late, whatever happens meanwhile', async () => {
    const { server, auth } = setUp()
    const { Root: Late, seen } = page()
    const html = await htmlOf({ render: () => h('div', [h(Late)]) }, grace)
    let arrive!: (component: Component) => void
    const code = new Promise<Component>((resolve) => {
      arrive = resolve
    })
    const Lazy = defineAsyncComponent(() => code)
    const container = await hydrate(
      html,
      ssrApp({ render: () => h('div', [h(Lazy)]) }, auth, grace),
    )
    server.session = ada
    await auth.refetch()
    seen.length = 0
    await after(() => arrive(Late))
    expect(seen).toEqual(['authenticated', 'authenticated'])
    expect(container.textContent).toBe('authenticated Ada Winter')
  })
})

it('shows a component that is not adopted what is known now, at once', async () => {
  const { server, auth } = setUp()
  const { Root, seen } = page()
  server.session = ada
  await auth.refetch()
  await mount(Root, auth, null)
  expect(seen).toEqual(['authenticated'])
})
