// @vitest-environment happy-dom
import { createElement, Fragment } from 'react'
import { h } from 'vue'
import { expect, it } from 'vitest'

import { useSession as useReactSession } from '../../src/react/index.js'
import { useSession as useVueSession } from '../../src/vue/index.js'
import * as onReact from '../react/rig.js'
import { ada, failOnComplaints, mount, setUp } from './rig.js'

failOnComplaints()

it('shares one client with React: one request, and one sign-out for both', async () => {
  const { asked, server, auth } = setUp()
  server.session = ada
  const ReactProbe = (): string => `${useReactSession(auth).status} `
  const VueProbe = {
    setup() {
      const session = useVueSession(auth)
      return () => `${session.value.status} `
    },
  }
  const fifty = Array.from({ length: 50 }, (_, key) => key)
  const vue = await mount(() => fifty.map((key) => h(VueProbe, { key })))
  const react = await onReact.mount(
    createElement(Fragment, null, ...fifty.map((key) => createElement(ReactProbe, { key }))),
  )
  expect(auth.session.lc).toBe(100)
  expect(vue.container.textContent).toBe('authenticated '.repeat(50))
  expect(react.container.textContent).toBe('authenticated '.repeat(50))
  await onReact.after(() => auth.signOut())
  expect(vue.container.textContent).toBe('unauthenticated '.repeat(50))
  expect(react.container.textContent).toBe('unauthenticated '.repeat(50))
  expect(asked()).toBe(1)
  vue.app.unmount()
  await react.unmount()
  expect(auth.session.lc).toBe(0)
})
