// @vitest-environment happy-dom
import { StrictMode, type ReactElement, type ReactNode } from 'react'
import { describe, expect, it } from 'vitest'

import type { AuthClient } from '../../src/api.js'
import type { AuraSession } from '../../src/index.js'
import { AuthProvider, SignedIn, useSession, useUser } from '../../src/react/index.js'
import { staysQuiet } from '../frameworks/quiet.js'
import { createBrowser } from '../session/scene.js'
import { ada, after, failOnComplaints, mount } from './rig.js'

failOnComplaints()

/** A page of so many components, and how often each was rendered. */
function components(count: number): {
  page: (auth: AuthClient<AuraSession>) => ReactElement
  renders: number[]
} {
  const renders: number[] = []
  const Probe = ({ at }: { at: number }): ReactNode => {
    renders[at] = (renders[at] ?? 0) + 1
    const { status } = useSession()
    return `${status} ${useUser()?.name}`
  }
  const page = (auth: AuthClient<AuraSession>): ReactElement => (
    <AuthProvider client={auth}>
      {Array.from({ length: count }, (_, at) => (
        <Probe key={at} at={at} />
      ))}
    </AuthProvider>
  )
  return { page, renders }
}

staysQuiet(async (count, auth) => {
  const { page, renders } = components(count)
  const { container } = await mount(page(auth))
  return { container, renders }
}, after)

describe.each([1, 10, 100])('%i components', (count) => {
  it('cost the same in StrictMode, which renders everything twice', async () => {
    const { world, server, open, asked } = createBrowser()
    server.session = ada
    const { auth } = open({ unwatched: true })
    const { page, renders } = components(count)
    await mount(<StrictMode>{page(auth)}</StrictMode>)
    expect(asked()).toBe(1)
    expect(Math.max(...renders)).toBeLessThanOrEqual(4)
    const before = [...renders]
    await after(() => world.clock.advance(60_000))
    await after(() => auth.refetch())
    expect(asked()).toBe(2)
    expect(renders).toEqual(before)
  })
})

it('renders a guard’s children again only for another user', async () => {
  const { world, server, open } = createBrowser()
  server.session = ada
  const { auth } = open({ unwatched: true })
  const other = open()
  let renders = 0
  const Child = (): ReactNode => {
    renders += 1
    return null
  }
  const child = <Child />
  const { container } = await mount(
    <AuthProvider client={auth}>
      <SignedIn>{child}</SignedIn>
      <SignedIn>{({ user }) => user.name}</SignedIn>
    </AuthProvider>,
  )
  await after(() => world.clock.advance(10_000))
  server.session = { ...ada, user: { sub: '2', name: 'Grace Summer' } }
  await after(() => other.auth.refetch())
  expect(container.textContent).toBe('Grace Summer')
  expect(renders).toBe(1)
})
