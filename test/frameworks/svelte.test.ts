// @vitest-environment happy-dom
import type { Component, hydrate, mount, unmount } from 'svelte'
import type { render } from 'svelte/server'
import { describe, expect, it } from 'vitest'

import { grace, onModuleLevel } from '../react/auth.js'
import { settle } from '../rig.js'
import { bundle } from './bundle.js'
import { cleanUp, container, keepsTheContract, setUp, type Show } from './scene.js'

cleanUp()

const hello = `export { default as Hello } from './Hello.svelte'`
const start = await bundle<{
  Hello: Component
  hydrate: typeof hydrate
  mount: typeof mount
  unmount: typeof unmount
}>(`export { hydrate, mount, unmount } from 'svelte'; ${hello}`)
const onServer = await bundle<{ Hello: Component; render: typeof render }>(
  `export { render } from 'svelte/server'; ${hello}`,
  true,
)

const show: Show = async (auth) => {
  const svelte = await start(auth)
  const target = container()
  const component = svelte.mount(svelte.Hello, { target })
  return {
    text: () => target.textContent.trim(),
    click: () => target.querySelector('button')?.click(),
    unmount: () => svelte.unmount(component),
  }
}

describe('a Svelte component with $session', () => {
  keepsTheContract(show)

  it('adopts a server’s placeholder, also where the browser knows better by then', async () => {
    const svelte = await onServer(onModuleLevel().auth)
    const target = container()
    target.innerHTML = svelte.render(svelte.Hello).body
    expect(target.textContent.trim()).toBe('…')
    const { auth, asked } = setUp(grace)
    const { hydrate: adopt, Hello } = await start(auth)
    adopt(Hello, { target })
    await settle()
    expect(target.textContent).toContain('Grace Summer')
    expect(target.querySelectorAll('p')).toHaveLength(1)
    expect(asked()).toBe(0)
  })
})
