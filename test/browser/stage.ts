import { buildLibrary } from './library.js'
import { serve, type Document, type Site } from './site.js'
import { alone, app, evil, host, spied, unclosable, watch, widget } from './stage-scripts.js'
import type { Page, Profile } from './types.js'

/** What Latchkey's own pages run under: nothing but scripts of this origin, and no sink for strings. */
const strict = [
  `default-src 'none'`,
  `script-src 'self'`,
  `base-uri 'none'`,
  `form-action 'none'`,
  `require-trusted-types-for 'script'`,
  `trusted-types 'none'`,
].join('; ')

/** Which pages send a `Cross-Origin-Opener-Policy`, and which one. `isolated`: with COEP. */
export interface Policies {
  readonly app?: string
  readonly callback?: string
  /** Or `hop`, for a redirect on the way that sends it; or `report-only`. */
  readonly provider?: string
}

/** An app on `site.app` with its backend under `/auth`, and a provider on `site.provider`. */
export interface Stage extends Site {
  /** The app's page. `query`: more of what `/app` knows. */
  readonly url: (policies?: Policies, query?: string) => string
  /** Landings that the backend has sent people to, in order. */
  readonly landings: readonly string[]
}

const buttons = ['popup', 'other', 'named', 'redirect', 'out']
  .map((id) => `<button id="${id}">${id}</button>`)
  .join(' ')

const json = (status: number, body: unknown): Document => ({
  status,
  html: JSON.stringify(body),
  headers: { 'content-type': 'application/json' },
})

/** Pages that are no different but for a script that runs first. */
const oddities = ['spied', 'alone', 'unclosable']
const before = (policy: string | null): string =>
  oddities.includes(policy ?? '') ? `<script src="/${policy}.js"></script>` : ''

const coopOf = (policy: string | null): Record<string, string> => {
  if (!policy || policy === 'none' || ['hop', 'other', ...oddities].includes(policy)) return {}
  if (policy === 'report-only') return { 'cross-origin-opener-policy-report-only': 'same-origin' }
  if (policy !== 'isolated') return { 'cross-origin-opener-policy': policy }
  return {
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-embedder-policy': 'require-corp',
  }
}

export async function startStage(): Promise<Stage> {
  const scripts: Record<string, string> = {
    '/library.js': await buildLibrary(),
    '/callback.js': await buildLibrary('src/callback.ts'),
    '/app.js': app,
    '/spied.js': spied,
    '/watch.js': watch,
    '/alone.js': alone,
    '/unclosable.js': unclosable,
    '/widget.js': widget,
    '/host.js': host,
  }
  const landings: string[] = []
  const callback = (url: URL): Document => ({
    html: `<!doctype html><meta name="referrer" content="no-referrer"><title>Callback</title><script src="/watch.js"></script><body>Completing…${before(url.searchParams.get('coop'))}<script type="module" src="/callback.js"></script>`,
    headers: { ...coopOf(url.searchParams.get('coop')), 'content-security-policy': strict },
  })
  const site = await serve((url, { headers }) => {
    const { pathname, searchParams } = url
    const landing = searchParams.get('redirectTo') ?? ''
    const signedIn = headers.cookie?.includes('session=ada') ?? false
    const [, name = ''] = /^\/auth\/signIn\/([\w-]+)$/.exec(pathname) ?? []
    const away = `${site.provider}/authorize?coop=${name}&${new URLSearchParams({ redirectTo: landing })}`
    if (name) {
      // A redirect on the way cuts a popup off as a page does.
      const hop = name === 'hop' ? { 'cross-origin-opener-policy': 'same-origin' } : {}
      return { status: 303, headers: { location: away, ...hop } }
    }
    const script = scripts[pathname]
    if (script !== undefined) {
      return {
        html: script,
        headers: {
          'content-type': 'text/javascript',
          'cross-origin-resource-policy': 'cross-origin',
        },
      }
    }
    switch (pathname) {
      case '/app':
        return {
          html: `<!doctype html><title>App</title><script src="/watch.js"></script>${searchParams.has('alone') ? before('alone') : ''}${buttons}${searchParams.has('frame') ? `<iframe src="${site.third}/evil"></iframe>` : ''}<script type="module" src="/app.js"></script>`,
          headers: {
            ...coopOf(searchParams.get('app')),
            'content-security-policy': `${strict}; connect-src 'self'; frame-src ${site.third}`,
          },
        }
      case '/host': {
        const sandbox = searchParams.get('sandbox')
        return {
          html: `<!doctype html><title>Host</title><script src="/host.js"></script><iframe src="${site.app}/widget?provider=${searchParams.get('provider')}" ${sandbox ? `sandbox="${sandbox}"` : ''}></iframe>`,
        }
      }
      case '/widget':
        return {
          html: '<!doctype html><title>Widget</title><button id="popup" style="position:fixed;inset:0;width:100%">Sign in</button><script type="module" src="/widget.js"></script>',
        }
      case '/evil':
        return { html: `<!doctype html><script>${evil}</script>` }
      case '/phish':
        return { html: '<!doctype html><title>Phish</title>' }
      case '/callback':
        return callback(url)
      case '/authorize': {
        const query = new URLSearchParams({ redirectTo: landing })
        const back = (outcome: string): string =>
          `${site.app}/auth/back?${query}&outcome=${outcome}`
        return {
          html: `<!doctype html><title>Provider</title><a id="allow" href="${back('allow')}">Allow</a> <a id="deny" href="${back('deny')}">Deny</a>`,
          headers: coopOf(searchParams.get('coop')),
        }
      }
      case '/auth/back': {
        const denied = searchParams.get('outcome') === 'deny'
        const location = `${new URL(landing, site.app).href}${denied ? '&error=access_denied' : ''}`
        landings.push(location)
        return {
          status: 303,
          headers: { location, ...(!denied && { 'set-cookie': 'session=ada; Path=/; HttpOnly' }) },
        }
      }
      case '/auth/session': {
        const session = { user: { sub: '1', name: 'Ada' }, expires: '2999-01-01T00:00:00.000Z' }
        return json(signedIn ? 200 : 401, { success: signedIn, session: signedIn ? session : null })
      }
      case '/auth/csrfToken':
        return json(200, { csrfToken: 'x' })
      case '/auth/signOut':
        return {
          ...json(202, { success: true }),
          headers: {
            'content-type': 'application/json',
            'set-cookie': 'session=; Path=/; Max-Age=0',
          },
        }
      case '/favicon.ico':
        return { status: 204 }
      default:
        return undefined
    }
  })
  const url: Stage['url'] = (policies = {}, query = '') =>
    `${site.app}/app?${new URLSearchParams({ ...policies })}${query && `&${query}`}`
  return { ...site, url, landings }
}

/** The app in a new tab, ready to be clicked, and nobody signed in. */
export async function openApp({ page }: Pick<Profile, 'page'>, url: string): Promise<Page> {
  const opened = await page(url)
  await opened.waitFor(`window.isReady === true && document.title === 'unauthenticated'`)
  return opened
}

/** Clicks, and waits until the provider has been reached. */
export async function openPopup(
  { popup }: Pick<Profile, 'popup'>,
  page: Page,
  css = '#popup',
): Promise<Page> {
  const opened = await popup(async () => page.click(css))
  await opened.waitFor(`document.title === 'Provider' && document.hasFocus()`)
  return opened
}
