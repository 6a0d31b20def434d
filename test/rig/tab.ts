import type { Channels } from './channels.js'
import type { Timers } from './clock.js'
import type { LocalStorages } from './local.js'
import { createPage, type Page } from './page.js'

/** A tab: its `sessionStorage` outlives its pages. */
export interface Tab {
  /** The page it is on now. A navigation replaces it by another. */
  readonly page: Page
  /** URLs this tab was sent to by its own scripts, in order. */
  readonly navigations: readonly string[]
  readonly storage: Map<string, string>
  /** Windows its pages have opened, in order. */
  readonly popups: readonly PopupWindow[]
  /** As if the browser had loaded this URL: a new document. */
  load: (url: string) => Page
  /** Back to the page before the last navigation, alive, from the back/forward cache. */
  back: () => void
  /** From now on reading `sessionStorage` throws, as where cookies are blocked. */
  blockStorage: () => void
  /** Gives or takes the keyboard focus, and tells the page. */
  focus: (focused: boolean) => void
  /** From now on `window.open` answers this, and opens nothing. */
  blockPopups: (answer: () => unknown) => void
}

/** A window that a page has opened. It takes the focus, as real ones do. */
export interface PopupWindow {
  readonly name: string
  readonly features: string
  /** Where it was sent by the page that opened it, in order. */
  readonly urls: readonly string[]
  /** The user's way to the landing: a page of the app, in the popup. */
  land: (url: string) => Page
  /** Shows another page of the app's origin, such as an error page, with this text. */
  show: (url: string, text: string) => void
  /** The provider sends `Cross-Origin-Opener-Policy`: from here on neither side sees the other. */
  sever: () => void
  /** The user closes it, and the page behind it has the focus again. */
  closeByUser: () => void
  readonly closed: () => boolean
  /** How often the page brought it to the front. */
  readonly focused: () => number
}

export function createTab(
  url: string,
  clock: Timers,
  channels: Channels,
  local: LocalStorages,
): Tab {
  const storage = new Map<string, string>()
  const navigations: string[] = []
  const popups: PopupWindow[] = []
  let blocked = false
  let focused = true
  let answer: (() => unknown) | undefined
  const load = (href: string): Page =>
    createPage(href, clock, channels, {
      storage,
      local,
      storageBlocked: () => blocked,
      focused: () => focused,
      opener: () => null,
      navigate: (to) => void navigations.push(to),
      close: () => {},
      open: (from, to, name, features) => {
        if (answer) return answer()
        const { popup, handle } = openPopup(from, to, name, features)
        popups.push(popup)
        queueMicrotask(() => tab.focus(popup.closed()))
        return handle
      },
    })

  const openPopup = (
    from: Page,
    to: string,
    name: string,
    features: string,
  ): { popup: PopupWindow; handle: object } => {
    // Cloned when it opens, and apart from then on.
    const own = new Map(storage)
    const urls: string[] = []
    let href = to
    let text = ''
    let closed = false
    let severed = false
    let fronts = 0
    let page: Page | undefined
    const crossOrigin = (): boolean =>
      href !== 'about:blank' && new URL(href).origin !== from.location.origin
    const close = (): void => {
      if (closed) return
      closed = true
      page?.discard()
      tab.focus(true)
    }
    const navigate = (next: string): void => {
      href = next
      urls.push(next)
    }
    if (to !== 'about:blank') urls.push(to)
    const guard = (): void => {
      if (severed || crossOrigin()) throw new DOMException('Blocked a frame.', 'SecurityError')
    }
    const handle = {
      get closed() {
        return closed || severed
      },
      location: {
        get href() {
          guard()
          return href
        },
        replace: navigate,
      },
      get document() {
        guard()
        return { body: { innerText: text } }
      },
      focus: () => void (fronts += 1),
      close: () => {
        if (!severed) close()
      },
    }
    const popup: PopupWindow = {
      name,
      features,
      urls,
      land: (landing) => {
        href = landing
        page = createPage(landing, clock, channels, {
          storage: own,
          local,
          storageBlocked: () => blocked,
          focused: () => !focused,
          opener: () => (severed ? null : tab.page),
          navigate,
          open: () => null,
          close,
        })
        return page
      },
      show: (shown, body) => {
        href = shown
        text = body
      },
      sever: () => {
        severed = true
      },
      closeByUser: close,
      closed: () => closed,
      focused: () => fronts,
    }
    return { popup, handle }
  }

  const tab = {
    page: load(url),
    navigations,
    storage,
    popups,
    load: (href: string) => (tab.page = load(href)),
    back: () => tab.page.dispatch('pageshow', { persisted: true }),
    blockStorage: () => {
      blocked = true
    },
    focus: (next: boolean) => {
      focused = next
      tab.page.dispatch(next ? 'focus' : 'blur')
    },
    blockPopups: (next: () => unknown) => {
      answer = next
    },
  }
  return tab
}
