// @vitest-environment happy-dom
import type { Component } from 'solid-js'
import type { hydrate, render, renderToString } from 'solid-js/web'
import { describe, expect, it, vi } from 'vitest'

import { grace, onModuleLevel } from '../react/auth.js'
import { settle } from '../rig.js'
import { bundle } from './bundle.js'
import { cleanUp, container, keepsTheContract, setUp, type Show } from './scene.js'

cleanUp()

const components = `export * from './Hello.tsx'; export * from './Greeting.tsx'`
const start = await bundle<{
  Greeting: Component
  Hello: Component
  hydrate: typeof hydrate
  render: typeof render
}>(`export { hydrate, render } from 'solid-js/web'; ${components}`)
const onServer = await bundle<{ Greeting: Component; renderToString: typeof renderToString }>(
  `export { renderToString } from 'solid-js/web'; ${components}`,
  true,
)

const show: Show = async (auth) => {
  const { render: mount, Hello } = await start(auth)
  const target = container()
  const unmount = mount(() => Hello({}), target)
  return {
    text: () => target.textContent,
    click: () => target.querySelector('button')?.click(),
    unmount,
  }
}

describe('a Solid component with from(session)', () => keepsTheContract(show))

describe('a Solid component that a server rendered', () => {
  it.each([
    ['knows better by then', grace],
    ['has still to ask', undefined],
  ])('is adopted where the browser %s, and lets go', async (_, initial) => {
    const { renderToString: toHTML, Greeting: Sent } = await onServer(onModuleLevel().auth)
    const target = container()
    target.innerHTML = toHTML(() => Sent({}))
    expect(target.textContent).toBe('…')
    vi.stubGlobal('_$HY', { events: [], completed: new WeakSet(), r: {}, fe: () => {} })
    const { auth, server } = setUp()
    auth.hydrate(initial)
    server.session = { user: { sub: '2', name: 'Grace Summer' }, expires: '2999-01-01' }
    const { hydrate: adopt, Greeting } = await start(auth)
    const unmount = adopt(() => Greeting({}), target)
    await settle()
    expect(target.textContent).toBe('Hello, Grace Summer')
    unmount()
    expect(auth.session.lc).toBe(0)
  })
})
