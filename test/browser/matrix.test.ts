import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { engines } from './engines.js'
import { openApp, openPopup, startStage, type Policies, type Stage } from './stage.js'
import type { Browser, EngineName, Page, Profile } from './types.js'

// Which of the three pages sends `Cross-Origin-Opener-Policy: same-origin`, against what the user
// does. The engines have displays of their own, so they run at the same time; the cells of one take
// turns, for only one of its windows can have the focus.

const policies: Readonly<Record<string, Policies>> = {
  'no COOP': {},
  app: { app: 'same-origin' },
  provider: { provider: 'same-origin' },
  callback: { callback: 'same-origin' },
  'app + callback': { app: 'same-origin', callback: 'same-origin' },
}

interface Cell {
  readonly profile: Profile
  readonly app: Page
  readonly popup: Page
}

const isSignedIn = async ({ app, popup, profile }: Cell): Promise<string> => {
  await app.waitFor(`window.result !== undefined`)
  await popup.waitForClose()
  expect(await app.evaluate('window.result')).toBe('Ada')
  expect(
    await app.evaluate('[document.title, sessionStorage.length, localStorage.length]'),
  ).toEqual(['Ada', 0, 0])
  expect(await profile.pages()).toHaveLength(1)
  return 'signed in'
}

const acts: Readonly<Record<string, (cell: Cell) => Promise<string>>> = {
  allow: async (cell) => {
    await cell.popup.click('#allow')
    return isSignedIn(cell)
  },
  deny: async ({ app, popup }) => {
    await popup.click('#deny')
    await app.waitFor(`window.result === 'access_denied'`)
    await popup.waitForClose()
    return 'access_denied'
  },
  close: async ({ app, popup }) => {
    expect(await app.evaluate('window.result ?? null')).toBe(null)
    await popup.closeByUser()
    await app.waitFor('document.hasFocus()')
    const since = Date.now()
    await app.waitFor(`window.result === 'popup_closed'`)
    const ms = Date.now() - since
    expect(ms).toBeLessThan(2_000)
    return `popup_closed, ${(ms / 1000).toFixed(1)} s`
  },
  'leave open 10 s, then allow': async (cell) => {
    await new Promise((resolve) => setTimeout(resolve, 10_000))
    expect(await cell.app.evaluate('window.result ?? null')).toBe(null)
    await cell.popup.click('#allow')
    return isSignedIn(cell)
  },
}

let stage: Stage
const browsers = new Map<EngineName, Browser>()
const turns = new Map<EngineName, Promise<unknown>>()
const table = new Map<string, string>()
const installed = engines().filter(({ missing }) => missing === null)

beforeAll(async () => {
  stage = await startStage()
  for (const engine of installed) browsers.set(engine.name, await engine.launch())
})
afterAll(async () => {
  for (const browser of browsers.values()) await browser.close()
  await stage.close()
  process.stdout.write(print())
})

/** One cell, once the engine is free. */
async function run(engine: EngineName, coop: Policies, act: string): Promise<string> {
  const mine = (turns.get(engine) ?? Promise.resolve()).then(async () => {
    const profile = await browsers.get(engine)!.profile()
    try {
      const app = await openApp(profile, stage.url(coop))
      const popup = await openPopup(profile, app)
      return await acts[act]!({ profile, app, popup })
    } catch (error) {
      const urls = await Promise.all((await profile.pages()).map(async (page) => page.url()))
      throw new Error(`Open at the end: ${urls.join(', ')}`, { cause: error })
    } finally {
      await profile.close()
    }
  })
  turns.set(
    engine,
    mine.catch(() => null),
  )
  return mine
}

describe.concurrent('a popup under Cross-Origin-Opener-Policy', () => {
  for (const [row, coop] of Object.entries(policies)) {
    for (const act of Object.keys(acts)) {
      for (const { name } of installed) {
        test(`${name}: ${row}: ${act}`, { timeout: 400_000 }, async ({ expect: must }) => {
          const key = `${row}/${act}/${name}`
          table.set(key, 'WRONG')
          table.set(key, await run(name, coop, act))
          must(table.get(key)).not.toBe('WRONG')
        })
      }
    }
  }
})

/** As in docs/popups.md: one row for each policy, and in it each engine's outcome of each act. */
function print(): string {
  const columns = Object.keys(acts)
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |\n`
  const rows = Object.keys(policies).flatMap((row) =>
    installed.map(({ name }) =>
      line([row, name, ...columns.map((act) => table.get(`${row}/${act}/${name}`) ?? '–')]),
    ),
  )
  const head = ['`same-origin` on', 'engine', ...columns]
  return `\n${line(head)}${line(head.map(() => '---'))}${rows.join('')}\n`
}
