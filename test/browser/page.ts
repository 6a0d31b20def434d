import { Final, patience, poll } from './process.js'
import type { Evaluate, Page, Patience, Profile } from './types.js'

/** What one engine can do with one window. Everything else is built on it in the same way. */
export interface Window {
  readonly messages: readonly string[]
  /** Runs an expression that answers a string or a promise of one, and is no user gesture. */
  run: (expression: string) => Promise<unknown>
  goto: (url: string) => Promise<void>
  reload: () => Promise<void>
  back: () => Promise<void>
  /** Presses the mouse in the middle of the element, which is in view and has a size. */
  press: (css: string, at: Point) => Promise<void>
  raise: () => Promise<void>
  close: () => Promise<void>
  isClosed: () => Promise<boolean>
  screenshot: (path: string) => Promise<void>
}

/** Where an element's middle is, in CSS pixels of the viewport. */
export interface Point {
  readonly x: number
  readonly y: number
}

/** How a profile with these pages waits for the window that something opens. */
export function waitForPopup(pages: Profile['pages']): Profile['popup'] {
  return async (act, options) => {
    const before = new Set(await pages())
    await act()
    const fresh = async () => (await pages()).find((page) => !before.has(page))
    return poll(fresh, 'No window was opened', options?.timeout)
  }
}

/** The page of the tests, on what the engine can do. `pages` are all of its profile. */
export function createPage(window: Window, pages: () => Promise<readonly Page[]>): Page {
  const evaluate: Evaluate = async (code: unknown, ...args: readonly unknown[]) => {
    const value = typeof code === 'function' ? call(code, args) : `(${String(code)})`
    // An array, because JSON has no way to say `undefined` on its own.
    const json = await window.run(`(async () => JSON.stringify([await ${value}]))()`)
    return (JSON.parse(String(json)) as [never])[0]
  }

  const waitFor = async <T>(predicate: string | (() => T), options: Patience = {}): Promise<T> => {
    const look = async () => {
      try {
        return (await evaluate(predicate as () => T)) || null
      } catch (error) {
        // A navigation interrupts the question, and a closed window will never answer.
        if (await window.isClosed()) throw new Final('The window was closed', { cause: error })
        throw error
      }
    }
    return poll<T>(look, `Waited in vain for ${String(predicate)}`, options.timeout)
  }

  /** Where a click lands on the element: waits until it is in view, at rest and not covered. */
  const middle = async (css: string, { timeout }: Patience = {}): Promise<Point> => {
    const find = (selector: string): Point | null => {
      const element = document.querySelector(selector)
      element?.scrollIntoView({ block: 'center', behavior: 'instant' })
      const box = element?.getBoundingClientRect()
      if (!element || !box) return null
      const point = { x: box.x + box.width / 2, y: box.y + box.height / 2 }
      return element.contains(document.elementFromPoint(point.x, point.y)) ? point : null
    }
    let last: Point | null = null
    const rest = async () => {
      const before = last
      last = await waitFor<Point>(call(find, [css]), { timeout: timeout ?? patience })
      return before?.x === last.x && before.y === last.y && last
    }
    return poll(rest, `Waited in vain for ${css} to be at rest`, timeout)
  }

  /** Whether the focus is here, and no longer anywhere else: it moves in two steps. */
  const isAlone = async () => {
    const all = await pages()
    const focused = await Promise.all(all.map(async (page) => page.evaluate('document.hasFocus()')))
    return all.every((page, index) => focused[index] === (page === self))
  }

  const bringToFront = async () => {
    const raise = async () => {
      if (await isAlone()) return true
      await window.raise()
      // A window that has just been opened may still take the focus, so it is asked for again.
      return poll(isAlone, 'The focus did not come', 1_000).catch(() => false)
    }
    await poll(raise, 'The window did not get the focus')
  }

  const waitForClose = async ({ timeout }: Patience = {}) => {
    await poll(window.isClosed, 'The window stayed open', timeout)
  }

  const self: Page = {
    messages: window.messages,
    goto: window.goto,
    follow: async (url) => {
      const before = await evaluate<number>('performance.timeOrigin')
      // Later, so that the answer to this question is on its way before the page goes.
      await evaluate((to: string) => void setTimeout(() => location.assign(to)), url)
      await waitFor(`performance.timeOrigin !== ${before} && document.readyState !== 'loading'`)
    },
    click: async (css, options) => {
      await middle(css, options)
      await bringToFront()
      // A person aims when the page has come to rest: styles that arrive move what is below them.
      await waitFor(`document.readyState === 'complete'`)
      await window.press(css, await middle(css, options))
    },
    text: async (css, options) => {
      const read = (selector: string) => {
        const element = document.querySelector(selector)
        return element && { text: element.textContent ?? '' }
      }
      const found = (await waitFor(call(read, [css]), options)) as unknown as { text: string }
      return found.text
    },
    evaluate,
    waitFor,
    url: async () => evaluate('location.href'),
    reload: window.reload,
    goBack: async () => {
      const before = await evaluate('location.href')
      await window.back()
      await waitFor(`location.href !== ${JSON.stringify(before)}`)
    },
    bringToFront,
    closeByUser: async () => {
      await window.close()
      await waitForClose()
    },
    isClosed: window.isClosed,
    waitForClose,
    screenshot: window.screenshot,
  }
  return self
}

/** The source of calling this function with these values. */
function call(fn: unknown, args: readonly unknown[]): string {
  return `(${String(fn)})(${args.map((arg) => JSON.stringify(arg) ?? 'undefined').join(', ')})`
}
