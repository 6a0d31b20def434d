// @vitest-environment happy-dom
// @vitest-environment-options { "url": "http://app.test/" }
import type { Component, createApp } from 'vue'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { Router } from 'vue-router'

import type { authPlugin } from '../../src/vue/index.js'
import { ada, json } from '../aura-server.js'
import { settle } from '../rig.js'
import { bundle } from './bundle.js'
import { cleanUp, container, setUp, type Scene } from './scene.js'

cleanUp()

const start = await bundle<{
  App: Component
  authPlugin: typeof authPlugin
  createApp: typeof createApp
  router: Router
}>(`
  export { authPlugin } from 'latchkey/vue'
  export { createApp } from 'vue'
  export { default as App } from './App.vue'
  export { router } from './router.ts'
`)

/** The app of the docs, loaded at this URL. */
async function open(
  { auth }: Scene,
  url: string,
): Promise<{ page: HTMLElement; router: Router; thrown: unknown[] }> {
  history.replaceState(null, '', url)
  const { App, authPlugin: plugin, createApp: create, router } = await start(auth)
  const app = create(App).use(plugin, { client: auth }).use(router)
  const page = container()
  const thrown: unknown[] = []
  app.config.errorHandler = (error) => thrown.push(error)
  app.mount(page)
  onTestFinished(() => {
    app.unmount()
    router.options.history.destroy()
  })
  await settle()
  return { page, router, thrown }
}

describe('a guard of vue-router', () => {
  it('waits for the first answer, then lets a user through', async () => {
    const scene = setUp()
    scene.server.session = ada
    const { page } = await open(scene, '/settings/profile?tab=2')
    expect(page.textContent).toBe('Settings profile')
    expect(location.pathname + location.search).toBe('/settings/profile?tab=2')
  })

  it('asks once for many navigations', async () => {
    const scene = setUp()
    scene.server.session = ada
    const { page, router } = await open(scene, '/settings')
    for (const to of ['/settings/a', '/', '/settings/b', '/settings/b?c', '/']) {
      await router.push(to)
    }
    await router.push('/settings/z')
    expect(page.textContent).toBe('Settings z')
    expect(scene.asked()).toBe(1)
  })

  it('asks nothing for a page that is for everybody', async () => {
    const scene = setUp()
    const { page } = await open(scene, '/')
    expect(page.textContent).toContain('Home')
    expect(scene.asked()).toBe(0)
  })

  it('sends a visitor to sign in, and from there to what they wanted', async () => {
    const scene = setUp()
    const { page } = await open(scene, '/settings/profile?tab=2#name')
    expect(page.textContent).toBe('Sign in with Dribbble')
    expect(location.pathname).toBe('/login')
    expect(new URLSearchParams(location.search).get('next')).toBe('/settings/profile?tab=2#name')
    await scene.auth.prepare()
    page.querySelector('button')?.click()
    const sent = new URL(scene.tab.navigations[0]!)
    expect(sent.pathname).toBe('/auth/signIn/dribbble')
    expect(sent.searchParams.get('redirectTo')).toContain('/settings/profile?tab=2')
  })

  it('sends nobody to another origin after the sign-in', async () => {
    const scene = setUp()
    await scene.auth.prepare()
    const { page, thrown } = await open(scene, '/login?next=//evil.test/')
    page.querySelector('button')?.click()
    await settle()
    expect(thrown).toMatchObject([{ code: 'invalid_redirect' }])
    expect(scene.tab.navigations).toEqual([])
  })

  it('shows a failure where it happened, and the page once somebody has answered', async () => {
    const scene = setUp()
    scene.server.onSession = () => json(null, 500)
    const { page } = await open(scene, '/settings/profile')
    expect(page.textContent).toContain('Try again')
    expect(page.textContent).not.toContain('Settings')
    expect(location.pathname).toBe('/settings/profile')
    scene.server.onSession = null
    scene.server.session = ada
    page.querySelector('button')?.click()
    await settle()
    expect(page.textContent.trim()).toBe('Settings profile')
  })

  it('hides the page on a sign-out in another tab, and guards the next navigation', async () => {
    const scene = setUp()
    scene.server.session = ada
    const { page, router } = await open(scene, '/settings/profile')
    await scene.openAnother().signOut()
    await settle()
    expect(page.textContent).toBe('Sign in')
    await router.push('/settings/password')
    expect(router.currentRoute.value.fullPath).toBe('/login?next=/settings/password')
    expect(scene.asked()).toBe(1)
  })
})
