// @vitest-environment happy-dom
import { h, type FunctionalComponent } from 'vue'
import { describe, expect, it } from 'vitest'

import { AuthFailed, AuthPending, SignedIn, SignedOut } from '../../src/vue/index.js'
import { json } from '../aura-server.js'
import { deferred } from '../rig.js'
import { ada, after, failOnComplaints, mount, setUp } from './rig.js'

failOnComplaints()

const Page: FunctionalComponent = () => [
  h(SignedIn, null, {
    default: ({ session }: { session: { user: { name: string | null } } }) =>
      `in:${session.user.name},`,
    fallback: () => 'fallback,',
  }),
  h(SignedIn, () => 'in,'),
  h(SignedOut, () => 'out,'),
  h(AuthPending, () => 'pending,'),
  h(AuthFailed, null, {
    default: ({ error }: { error: { code: string } }) => `failed:${error.code},`,
  }),
  // Without slots they show nothing, and do not fail.
  h(SignedIn),
  h(SignedOut),
  h(AuthPending),
  h(AuthFailed),
]

describe('what is shown', () => {
  it('while nobody answered is only what is pending', async () => {
    const { server, auth } = setUp()
    server.onSession = () => deferred<Response>().promise
    const { container } = await mount(Page, auth)
    expect(container.textContent).toBe('pending,')
  })

  it('to a signed-in user', async () => {
    const { server, auth } = setUp()
    server.session = ada
    const { container } = await mount(Page, auth)
    expect(container.textContent).toBe('in:Ada Winter,in,')
  })

  it('to a signed-out visitor', async () => {
    const { auth } = setUp()
    const { container } = await mount(Page, auth)
    expect(container.textContent).toBe('fallback,out,')
  })

  it('when nobody could be asked is neither signed in nor signed out', async () => {
    const { server, auth } = setUp()
    server.onSession = () => json(null, 503)
    const { container } = await mount(Page, auth)
    expect(container.textContent).toBe('failed:server_error,')
  })

  it('to a signed-in user whose refresh failed is what was shown before', async () => {
    const { server, auth } = setUp()
    server.session = ada
    const { container } = await mount(Page, auth)
    server.onSession = () => json(null, 503)
    await after(() => auth.refetch())
    expect(auth.session.value.error?.code).toBe('server_error')
    expect(container.textContent).toBe('in:Ada Winter,in,')
  })

  it('follows a sign-out', async () => {
    const { server, auth } = setUp()
    server.session = ada
    const { container } = await mount(Page, auth)
    await after(() => auth.signOut())
    expect(container.textContent).toBe('fallback,out,')
  })
})

it('never flashes "signed out" at a signed-in user', async () => {
  const { server, auth } = setUp()
  server.session = ada
  const rendered: string[] = []
  const say = (what: string) => () => {
    rendered.push(what)
    return what
  }
  await mount(
    () => [
      h(AuthPending, say('pending')),
      h(SignedOut, say('out')),
      h(SignedIn, null, { default: say('in'), fallback: say('fallback') }),
    ],
    auth,
  )
  expect(rendered).toEqual(['pending', 'in'])
})

it('tries again on request, and goes on from there', async () => {
  const { asked, server, auth } = setUp()
  server.onSession = () => json(null, 503)
  const { container } = await mount(
    () => [
      h(SignedIn, () => 'welcome'),
      h(AuthFailed, null, {
        default: ({ retry }: { retry: () => void }) => h('button', { onClick: retry }, 'again'),
      }),
    ],
    auth,
  )
  expect(container.textContent).toBe('again')
  server.onSession = null
  server.session = ada
  await after(() => container.querySelector('button')?.click())
  expect(container.textContent).toBe('welcome')
  expect(asked()).toBe(2)
})
