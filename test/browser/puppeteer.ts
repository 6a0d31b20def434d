import { writeFile } from 'node:fs/promises'

import type { Browser as Driver, BrowserContext, Page as Tab } from 'puppeteer-core'

import type { Display } from './display.js'
import { within } from './process.js'
import { createPage, waitForPopup, type Window } from './page.js'
import type { Browser, Page, Profile } from './types.js'

/** Runs an expression in a tab and answers its string, without counting as a user gesture. */
export type Run = (expression: string) => Promise<unknown>

/**
 * A browser that puppeteer drives. `Page.evaluate` of puppeteer is never used: it pretends a user
 * gesture, so that after each look at a page its popup blocker would let everything through.
 */
export function createBrowser(
  driver: Driver,
  display: Display | null,
  connect: (tab: Tab) => Promise<Run>,
): Browser {
  return {
    profile: async () => createProfile(await driver.createBrowserContext(), connect),
    close: async () => {
      try {
        await driver.close()
      } finally {
        await display?.end()
      }
    },
  }
}

function createProfile(context: BrowserContext, connect: (tab: Tab) => Promise<Run>): Profile {
  const known = new WeakMap<Tab, Promise<Page>>()
  let closed = false
  const toPage = async (tab: Tab): Promise<Page> => {
    const page = known.get(tab) ?? attach(tab, connect, pages)
    known.set(tab, page)
    return page
  }
  const pages = async () => {
    const attached = await Promise.allSettled((await context.pages()).map(toPage))
    // A window that closes while we look at it is simply not there.
    return attached.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
  }
  return {
    page: async (url) => {
      const page = await toPage(await context.newPage())
      if (url) await page.goto(url)
      await page.bringToFront()
      return page
    },
    window: async (url) => {
      const page = await toPage(await context.newPage({ type: 'window' }))
      await page.goto(url)
      return page
    },
    restore: async (urls) =>
      Promise.all(
        urls.map(async (url) => {
          const page = await toPage(await context.newPage())
          await page.goto(url)
          return page
        }),
      ),
    pages,
    popup: waitForPopup(pages),
    close: async () => {
      if (closed) return
      closed = true
      // A page on its way elsewhere can keep it from closing. The browser goes after the file, anyway.
      await within(context.close(), 10_000, 'The profile did not close').catch(() => {})
    },
  }
}

async function attach(
  tab: Tab,
  connect: (tab: Tab) => Promise<Run>,
  pages: () => Promise<Page[]>,
): Promise<Page> {
  const messages: string[] = []
  tab.on('console', (message) => messages.push(`${message.type()}: ${message.text()}`))
  tab.on('pageerror', (error) => messages.push(`uncaught: ${String(error)}`))
  const run = await connect(tab)
  const window: Window = {
    messages,
    run,
    goto: async (url) => void (await tab.goto(url, { waitUntil: 'domcontentloaded' })),
    reload: async () => void (await tab.reload({ waitUntil: 'domcontentloaded' })),
    // By script: `goBack` of puppeteer waits for a load event, which the page cache never fires.
    back: async () => void (await run(`String(setTimeout(() => history.back()))`)),
    press: async (_, { x, y }) => tab.mouse.click(x, y),
    raise: async () => tab.bringToFront(),
    // As the close button does it: with `pagehide`, and the focus goes to the next window.
    close: async () => tab.close({ runBeforeUnload: true }),
    isClosed: async () => tab.isClosed(),
    screenshot: async (path) => writeFile(path, await tab.screenshot()),
  }
  return createPage(window, pages)
}
