import { buildLibrary } from './library.js'
import { serve, type Site } from './site.js'

/**
 * An app whose backend hands out codes, which its pages spend at `POST /token`: `/app` is landed on
 * itself, `/static` comes back by way of `latchkey/callback`.
 */
export interface CodeStage extends Site {
  /** What was spent so far, in order. */
  readonly spent: readonly { readonly code: string; readonly verifier: string | null }[]
  /** Landings that the provider has sent people to, in order. */
  readonly landings: readonly string[]
  /** What the next answers of `/token` are: held back until they are let go, or refusals. */
  readonly token: { hold?: Promise<void> | undefined; status: number }
}

/** The client, as `window.auth`, and what its page looked like the moment it was there. */
const client = (provider: string): string => `
  import { AuthError, createAuthClient } from '/library.js'
  const adapter = ({ baseURL }) => ({
    id: 'code', realm: baseURL, credential: 'tokens', ttl: 600000,
    start: ({ id, landing }) => ({
      url: '${provider}/authorize?' + new URLSearchParams({ state: id, redirect_uri: landing.href }),
      secret: 'verifier of ' + id,
    }),
    finish: async ({ url, transaction }, io) => {
      const body = { code: url.searchParams.get('code'), verifier: transaction?.secret ?? null }
      const response = await io.fetch('/token', { method: 'POST', body: JSON.stringify(body), signal: io.signal })
      if (!response.ok) throw new AuthError('exchange_failed')
      return response.json()
    },
    load: async () => null,
    signOut: async () => ({ revoked: true }),
  })
  history.replaceState({ router: 1 }, '')
  export const create = (baseURL) => createAuthClient({
    adapter, baseURL, ...(location.pathname === '/static' ? { callbackURL: '/callback' } : {}),
  })
  export const auth = window.auth = create('/')
  window.clean = location.href
  window.asked = performance.getEntriesByType('resource').filter(({ name }) => name.endsWith('/token')).length
  window.create = create
`

const page = `
  import { auth } from '/client.js'
  auth.session.subscribe(({ status, data }) => { document.title = data ? data.user.name : status })
  const settle = (name) => (value) => { window[name] = value?.code ?? value?.user?.name ?? value?.redirectTo ?? null }
  const on = (id, run) => { document.getElementById(id).onclick = run }
  on('popup', () => void auth.signIn('x', { popup: true }).then(settle('result'), settle('result')))
  on('redirect', () => void auth.signIn('x', { redirectTo: location.pathname + '#/a?b' }).catch(settle('result')))
  auth.completeSignIn().then(settle('landed'), settle('landed'))
  await auth.getSession()
  await auth.prepare()
  window.isReady = true
`

/** `scripts`: more files, by path; each `/name.js` is run by a page of its own, `/name`. */
export async function startCodeStage(
  scripts: Readonly<Record<string, string>> = {},
): Promise<CodeStage> {
  const spent: { code: string; verifier: string | null }[] = []
  const landings: string[] = []
  const token: CodeStage['token'] = { status: 200 }
  const files: Record<string, string> = {
    '/library.js': await buildLibrary(),
    '/callback.js': await buildLibrary('src/callback.ts'),
    '/app.js': page,
    '/static.js': page,
    ...scripts,
  }
  const site = await serve(async ({ pathname, searchParams }, request) => {
    const script = pathname === '/client.js' ? client(site.provider) : files[pathname]
    if (script !== undefined) {
      return { html: script, headers: { 'content-type': 'text/javascript' } }
    }
    if (pathname === '/token') {
      const chunks: Buffer[] = []
      for await (const chunk of request) chunks.push(chunk as Buffer)
      spent.push(JSON.parse(String(Buffer.concat(chunks))) as (typeof spent)[number])
      await token.hold
      const user = { id: '1', name: 'Ada', email: null, image: null }
      return { status: token.status, html: JSON.stringify({ user, expiresAt: null, raw: null }) }
    }
    if (pathname === '/authorize') {
      const query = new URLSearchParams(searchParams)
      return {
        html: `<!doctype html><title>Provider</title><a id="allow" href="/allow?${query}">Allow</a>`,
      }
    }
    if (pathname === '/allow') {
      const landing = new URL(searchParams.get('redirect_uri')!)
      landing.searchParams.set('code', `code-${landings.length}`)
      landing.searchParams.set('state', searchParams.get('state')!)
      landings.push(landing.href)
      return { status: 303, headers: { location: landing.href } }
    }
    if (files[`${pathname}.js`] === undefined) return undefined
    return {
      html: `<!doctype html><title>App</title><button id="popup">Popup</button> <button id="redirect">Redirect</button><div id="root"></div><script type="module" src="${pathname}.js"></script>`,
    }
  })
  return { ...site, spent, landings, token }
}
