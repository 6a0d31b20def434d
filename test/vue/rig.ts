import { createApp, createSSRApp, nextTick, type App, type Component } from 'vue'

import type { AuthClient } from '../../src/api.js'
import type { AuraSession } from '../../src/index.js'
import { authPlugin } from '../../src/vue/index.js'
import { settle } from '../rig.js'

export * from '../react/auth.js'

export interface Mounted {
  readonly container: HTMLElement
  readonly app: App
}

/** Does this, lets answers arrive, and renders what it all changed. */
export async function after(what: () => unknown): Promise<void> {
  await what()
  await settle()
  await nextTick()
}

/** Mounts in an app without the plugin, or with it when given a client. */
export async function mount(
  root: Component,
  client?: AuthClient<AuraSession>,
  initialSession?: AuraSession | null,
): Promise<Mounted> {
  const container = document.createElement('div')
  const app = createApp(root)
  if (client) app.use(authPlugin, { client, initialSession })
  await after(() => app.mount(container))
  return { container, app }
}

/** The app of one request on a server, or of the page that adopts its HTML. */
export function ssrApp(
  root: Component,
  client: AuthClient<AuraSession>,
  initialSession?: AuraSession | null,
): App {
  return createSSRApp(root).use(authPlugin, { client, initialSession })
}

export async function hydrate(html: string, app: App): Promise<HTMLElement> {
  const container = document.createElement('div')
  container.innerHTML = html
  await after(() => app.mount(container))
  return container
}
