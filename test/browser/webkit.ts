import { randomUUID } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { connect } from 'node:net'

import { Builder, By, type WebDriver } from 'selenium-webdriver'

import { startDisplay, type Display } from './display.js'
import { createPage, waitForPopup, type Window } from './page.js'
import { end, freePort, poll, spawnTied, within } from './process.js'
import type { Browser, Page, Profile } from './types.js'
import { activate } from './x11.js'

/** Where the two programs of WebKitGTK are. */
export interface WebKit {
  readonly driver: string
  readonly browser: string
}

/**
 * WebKitGTK's MiniBrowser. Each profile is a browser of its own, whose storage lives in memory, and
 * on its own display: the window manager keeps one program from taking the focus of another.
 */
export function launchWebKit(paths: WebKit): Browser {
  const profiles = new Set<Profile>()
  return {
    profile: async () => {
      const { close, ...profile } = await startProfile(paths)
      const tracked = {
        ...profile,
        close: async () => {
          if (profiles.delete(tracked)) await close()
        },
      }
      profiles.add(tracked)
      return tracked
    },
    close: async () => {
      for (const profile of profiles) await profile.close()
    },
  }
}

async function startProfile({ driver, browser }: WebKit): Promise<Profile> {
  const [display, port] = await Promise.all([startDisplay(), freePort()])
  const service = spawnTied(driver, [`--port=${port}`], {
    env: {
      ...display.env,
      // There is neither a GPU nor a user namespace in most containers. Compositing stays on:
      // without it, a screenshot is never answered, and nothing after it either.
      WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: '1',
      LIBGL_ALWAYS_SOFTWARE: '1',
    },
  })
  const stop = async () => {
    await end(service)
    await display.end()
  }
  try {
    await poll(async () => canConnect(port), `${driver} did not listen`)
    const session = await new Builder()
      .usingServer(`http://127.0.0.1:${port}`)
      .withCapabilities({
        browserName: 'MiniBrowser',
        'webkitgtk:browserOptions': { binary: browser, args: ['--automation'] },
      })
      .build()
    return await createProfile(session, display, async () => {
      try {
        await within(session.quit(), 5_000, 'MiniBrowser did not quit')
      } finally {
        await stop()
      }
    })
  } catch (cause) {
    await stop()
    throw cause
  }
}

async function canConnect(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    socket.unref().once('connect', () => socket.destroy())
  })
}

async function createProfile(
  session: WebDriver,
  display: Display,
  close: () => Promise<void>,
): Promise<Profile> {
  // WebDriver talks to one window at a time: each command first says which, so they take turns.
  let turn: Promise<unknown> = Promise.resolve()
  const inTurn = async <T>(act: () => Promise<T>): Promise<T> => {
    const mine = turn.then(async () => within(act(), 20_000, 'WebKitWebDriver did not answer'))
    turn = mine.catch(() => undefined)
    return mine
  }
  const handles = async () => inTurn(async () => session.getAllWindowHandles())
  const known = new Map<string, Page>()
  const toPage = (handle: string): Page => {
    const page = known.get(handle) ?? attach(session, display, handle, inTurn, pages)
    known.set(handle, page)
    return page
  }
  const pages = async () => (await handles()).map(toPage)
  // The window that is there from the start is the first page asked for.
  let spare: string | undefined = (await handles())[0]
  const open = async (url?: string): Promise<Page> => {
    const create = async () => {
      // A window, not a tab: to talk to a tab, WebDriver has to bring it to the front.
      await session.switchTo().window((await session.getAllWindowHandles())[0]!)
      await session.switchTo().newWindow('window')
      return session.getWindowHandle()
    }
    const page = toPage(spare ?? (await inTurn(create)))
    spare = undefined
    if (url) await page.goto(url)
    return page
  }
  return {
    page: async (url) => {
      const page = await open(url)
      await page.bringToFront()
      return page
    },
    window: open,
    restore: async (urls) => Promise.all(urls.map(open)),
    pages,
    popup: waitForPopup(pages),
    close,
  }
}

function attach(
  session: WebDriver,
  display: Display,
  handle: string,
  inTurn: <T>(act: () => Promise<T>) => Promise<T>,
  pages: () => Promise<Page[]>,
): Page {
  const here = async <T>(act: () => Promise<T>): Promise<T> =>
    inTurn(async () => {
      await session.switchTo().window(handle)
      return act()
    })
  const window: Window = {
    messages: [],
    run: async (expression) => here(async () => session.executeScript(`return ${expression}`)),
    goto: async (url) => here(async () => session.get(url)),
    reload: async () => here(async () => session.navigate().refresh()),
    back: async () => here(async () => session.navigate().back()),
    press: async (css) => here(async () => session.findElement(By.css(css)).click()),
    raise: async () =>
      here(async () => {
        // Nothing but the title tells the window manager's window from WebDriver's. The page may
        // change it meanwhile: then it is asked for once more, and what the page wants stays.
        const token = randomUUID()
        const rename = 'const before = document.title; document.title = arguments[0]; return before'
        const restore = 'if (document.title === arguments[0]) document.title = arguments[1]'
        let title = ''
        const found = async (): Promise<boolean> => {
          const before = await session.executeScript<string>(rename, token)
          if (before !== token) title = before
          return activate(display.env.DISPLAY!, token)
        }
        await poll(found, 'The window was not found')
        await session.executeScript(restore, token, title)
      }),
    close: async () => here(async () => session.close()),
    isClosed: async () =>
      !(await inTurn(async () => session.getAllWindowHandles())).includes(handle),
    screenshot: async (path) =>
      here(async () => writeFile(path, await session.takeScreenshot(), 'base64')),
  }
  return createPage(window, pages)
}
