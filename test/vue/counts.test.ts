// @vitest-environment happy-dom
import { h } from 'vue'
import { describe, expect, it } from 'vitest'

import type { AuthClient } from '../../src/api.js'
import type { AuraSession } from '../../src/index.js'
import { SignedIn, useSession, useUser } from '../../src/vue/index.js'
import { createBrowser } from '../session/scene.js'
import { ada, after, failOnComplaints, mount } from './rig.js'

failOnComplaints()

/** Mounts so many components and counts how often each is rendered. */
async function components(count: number, auth: AuthClient<AuraSession>): Promise<number[]> {
  const renders: number[] = []
  const Probe = {
    props: ['at'],
    setup(props: { at: number }) {
      const session = useSession()
      const user = useUser()
      return () => {
        renders[props.at] = (renders[props.at] ?? 0) + 1
        return `${session.value.status} ${user.value?.name}`
      }
    },
  }
  await mount(() => Array.from({ length: count }, (_, at) => h(Probe, { at })), auth)
  return renders
}

describe.each([1, 10, 100])('%i components', (count) => {
  it('cost one request on load, two renders each, and none when nothing is new', async () => {
    const { world, server, open, asked } = createBrowser()
    server.session = ada
    const { auth } = open({ unwatched: true })
    const renders = await components(count, auth)
    expect(renders).toEqual(Array.from({ length: count }, () => 2))
    expect(asked()).toBe(1)
    await after(() => world.clock.advance(60_000))
    await after(() => auth.refetch())
    expect(asked()).toBe(2)
    expect(renders).toEqual(Array.from({ length: count }, () => 2))
  })

  it('cost one request and no render when the user comes back twenty times in a second', async () => {
    const { world, server, open, asked } = createBrowser()
    server.session = ada
    const { auth, page } = open({ unwatched: true })
    const renders = await components(count, auth)
    await after(() => world.clock.advance(60_000))
    const before = [...renders]
    for (let round = 0; round < 20; round += 1) {
      await after(async () => {
        page.show(false)
        page.show(true)
        await world.clock.advance(50)
      })
    }
    expect(asked()).toBe(2)
    expect(renders).toEqual(before)
  })

  it('cost no request and no render while polls and other tabs say nothing new', async () => {
    const { world, server, open, asked } = createBrowser({ pollInterval: 10_000 })
    server.session = ada
    const { auth } = open({ unwatched: true })
    const renders = await components(count, auth)
    await after(() => world.clock.advance(2_000))
    const before = [...renders]
    const other = open()
    await after(() => world.clock.advance(60_000))
    expect(asked()).toBeGreaterThan(5)
    expect(asked()).toBeLessThanOrEqual(9)
    expect(renders).toEqual(before)
    await after(() => other.auth.signOut())
    expect(renders).toEqual(before.map((times) => times + 1))
  })
})

it('follows another user of another tab, everywhere', async () => {
  const { world, server, open } = createBrowser()
  server.session = ada
  const { auth } = open({ unwatched: true })
  const other = open()
  const name = ({ session }: { session: AuraSession }): string => `${session.user.name},`
  const { container } = await mount(
    () => [h(SignedIn, null, { default: name }), h(SignedIn, null, { default: name })],
    auth,
  )
  await after(() => world.clock.advance(10_000))
  server.session = { ...ada, user: { sub: '2', name: 'Grace Summer' } }
  await after(() => other.auth.refetch())
  expect(container.textContent).toBe('Grace Summer,Grace Summer,')
})
