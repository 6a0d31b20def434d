// @vitest-environment happy-dom
import { renderToString } from '@vue/server-renderer'
import { h, type Component } from 'vue'
import { describe, expect, it } from 'vitest'

import { toAuraSession } from '../../src/adapters/aura/session.js'
import { useSession, useUser } from '../../src/vue/index.js'
import { settle } from '../rig.js'
import { createBrowser } from '../session/scene.js'
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

// What users of other libraries have reported, and what it would look like here.

failOnComplaints()

/** What a page shows of the session; `seen` is what it has shown. */
function page(): { Root: Component; seen: string[] } {
  const seen: string[] = []
  const Root = {
    setup() {
      const session = useSession()
      const user = useUser()
      return () => {
        const text = `${session.value.status} ${user.value?.name}`
        if (seen.at(-1) !== text) seen.push(text)
        return h('b', text)
      }
    },
  }
  return { Root, seen }
}

describe('a page that the server rendered', () => {
  // https://github.com/nuxt-modules/better-auth/pull/177
  // https://github.com/better-auth/better-auth/issues/5358
  it('does not flicker: it is never empty between the server’s session and the browser’s', async () => {
    const { auth, asked } = setUp()
    const { Root, seen } = page()
    const html = await onServer(async (client) => renderToString(ssrApp(Root, client, grace)))
    seen.length = 0
    const container = await hydrate(html, ssrApp(Root, auth, grace))
    await settle()
    expect(seen).toEqual(['authenticated Grace Summer'])
    expect(container.innerHTML).toBe(html)
    expect(asked()).toBe(0)
  })

  // https://github.com/nuxt-modules/better-auth/pull/412
  it('is kept fresh like any other: visible, online, polled, and told by other tabs', async () => {
    const { world, server, open, asked } = createBrowser({ pollInterval: 60_000 })
    server.session = ada
    const { auth, page: browserPage } = open({ unwatched: true })
    const { Root } = page()
    const known = toAuraSession({ user: ada.user, expires: ada.expires })
    const html = await onServer(async (client) => renderToString(ssrApp(Root, client, known)))
    const container = await hydrate(html, ssrApp(Root, auth, known))
    expect(asked()).toBe(0)
    await world.clock.advance(10_000)
    browserPage.show(true)
    await settle()
    expect(asked()).toBe(1)
    await world.clock.advance(10_000)
    browserPage.connect(true)
    await settle()
    expect(asked()).toBe(2)
    await world.clock.advance(67_000)
    expect(asked()).toBe(3)
    const other = open()
    await world.clock.advance(2_000)
    await after(() => other.auth.signOut())
    expect(container.textContent).toBe('unauthenticated undefined')
  })
})

// https://github.com/nuxt-modules/better-auth/issues/103
it('asks for a session that the server has sent along no second time', async () => {
  const { auth, asked } = setUp()
  const { Root } = page()
  await mount(Root, auth, null)
  await mount(Root, auth, null)
  expect((await auth.getSession()) === null && asked() === 0).toBe(true)
})
