import { renderToString } from '@vue/server-renderer'
import { effectScope, h, type Component } from 'vue'
import { expect, it } from 'vitest'

import { createAuthClient, type AuraSession } from '../../src/index.js'
import {
  AuthFailed,
  AuthPending,
  SignedIn,
  SignedOut,
  useSession,
  useUser,
} from '../../src/vue/index.js'
import { failOnComplaints, grace, onModuleLevel, ssrApp } from './rig.js'

failOnComplaints()

const { auth, asked } = onModuleLevel()

const Page: Component = {
  setup() {
    const user = useUser()
    return () => [
      h('b', user.value?.name ?? 'nobody'),
      h(SignedIn, null, { default: () => h('i', 'in'), fallback: () => h('i', 'fallback') }),
      h(SignedOut, () => h('i', 'out')),
      h(AuthPending, () => h('i', 'pending')),
      h(AuthFailed, () => h('i', 'failed')),
    ]
  },
}

const render = async (initialSession?: AuraSession | null): Promise<string> =>
  (await renderToString(ssrApp(Page, auth, initialSession))).replaceAll(/<!--.*?-->|<\/.>/g, '')

it('sends each user their own page, and keeps nothing', async () => {
  const other = { ...grace, user: { ...grace.user, name: 'Ada Winter' } }
  const [one, two, three, four] = await Promise.all([
    render(grace),
    render(other),
    render(null),
    render(),
  ])
  expect(one).toBe('<b>Grace Summer<i>in')
  expect(two).toBe('<b>Ada Winter<i>in')
  expect(three).toBe('<b>nobody<i>fallback<i>out')
  expect(four).toBe('<b>nobody<i>pending')
  expect(auth.session.value.status).toBe('pending')
  expect(asked).toEqual([])
})

it('listens to nothing, for no scope on a server is ever stopped', async () => {
  await render(grace)
  effectScope().run(() => useSession(auth))
  expect(auth.session.lc).toBe(0)
})

it('sends what a client made for this one request knows', async () => {
  const own = createAuthClient({ baseURL: 'http://app.test/auth', session: { initial: grace } })
  const Root = {
    setup() {
      const user = useUser(own)
      return () => h('b', user.value?.name ?? '')
    },
  }
  expect(await renderToString(ssrApp(Root, auth))).toBe('<b>Grace Summer</b>')
})
