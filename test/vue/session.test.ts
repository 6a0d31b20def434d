// @vitest-environment happy-dom
import { createApp, effectScope, h, KeepAlive, nextTick, shallowRef, type Component } from 'vue'
import { describe, expect, it } from 'vitest'

import type { AuthClient } from '../../src/api.js'
import type { AuraSession } from '../../src/index.js'
import type { SessionState } from '../../src/types.js'
import { authPlugin, useAuth, useSession, useUser } from '../../src/vue/index.js'
import { json } from '../aura-server.js'
import { deferred, settle } from '../rig.js'
import { ada, after, failOnComplaints, mount, setUp } from './rig.js'

failOnComplaints()

/** Shows the status. Without a client: the app's. */
const probe = (client?: AuthClient<AuraSession>): Component => ({
  setup() {
    const session = useSession(client)
    return () => session.value.status
  },
})

describe('loading', () => {
  it.each([1, 10, 100])('asks once for %i components, each rendered twice', async (count) => {
    const { asked, server, auth } = setUp()
    server.session = ada
    const seen: SessionState['status'][][] = []
    const Probe = {
      props: ['at'],
      setup(props: { at: number }) {
        const session = useSession()
        return () => {
          ;(seen[props.at] ??= []).push(session.value.status)
          return null
        }
      },
    }
    await mount(() => Array.from({ length: count }, (_, at) => h(Probe, { at })), auth)
    expect(seen).toEqual(Array.from({ length: count }, () => ['pending', 'authenticated']))
    expect(asked()).toBe(1)
  })

  it('asks once through 300 mounts and unmounts', async () => {
    const { asked, server, auth } = setUp()
    const answer = deferred<Response>()
    server.onSession = () => answer.promise
    const shown = shallowRef(false)
    const Probe = probe()
    const { container } = await mount(() => (shown.value ? h(Probe) : null), auth)
    expect(asked()).toBe(0)
    for (let round = 0; round < 600; round += 1) {
      shown.value = !shown.value
      await nextTick()
    }
    expect(auth.session.lc).toBe(0)
    shown.value = true
    await after(() => answer.resolve(json(null, 401)))
    expect(container.textContent).toBe('unauthenticated')
    expect(asked()).toBe(1)
  })
})

describe('rendering', () => {
  it('leaves everybody alone when a refetch brings nothing new', async () => {
    const { asked, server, auth } = setUp()
    server.session = ada
    let renders = 0
    await mount({
      setup() {
        const session = useSession(auth)
        return () => [(renders += 1), session.value.status]
      },
    })
    renders = 0
    await after(() => auth.refetch())
    expect(asked()).toBe(2)
    expect(renders).toBe(0)
  })

  it('follows the user: the name, and the sign-out', async () => {
    const { server, auth } = setUp()
    server.session = ada
    const { container } = await mount(
      {
        setup() {
          const user = useUser()
          return () => user.value?.name ?? 'nobody'
        },
      },
      auth,
    )
    expect(container.textContent).toBe('Ada Winter')
    server.session = { ...ada, user: { ...ada.user, name: 'Ada W.' } }
    await after(() => auth.refetch())
    expect(container.textContent).toBe('Ada W.')
    await after(() => auth.signOut())
    expect(container.textContent).toBe('nobody')
  })

  it('gives the state itself, not a proxy of it', async () => {
    const { server, auth } = setUp()
    server.session = ada
    const scope = effectScope()
    const session = scope.run(() => useSession(auth))
    await settle()
    expect(session?.value).toBe(auth.session.value)
    expect(session?.value.data?.user).toBe(auth.session.value.data?.user)
    scope.stop()
  })
})

describe('letting go', () => {
  it('is done by every component that is unmounted', async () => {
    const { auth } = setUp()
    const { app } = await mount(() => [h(probe()), h(probe(auth))], auth)
    expect(auth.session.lc).toBe(2)
    app.unmount()
    expect(auth.session.lc).toBe(0)
  })

  it('is done by an effect scope, outside of every component', async () => {
    const { asked, server, auth } = setUp()
    server.session = ada
    const scope = effectScope()
    const user = scope.run(() => useUser(auth))
    await settle()
    expect(user?.value?.name).toBe('Ada Winter')
    expect(asked()).toBe(1)
    scope.stop()
    expect(auth.session.lc).toBe(0)
  })

  it('is not done by a component that is only kept alive: it stays in step', async () => {
    const { server, auth } = setUp()
    server.session = ada
    const Page = probe()
    const Other = { render: () => 'other' }
    const page = shallowRef<Component>(Page)
    const { container, app } = await mount(() => h(KeepAlive, null, () => h(page.value)), auth)
    expect(container.textContent).toBe('authenticated')
    page.value = Other
    await nextTick()
    expect(auth.session.lc).toBe(1)
    await after(() => auth.signOut())
    expect(container.textContent).toBe('other')
    page.value = Page
    await nextTick()
    expect(container.textContent).toBe('unauthenticated')
    app.unmount()
    expect(auth.session.lc).toBe(0)
  })
})

describe('the client', () => {
  it('is the app’s own, also where the app has several', async () => {
    const one = setUp()
    const two = setUp()
    one.server.session = ada
    const seen: unknown[] = []
    const Root = {
      setup() {
        seen.push(useAuth())
        const session = useSession()
        return () => session.value.status
      },
    }
    const first = await mount(Root, one.auth)
    const second = await mount(Root, two.auth)
    expect(seen).toEqual([one.auth, two.auth])
    expect(first.container.textContent).toBe('authenticated')
    expect(second.container.textContent).toBe('unauthenticated')
  })

  it('is the given one, whatever the app has', async () => {
    const one = setUp()
    const two = setUp()
    one.server.session = ada
    const { container } = await mount(() => [h(probe()), ' ', h(probe(two.auth))], one.auth)
    expect(container.textContent).toBe('authenticated unauthenticated')
  })

  it('is the app’s in a store that the app runs', async () => {
    const { auth } = setUp()
    const app = createApp({}).use(authPlugin, { client: auth })
    const scope = effectScope()
    const session = app.runWithContext(() => scope.run(() => useSession()))
    await settle()
    expect(session?.value.status).toBe('unauthenticated')
    scope.stop()
  })

  it('is asked for in plain words when there is none', async () => {
    const said: string[] = []
    const note = (use: () => unknown) => () => {
      try {
        use()
      } catch (error) {
        said.push(String(error))
      }
      return () => null
    }
    for (const use of [useSession, useUser, useAuth]) {
      await mount({ setup: note(() => use()) })
      note(() => use())() // outside of every component
    }
    expect(said).toHaveLength(6)
    for (const words of said) {
      expect(words).toContain('app.use(authPlugin, { client: auth })')
      expect(words).toContain('useSession(auth)')
    }
  })
})
