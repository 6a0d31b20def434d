import { act, type ReactNode } from 'react'
import { createRoot, hydrateRoot } from 'react-dom/client'

import { settle } from '../rig.js'

export * from './auth.js'

Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true })

export interface Mounted {
  readonly container: HTMLElement
  readonly render: (ui: ReactNode) => Promise<void>
  readonly unmount: () => Promise<void>
}

/** Does this, lets answers arrive, and renders what it all changed. */
export async function after(what: () => unknown): Promise<void> {
  await act(async () => {
    await what()
  })
  await act(settle)
}

export async function mount(ui: ReactNode): Promise<Mounted> {
  const container = document.createElement('div')
  const root = createRoot(container)
  const render = (next: ReactNode): Promise<void> => after(() => root.render(next))
  await render(ui)
  return { container, render, unmount: () => after(() => root.unmount()) }
}

/** Adopts the server's HTML. `complaints`: what React had to throw away of it. */
export async function hydrate(
  html: string,
  ui: ReactNode,
): Promise<{ container: HTMLElement; complaints: unknown[] }> {
  const container = document.createElement('div')
  container.innerHTML = html
  const complaints: unknown[] = []
  await after(() => {
    hydrateRoot(container, ui, { onRecoverableError: (error) => complaints.push(error) })
  })
  return { container, complaints }
}
