import { launch, type Page as Tab } from 'puppeteer-core'

import { tie } from './process.js'
import { createBrowser, type Run } from './puppeteer.js'
import type { Browser } from './types.js'

/** What puppeteer's own profile gets wrong for these tests. */
const preferences = {
  // The popup blocker, which puppeteer switches off.
  'dom.disable_open_during_load': true,
  // Everything but loopback goes to a proxy that is not there.
  'network.proxy.type': 1,
  'network.proxy.http': '127.0.0.1',
  'network.proxy.http_port': 9,
  'network.proxy.ssl': '127.0.0.1',
  'network.proxy.ssl_port': 9,
}

/** Firefox without a display: it keeps track of the focus all the same. */
export async function launchFirefox(executablePath: string): Promise<Browser> {
  const driver = await launch({
    browser: 'firefox',
    executablePath: '/bin/sh',
    headless: true,
    defaultViewport: null,
    ignoreDefaultArgs: true,
    args: [tie, executablePath, '--headless', 'about:blank'],
    extraPrefsFirefox: preferences,
  })
  return createBrowser(driver, null, connect)
}

/** The part of puppeteer's BiDi realm we use. It is not public, and puppeteer's version is pinned. */
interface Realm {
  evaluate: (
    expression: string,
    awaitPromise: boolean,
    options: { userActivation: boolean; resultOwnership: 'none'; serializationOptions: object },
  ) => Promise<
    | { type: 'success'; result: { value?: unknown } }
    | { type: 'exception'; exceptionDetails: { text: string } }
  >
}

async function connect(tab: Tab): Promise<Run> {
  const { browsingContext } = tab.mainFrame() as unknown as {
    browsingContext: { defaultRealm: Realm }
  }
  return async (expression) => {
    const answer = await browsingContext.defaultRealm.evaluate(expression, true, {
      userActivation: false,
      resultOwnership: 'none',
      serializationOptions: {},
    })
    if (answer.type === 'success') return answer.result.value
    throw new Error(answer.exceptionDetails.text)
  }
}
