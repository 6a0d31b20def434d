import { serve, type Served } from '../../../demo/backends/node.js'
import {
  startOpenId,
  type OpenIdOptions,
  type OpenIdProvider,
} from '../../../demo/backends/openid.js'
import { buildLibrary } from '../library.js'
import { watch } from './watch.js'

/** An app of its own, and a provider on another site. */
export interface App {
  readonly url: string
  readonly provider: OpenIdProvider
  /** What the pages of the variant `watched` have said, where others could hear it. */
  readonly heard: string[]
  /** What a server of a third origin was sent by the pages, where the app's API has sent them on. */
  readonly strayed: Headers[]
  /** From now on the app's API takes none of the access tokens it has seen. */
  readonly refuseSeen: () => void
  readonly close: () => Promise<void>
}

/**
 * Serves the app at `/<variant>/`, where a variant is some of these words: `own` (no static callback
 * page, the app is it), `local`, `dpop`, `unlocked` (no Web Locks), `provider` (signs out there too),
 * `watched` (says all that others could hear).
 */
export async function startApp(options: Partial<OpenIdOptions> = {}): Promise<App> {
  const [library, callback] = await Promise.all([
    buildLibrary('test/browser/openid/library.ts'),
    buildLibrary('src/callback.ts'),
  ])
  let provider: OpenIdProvider | undefined
  const seen = new Set<string>()
  const heard: string[] = []
  let refused = new Set<string>()
  const strayed: Headers[] = []
  const away = await serve((request) => {
    if (request.method !== 'OPTIONS') strayed.push(request.headers)
    const allow = { 'access-control-allow-origin': '*', 'access-control-allow-headers': '*' }
    return new Response('away', { headers: allow })
  })
  const type = (name: string) => ({ headers: { 'content-type': `text/${name}; charset=utf-8` } })

  const served: Served = await serve(async (request) => {
    const { pathname } = new URL(request.url)
    heard.push(request.url, request.headers.get('referer') ?? '')
    const [, variant = '', page] = pathname.split('/')
    switch (pathname) {
      case '/library.js':
        return new Response(library, type('javascript'))
      case '/callback.js':
        return new Response(callback, type('javascript'))
      case '/callback':
        return new Response(
          `<!doctype html><title>Back</title><body><script>${watch}</script>` +
            '<script type="module" src="/callback.js"></script>',
          type('html'),
        )
      case '/heard':
        heard.push(await request.text())
        return new Response('')
      case '/api': {
        const token = request.headers.get('authorization') ?? ''
        seen.add(token)
        const status = token === '' || refused.has(token) ? 401 : 200
        return new Response(request.method === 'POST' ? request.body : token, { status })
      }
      case '/api/moved':
        return new Response('', { status: 307, headers: { location: '/api' } })
      case '/api/away':
        return new Response('', { status: 302, headers: { location: `${away.url}/` } })
      default:
        return page === undefined || pathname.endsWith('.ico')
          ? new Response('', { status: 404 })
          : new Response(appPage(variant, provider!.issuer), type('html'))
    }
  })
  const redirectURIs = [`${served.url}/callback`, `${served.url}/own/callback`]
  const afterSignOut = [`${served.url}/provider/`]
  provider = await startOpenId({ clientId: 'web', redirectURIs, afterSignOut, ...options })
  return {
    url: served.url,
    provider,
    heard,
    strayed,
    refuseSeen: () => {
      refused = new Set(seen)
    },
    close: async () => {
      await served.close()
      await away.close()
      await provider.close()
    },
  }
}

function appPage(variant: string, issuer: string): string {
  const has = (word: string): boolean => variant.split('-').includes(word)
  const script = `
    ${has('watched') ? watch : ''}
    ${has('unlocked') ? `Object.defineProperty(navigator, 'locks', { value: undefined })` : ''}
    const { createAuthClient, oidc, dpop } = await import('/library.js')
    const issuer = ${JSON.stringify(issuer)}
    const auth = (window.auth = createAuthClient({
      adapter: oidc({
        issuer,
        clientId: 'web',
        origins: [location.origin, issuer],
        ${has('dpop') ? 'dpop: dpop(),' : ''}
        ${has('provider') ? `signOut: 'provider',` : ''}
      }),
      callbackURL: ${has('own') ? `'/own/callback'` : `'/callback'`},
      ${has('local') ? `storage: 'local',` : ''}
      ${has('watched') ? 'debug: say,' : ''}
    }))
    auth.session.subscribe(({ status, data, error }) => {
      ${has('watched') ? 'say([status, data, error])' : ''}
      ;(window.seen ??= []).push(status)
      document.title = data ? data.user.name : status
    })
    window.api = async () => (await auth.fetch('/api')).status
    window.me = async () => (await auth.fetch(issuer + '/me')).status
    const on = (id, run) => (document.getElementById(id).onclick = () =>
      run().catch(({ code }) => (window.code = code)))
    const here = '/${variant}/'
    on('redirect', () => auth.signIn('provider', { redirectTo: here + 'home?kept=1#here' }))
    on('popup', () =>
      auth.signIn('provider', { popup: { fallback: 'none' } }).then(({ user }) => (window.signedIn = user.id)))
    on('out', () => auth.signOut({ redirectTo: here }))
    auth.completeSignIn().catch(({ code }) => (window.code = code))
    ${has('watched') ? 'window.sayAll = sayAll' : ''}
    window.isReady = true`
  const buttons = ['redirect', 'popup', 'out'].map((id) => `<button id="${id}">${id}</button>`)
  return `<!doctype html><title>App</title>${buttons.join(' ')}<script type="module">${script}</script>`
}
