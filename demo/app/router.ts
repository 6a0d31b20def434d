import { find, set } from './dom.js'
import { write } from './log/entries.js'

interface Page {
  readonly title: string
  /** Called when the page is first shown. */
  readonly mount: (host: HTMLElement) => void
}

/** Two pages of one document, so that a change of route is no new page and asks nothing. */
export function startRouter(pages: ReadonlyMap<string, Page>): void {
  const mounted = new Set<string>()
  const show = (): void => {
    const path = pages.has(location.pathname) ? location.pathname : '/'
    for (const main of document.querySelectorAll<HTMLElement>('[data-page]'))
      main.hidden = main.dataset.page !== path
    for (const link of document.querySelectorAll('nav [data-link]'))
      set(link, 'aria-current', link.getAttribute('href') === path && 'page')
    const page = pages.get(path)
    document.title = page?.title ?? ''
    if (!page || mounted.has(path)) return
    mounted.add(path)
    page.mount(find(`[data-page="${path}"]`))
  }
  document.addEventListener('click', (click) => {
    const link = (click.target as Element).closest<HTMLAnchorElement>('a[data-link]')
    if (!link || click.button || click.metaKey || click.ctrlKey || click.shiftKey) return
    click.preventDefault()
    if (link.href === location.href) return
    history.pushState(null, '', link.href)
    show()
    write({
      tone: 'page',
      text: `Went to ${location.pathname}`,
      why: 'A change of route asks nothing.',
    })
    // As a new document would: to the top, and screen readers start at its heading.
    scrollTo(0, 0)
    document.querySelector<HTMLElement>('[data-page]:not([hidden]) h1')?.focus()
  })
  addEventListener('popstate', show)
  show()
}
