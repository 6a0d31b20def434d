import { launch, type Page as Tab } from 'puppeteer-core'

import { startDisplay } from './display.js'
import { createBrowser, type Run } from './puppeteer.js'
import type { Browser } from './types.js'

/**
 * The flags a person's Chromium could have, plus those that keep it off the network. The usual
 * flags of test drivers switch off what these tests are about: the popup blocker, the page cache,
 * storage partitioning and background throttling. No `--window-size` either: it also sizes popups,
 * and a popup that covers the app turns the app into a hidden page with slow timers.
 */
const flags = [
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
  '--no-default-browser-check',
  '--disable-quic',
  '--disable-gpu',
  '--disable-dev-shm-usage',
  '--password-store=basic',
  // No person clicks before the first frame is on the screen. Here clicks do come that early, and
  // would be thrown away.
  '--allow-pre-commit-input',
  '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.*',
]

/** Chromium, with windows on a display of its own. */
export async function launchChromium(executablePath: string): Promise<Browser> {
  const display = await startDisplay()
  try {
    const driver = await launch({
      executablePath,
      headless: false,
      // It ends when the other side of the pipe does.
      pipe: true,
      defaultViewport: null,
      ignoreDefaultArgs: true,
      args: [...flags, ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []), 'about:blank'],
      env: display.env,
    })
    return createBrowser(driver, display, connect)
  } catch (error) {
    await display.end()
    throw error
  }
}

async function connect(tab: Tab): Promise<Run> {
  const session = await tab.createCDPSession()
  return async (expression) => {
    const { result, exceptionDetails } = await session.send('Runtime.evaluate', {
      expression,
      awaitPromise: true,
      returnByValue: true,
      userGesture: false,
    })
    if (!exceptionDetails) return result.value
    throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text)
  }
}
