import { describe, expect, it } from 'vitest'

import type { AuthClient } from '../../src/api.js'
import type { AuraSession } from '../../src/index.js'
import { ada } from '../react/auth.js'
import { createBrowser } from '../session/scene.js'

/** Mounts so many components on one client. */
export type Mount = (count: number, auth: AuthClient<AuraSession>) => Promise<Mounted>
interface Mounted {
  readonly container: HTMLElement
  /** How often each was rendered. */
  readonly renders: readonly number[]
}

/** `after` does something, and returns when the framework has rendered what came of it. */
export function staysQuiet(mount: Mount, after: (act: () => unknown) => Promise<unknown>): void {
  describe.each([1, 10, 100])('%i components', (count) => {
    it('cost one request on load, two renders each, and none when nothing is new', async () => {
      const { world, server, open, asked } = createBrowser()
      server.session = ada
      const { auth } = open({ unwatched: true })
      const { container, renders } = await mount(count, auth)
      expect(container.textContent).toBe('authenticated Ada Winter'.repeat(count))
      expect(renders).toEqual(Array.from({ length: count }, () => 2))
      expect(asked()).toBe(1)
      await after(() => world.clock.advance(60_000))
      await after(() => auth.refetch())
      expect(asked()).toBe(2)
      expect(renders).toEqual(Array.from({ length: count }, () => 2))
    })

    it('cost one request and no render when the user comes back twenty times in a second', async () => {
      const { world, server, open, asked } = createBrowser()
      server.session = ada
      const { auth, page } = open({ unwatched: true })
      const { renders } = await mount(count, auth)
      await after(() => world.clock.advance(60_000))
      const before = [...renders]
      for (let round = 0; round < 20; round += 1) {
        await after(async () => {
          page.show(false)
          page.show(true)
          await world.clock.advance(50)
        })
      }
      expect(asked()).toBe(2)
      expect(renders).toEqual(before)
    })

    it('cost no request and no render while polls and other tabs say nothing new', async () => {
      const { world, server, open, asked } = createBrowser({ pollInterval: 10_000 })
      server.session = ada
      const { auth } = open({ unwatched: true })
      const { renders } = await mount(count, auth)
      await after(() => world.clock.advance(2_000))
      const before = [...renders]
      const other = open()
      await after(() => world.clock.advance(60_000))
      expect(asked()).toBeGreaterThan(5)
      expect(asked()).toBeLessThanOrEqual(9)
      expect(renders).toEqual(before)
      await after(() => other.auth.signOut())
      expect(renders).toEqual(before.map((times) => times + 1))
    })
  })
}
