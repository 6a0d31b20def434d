// @vitest-environment happy-dom
import type { LitElement } from 'lit'
import { describe, vi } from 'vitest'

import { bundle } from './bundle.js'
import { cleanUp, container, keepsTheContract, type Show } from './scene.js'

cleanUp()

const start = await bundle<{ HelloUser: new () => LitElement }>(`export * from './hello-user.ts'`)

// A name is taken for as long as the document lives, so every test's element gets its own.
const define = customElements.define.bind(customElements)
let elements = 0

const show: Show = async (auth) => {
  vi.spyOn(customElements, 'define').mockImplementation((name, type) =>
    define(`${name}-${(elements += 1)}`, type),
  )
  const { HelloUser } = await start(auth)
  const element = new HelloUser()
  container().append(element)
  await element.updateComplete
  const { renderRoot } = element
  return {
    text: () => renderRoot.textContent?.trim() ?? '',
    click: () => renderRoot.querySelector('button')?.click(),
    unmount: () => element.remove(),
  }
}

describe('a Lit element with a StoreController', () => keepsTheContract(show))
