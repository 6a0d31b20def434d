import { afterAll, afterEach, beforeAll, describe } from 'vitest'

import { engines } from './engines.js'
import type { Browser, Engine, Profile } from './types.js'

/** What a browser test works with. */
export interface Lab {
  readonly engine: Engine
  /** A fresh profile, which is closed after the test. */
  profile: () => Promise<Profile>
}

/**
 * The same tests on every engine. The browser starts once per file, each profile lives for one
 * test, and a failed test says which windows were open and what their consoles had said.
 */
export function onEachEngine(suite: (lab: Lab) => void): void {
  for (const engine of engines()) {
    describe.skipIf(engine.missing !== null)(engine.name, () => {
      let browser: Browser | undefined
      const profiles: Profile[] = []

      beforeAll(async () => {
        browser = await engine.launch()
      })

      afterEach(async ({ task }) => {
        const open = profiles.splice(0)
        if (task.result?.state === 'fail') await report(task.name, open)
        for (const profile of open) await profile.close()
      })

      afterAll(async () => {
        await browser?.close()
      })

      suite({
        engine,
        profile: async () => {
          if (!browser) throw new Error('A profile is for tests, and the browser is not running')
          const profile = await browser.profile()
          profiles.push(profile)
          return profile
        },
      })
    })
  }
}

async function report(test: string, profiles: readonly Profile[]): Promise<void> {
  for (const profile of profiles) {
    for (const page of await profile.pages()) {
      const url = await page.url().catch(() => 'a window that does not answer')
      process.stderr.write(`${test}: ${url}\n`)
      for (const message of page.messages) process.stderr.write(`  ${message}\n`)
    }
  }
}
