// @vitest-environment happy-dom
import type { Component } from 'solid-js'
import type { render } from 'solid-js/web'
import { describe } from 'vitest'

import { bundle } from './bundle.js'
import { cleanUp, container, keepsTheContract, type Show } from './scene.js'

cleanUp()

const start = await bundle<{ render: typeof render; Hello: Component }>(
  `export { render } from 'solid-js/web'; export * from './Hello.tsx'`,
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
