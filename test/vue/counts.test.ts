// @vitest-environment happy-dom
import { h } from 'vue'
import { expect, it } from 'vitest'

import type { AuraSession } from '../../src/index.js'
import { SignedIn, useSession, useUser } from '../../src/vue/index.js'
import { staysQuiet, type Mount } from '../frameworks/quiet.js'
import { createBrowser } from '../session/scene.js'
import { ada, after, failOnComplaints, mount } from './rig.js'

failOnComplaints()

/** Mounts so many components and counts how often each is rendered. */
const components: Mount = async (count, auth) => {
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
  const { container } = await mount(
    () => Array.from({ length: count }, (_, at) => h(Probe, { at })),
    auth,
  )
  return { container, renders }
}

staysQuiet(components, after)

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
