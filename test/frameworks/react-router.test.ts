// @vitest-environment happy-dom
import type { createElement } from 'react'
import type { createRoot } from 'react-dom/client'
import type { createMemoryRouter, RouteObject, RouterProvider } from 'react-router'
import { describe, expect, it, onTestFinished, vi } from 'vitest'

import { ada, json } from '../aura-server.js'
import { settle } from '../rig.js'
import { bundle } from './bundle.js'
import { cleanUp, container, setUp, type Scene } from './scene.js'

cleanUp()

const start = await bundle<{
  createElement: typeof createElement
  createMemoryRouter: typeof createMemoryRouter
  createRoot: typeof createRoot
  RouterProvider: typeof RouterProvider
  routes: RouteObject[]
}>(`
  export { createElement } from 'react'
  export { createRoot } from 'react-dom/client'
  export { createMemoryRouter, RouterProvider } from 'react-router'
  export { routes } from './routes.tsx'
`)

interface Opened {
  readonly page: HTMLElement
  readonly router: ReturnType<typeof createMemoryRouter>
  /** Waits until React has rendered this. */
  readonly shows: (text: string) => Promise<void>
}

/** The app of the docs, loaded at this URL. */
async function open({ auth }: Scene, url: string): Promise<Opened> {
  const app = await start(auth)
  const router = app.createMemoryRouter(app.routes, { initialEntries: [url] })
  const page = container()
  const root = app.createRoot(page)
  root.render(app.createElement(app.RouterProvider, { router }))
  onTestFinished(() => {
    root.unmount()
    router.dispose()
  })
  return {
    page,
    router,
    shows: (text) => vi.waitFor(() => expect(page.textContent).toContain(text)),
  }
}

const at = ({ router }: Opened): string =>
  router.state.location.pathname + router.state.location.search

describe('a guard of React Router', () => {
  it('waits for the first answer, then lets a user through', async () => {
    const scene = setUp()
    scene.server.session = ada
    const app = await open(scene, '/settings/profile?tab=2')
    await app.shows('Settings profile')
    expect(at(app)).toBe('/settings/profile?tab=2')
  })

  it('asks once for many navigations', async () => {
    const scene = setUp()
    scene.server.session = ada
    const { router, shows } = await open(scene, '/settings')
    await shows('Settings')
    for (const to of ['/settings/a', '/', '/settings/b', '/settings/b?c', '/', '/settings/z']) {
      await router.navigate(to)
    }
    await shows('Settings z')
    expect(scene.asked()).toBe(1)
  })

  it('asks nothing for a page that is for everybody', async () => {
    const scene = setUp()
    const { shows } = await open(scene, '/')
    await shows('Home')
    await settle()
    expect(scene.asked()).toBe(0)
  })

  it('sends a visitor to sign in, and from there to what they wanted', async () => {
    const scene = setUp()
    const app = await open(scene, '/settings/profile?tab=2')
    await app.shows('Sign in with Dribbble')
    expect(at(app)).toBe(`/login?next=${encodeURIComponent('/settings/profile?tab=2')}`)
    await scene.auth.prepare()
    app.page.querySelector('button')?.click()
    await vi.waitFor(() => expect(scene.tab.navigations).toHaveLength(1))
    const sent = new URL(scene.tab.navigations[0]!)
    expect(sent.pathname).toBe('/auth/signIn/dribbble')
    expect(sent.searchParams.get('redirectTo')).toContain('/settings/profile?tab=2')
  })

  it('shows a failure where it happened, and the page once somebody has answered', async () => {
    const scene = setUp()
    scene.server.onSession = () => json(null, 500)
    const app = await open(scene, '/settings/profile')
    await app.shows('Try again')
    expect(at(app)).toBe('/settings/profile')
    scene.server.onSession = null
    scene.server.session = ada
    app.page.querySelector('button')?.click()
    await app.shows('Settings profile')
    expect(at(app)).toBe('/settings/profile')
  })

  it('hides the page on a sign-out in another tab, and guards the next navigation', async () => {
    const scene = setUp()
    scene.server.session = ada
    const app = await open(scene, '/settings/profile')
    await app.shows('Settings profile')
    await scene.openAnother().signOut()
    await app.shows('Sign in')
    expect(app.page.textContent).toBe('Sign in')
    await app.router.navigate('/settings/password')
    expect(at(app)).toBe(`/login?next=${encodeURIComponent('/settings/password')}`)
    expect(scene.asked()).toBe(1)
  })
})
