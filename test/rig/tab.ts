import { createPage, type Browser, type Page } from './page.js'

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
  /** Into the back/forward cache: the page is put by, alive. */
  leave: () => void
  /** Back to the page before the last navigation, alive, from the back/forward cache. */
  back: () => void
  /** The user closes it, or it crashes: nothing it was about to do happens any more. */
  crash: () => void
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
  /** Its own `sessionStorage`, a copy of the opener's at that moment. */
  readonly storage: Map<string, string>
  /** What a page in it has left of its opener. */
  readonly opener: () => unknown
  /** What the page that opened it shows in it, while it is blank. */
  readonly blank: { readonly title: string; readonly body: { readonly textContent: string } }
  /** What `open()` answered: for `popup.window`, and as the source of its messages. */
  readonly handle: object
}

export function createTab(url: string, browser: Browser): Tab {
  const storage = new Map<string, string>()
  const navigations: string[] = []
  const popups: PopupWindow[] = []
  let blocked = false
  let focused = true
  let answer: (() => unknown) | undefined
  const load = (href: string): Page =>
    createPage(href, browser, {
      storage,
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
    let opener: unknown = from
    const blank = { title: '', body: { textContent: '' } }
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
        return href === 'about:blank' ? blank : { body: { innerText: text } }
      },
      get sessionStorage() {
        guard()
        return { setItem: (key: string, value: string) => void own.set(key, value) }
      },
      set opener(next: unknown) {
        opener = next
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
        page?.discard()
        page = createPage(landing, browser, {
          storage: own,
          storageBlocked: () => blocked,
          focused: () => !focused,
          opener: () => (severed ? null : opener && tab.page),
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
      storage: own,
      opener: () => opener,
      blank,
      handle,
    }
    return { popup, handle }
  }

  const tab = {
    page: load(url),
    navigations,
    storage,
    popups,
    load: (href: string) => (tab.page = load(href)),
    leave: () => {
      tab.page.dispatch('pagehide', { persisted: true })
      tab.page.show(false)
    },
    back: () => {
      tab.page.dispatch('pageshow', { persisted: true })
      tab.page.show(true)
    },
    crash: () => tab.page.discard(),
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
