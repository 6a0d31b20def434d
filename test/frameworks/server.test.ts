import type { renderToString } from 'solid-js/web'
import type { Component } from 'svelte'
import type { render } from 'svelte/server'
import { expect, it, vi } from 'vitest'

import type { AuthClient } from '../../src/api.js'
import type { AuraSession } from '../../src/index.js'
import { onModuleLevel } from '../react/auth.js'
import { settle } from '../rig.js'
import { bundle } from './bundle.js'
import { cleanUp } from './scene.js'

cleanUp()

const svelte = await bundle<{ render: typeof render; Hello: Component }>(
  `export { render } from 'svelte/server'; export { default as Hello } from './Hello.svelte'`,
  true,
)
const solid = await bundle<{ renderToString: typeof renderToString; Hello: () => never }>(
  `export { renderToString } from 'solid-js/web'; export * from './Hello.tsx'`,
  true,
)

/** On a server one client serves everybody, so it knows nobody, and must not gather listeners. */
async function rendersThePlaceholder(
  toHTML: (auth: AuthClient<AuraSession>) => Promise<string>,
): Promise<void> {
  const { auth, asked } = onModuleLevel()
  expect(await toHTML(auth)).toMatch(/<p[^>]*>…<\/p>/)
  await vi.waitFor(() => expect(auth.session.lc).toBe(0))
  await settle()
  expect(asked).toEqual([])
  expect(auth.session.value.status).toBe('pending')
}

it('Svelte renders the placeholder on a server, asks nobody and leaves no listener', () =>
  rendersThePlaceholder(async (auth) => {
    const { render: toHTML, Hello } = await svelte(auth)
    return toHTML(Hello).body
  }))

it('Solid renders the placeholder on a server, asks nobody and leaves no listener', () =>
  rendersThePlaceholder(async (auth) => {
    const { renderToString: toHTML, Hello } = await solid(auth)
    return toHTML(() => Hello())
  }))
