import { startGoTrue, type Flavor, type RunningGoTrue } from '../../../demo/backends/gotrue.js'
import { serve } from '../../../demo/backends/node.js'
import { buildLibrary } from '../library.js'
import type { Page } from '../types.js'

export const EMAIL = 'ada@winter.example'
export const PERSON = { sub: '483920', email: EMAIL, emailVerified: true, name: 'Ada Winter' }

/** The page says in its title who is signed in, or else the status. */
export const titled = async (page: Page, title: string): Promise<unknown> =>
  page.waitFor(`document.title === ${JSON.stringify(title)} && window.isReady === true`)

/** An app on one origin, and a GoTrue with its provider on two others. */
export interface App {
  readonly url: string
  readonly flavor: Flavor
  readonly gotrue: RunningGoTrue
  /** What the pages have put into a storage or their history, and what was there when they went. */
  readonly kept: string[]
  /** What `onEvent` was told. */
  readonly events: string[]
  /** Requests for tokens with this grant. */
  readonly grants: (grant: string) => number
  /** Requests to the server with this path. */
  readonly asked: (path: string) => number
  readonly close: () => Promise<void>
}

/**
 * Serves the app at `/local/`, where tabs share their tokens, and at `/memory/`, where pages do not;
 * at `/static/` neither, and sign-ins come back to a page of their own. `/` is `SITE_URL`, and the
 * first of them.
 */
export async function startApp(flavor: Flavor): Promise<App> {
  const [library, callback] = await Promise.all([
    buildLibrary('test/browser/gotrue/library.ts'),
    buildLibrary('src/callback.ts'),
  ])
  const kept: string[] = []
  const events: string[] = []
  let gotrue: RunningGoTrue | undefined
  const type = (name: string) => ({ headers: { 'content-type': `text/${name}; charset=utf-8` } })
  const served = await serve(async (request) => {
    const { pathname } = new URL(request.url)
    if (pathname === '/library.js') return new Response(library, type('javascript'))
    if (pathname === '/callback.js') return new Response(callback, type('javascript'))
    if (pathname === '/callback') return new Response(callbackPage, type('html'))
    if (pathname === '/kept' || pathname === '/event') {
      ;(pathname === '/kept' ? kept : events).push(await request.text())
      return new Response('')
    }
    const [page, storage = 'local'] = /^\/(?:(local|memory|static)\/\w*)?$/.exec(pathname) ?? []
    if (page === undefined) return new Response('', { status: 404 })
    return new Response(appPage(storage, gotrue!.url, flavor), type('html'))
  })
  gotrue = await startGoTrue({
    flavor,
    siteURL: served.url,
    knobs: { autoconfirm: true, messageInterval: 0, manualLinking: true },
  })
  const { requests } = gotrue.gotrue
  const { close } = gotrue
  return {
    url: served.url,
    flavor,
    gotrue,
    kept,
    events,
    grants: (grant) => requests.filter((request) => request.grant === grant).length,
    asked: (path) => requests.filter((request) => request.path === path).length,
    close: async () => void (await Promise.all([served.close(), close()])),
  }
}

/** What a page puts into a storage or its history, and what is there when it goes. */
const watch = `
  const keep = (...said) => navigator.sendBeacon('/kept', JSON.stringify(said))
  const overhear = (owner, name) => {
    const plain = owner[name]
    owner[name] = function (...args) {
      keep(name, ...args)
      return plain.apply(this, args)
    }
  }
  overhear(Storage.prototype, 'setItem')
  overhear(History.prototype, 'replaceState')
  overhear(History.prototype, 'pushState')
  window.keepAll = (when) =>
    keep(when, location.href, history.state, { ...localStorage }, { ...sessionStorage })
  addEventListener('pagehide', () => keepAll('pagehide'))`

const callbackPage = `<!doctype html><title>Back</title><body><script>${watch}</script>
  <script type="module" src="/callback.js"></script>`

function appPage(storage: string, url: string, flavor: Flavor): string {
  const script = `
    ${watch}
    // What a popup hands over: the landing, as it is.
    window.handed = []
    addEventListener('message', ({ data }) => handed.push(JSON.stringify(data)))
    window.opened = []
    const open = window.open
    window.open = (...args) => {
      const popup = open(...args)
      opened.push(popup)
      return popup
    }
    const { createAuthClient, gotrue } = await import('/library.js')
    const auth = (window.auth = createAuthClient({
      baseURL: '${url}',
      storage: '${storage === 'static' ? 'memory' : storage}',
      ${storage === 'static' ? `callbackURL: '/callback',` : ''}
      adapter: gotrue({
        flavor: '${flavor}',
        origins: ['${url}'],
        onEvent: (event) => navigator.sendBeacon('/event', JSON.stringify(event)),
      }),
    }))
    auth.session.subscribe(({ status, data }) => {
      ;(window.seen ??= []).push(status)
      document.title = data ? data.user.email : status
    })
    const on = (id, run) => (document.getElementById(id).onclick = () =>
      run().catch(({ code }) => (window.code = code)))
    on('redirect', () => auth.signIn('github', { redirectTo: '/${storage}/home?kept=1#here' }))
    on('popup', () => auth.signIn('github', { popup: { fallback: 'none' } }))
    on('apple', () => auth.signIn('apple', { popup: { fallback: 'none' } }))
    on('link', () => auth.linkIdentity('github', { popup: { fallback: 'none' } }))
    on('out', () => auth.signOut())
    auth.completeSignIn().catch(({ code }) => (window.code = code))
    window.isReady = true`
  const ids = ['redirect', 'popup', 'apple', 'link', 'out']
  const buttons = ids.map((id) => `<button id="${id}">${id}</button>`)
  return `<!doctype html><title>App</title>${buttons.join(' ')}<script type="module">${script}</script>`
}
