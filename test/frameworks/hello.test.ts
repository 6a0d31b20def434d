// @vitest-environment happy-dom
import { describe } from 'vitest'

import { bundle } from './bundle.js'
import { cleanUp, container, keepsTheContract, type Show } from './scene.js'

cleanUp()

const start = await bundle<{ hello: (element: HTMLElement) => () => void }>(
  `export * from './hello.ts'`,
)

const show: Show = async (auth) => {
  const { hello } = await start(auth)
  const element = container()
  const unmount = hello(element)
  return { text: () => element.textContent, click: () => void auth.refetch(), unmount }
}

describe('a page without a framework', () => keepsTheContract(show))
