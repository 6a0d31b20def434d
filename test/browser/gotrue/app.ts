import { startGoTrue, type Flavor, type RunningGoTrue } from '../../../demo/backends/gotrue.js'
import { serve } from '../../../demo/backends/node.js'
import { buildLibrary } from '../library.js'

/** An app on one origin, and a GoTrue with its provider on two others. */
export interface App {
  readonly url: string
  readonly gotrue: RunningGoTrue
  /** What the pages have put into a storage or into their history. */
  readonly kept: string[]
  readonly close: () => Promise<void>
}

/** Serves the app at `/local/`, where tabs share their tokens, and at `/memory/`, where pages do not. */
export async function startApp(flavor: Flavor): Promise<App> {
  const library = await buildLibrary('test/browser/gotrue/library.ts')
  const kept: string[] = []
  let gotrue: RunningGoTrue | undefined
  const type = (name: string) => ({ headers: { 'content-type': `text/${name}; charset=utf-8` } })
  const served = await serve(async (request) => {
    const { pathname } = new URL(request.url)
    if (pathname === '/library.js') return new Response(library, type('javascript'))
    if (pathname === '/kept') {
      kept.push(await request.text())
      return new Response('')
    }
    const [, storage] = /^\/(local|memory)\/\w*$/.exec(pathname) ?? []
    if (!storage) return new Response('', { status: 404 })
    return new Response(appPage(storage, gotrue!.url, flavor), type('html'))
  })
  gotrue = await startGoTrue({
    flavor,
    siteURL: served.url,
    knobs: { autoconfirm: true, messageInterval: 0, manualLinking: true },
  })
  const { close } = gotrue
  return {
    url: served.url,
    gotrue,
    kept,
    close: async () => void (await Promise.all([served.close(), close()])),
  }
}

function appPage(storage: string, url: string, flavor: Flavor): string {
  const script = `
    const overhear = (owner, name) => {
      const plain = owner[name]
      owner[name] = function (...args) {
        navigator.sendBeacon('/kept', JSON.stringify([name, ...args]))
        return plain.apply(this, args)
      }
    }
    overhear(Storage.prototype, 'setItem')
    overhear(History.prototype, 'replaceState')
    overhear(History.prototype, 'pushState')
    const { createAuthClient, gotrue } = await import('/library.js')
    window.entries = history.length
    const auth = (window.auth = createAuthClient({
      baseURL: '${url}',
      storage: '${storage}',
      adapter: gotrue({ flavor: '${flavor}', origins: ['${url}'] }),
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
