// What runs in the pages of stage.ts, as the files that they load.

/** The app: `window.result` is what the last click came to, the title what is known of the session. */
export const app: string = `
  import { aura, createAuthClient } from '/library.js'
  const query = new URLSearchParams(location.search)
  const callback = query.get('callback')
  const later = (config) => {
    const adapter = aura()(config)
    const { prepare } = adapter
    return Object.assign(adapter, { prepare: async () => {
      await prepare()
      const { start } = adapter
      adapter.start = (request) => new Promise((done) => { window.proceed = () => done(start(request)) })
    } })
  }
  export const auth = window.auth = createAuthClient({
    baseURL: location.origin + '/auth',
    ...(query.has('later') ? { adapter: later } : {}),
    ...(query.has('here') ? {} : { callbackURL: '/callback' + (callback ? '?coop=' + callback : '') }),
  })
  auth.session.subscribe(({ status, data }) => { document.title = data ? data.user.name : status })
  const provider = query.get('provider') ?? 'none'
  const settle = (name) => (value) => { window[name] = value.code ?? value.user.name; window.error = value }
  const on = (id, run) => { document.getElementById(id).onclick = run }
  window.popup = query.has('isolate') ? { isolate: true } : true
  on('popup', () => {
    window.result = undefined
    auth.signIn(provider, { popup }).then(settle('result'), settle('result'))
  })
  on('other', () => void auth.signIn('other', { popup }).catch(settle('second')))
  on('named', () => void open('/auth/signIn/none?redirectTo=/app', 'auth0:authorize:popup', 'popup,width=400,height=400'))
  on('redirect', () => void auth.signIn(provider, { redirectTo: window.redirectTo ?? '/app' }).catch(settle('result')))
  on('out', () => void auth.signOut())
  auth.completeSignIn().then((it) => { window.landed = it?.redirectTo ?? null }, settle('landed'))
  await auth.prepare()
  window.isReady = true
`

/** The app in somebody's frame, with a backend that needs no cookie: its landing says it all. */
export const widget: string = `
  import { createAuthClient } from '/library.js'
  const provider = new URLSearchParams(location.search).get('provider')
  const adapter = ({ baseURL }) => ({
    id: 'widget', realm: baseURL, credential: 'tokens', ttl: 600000,
    start: ({ id, landing }) => {
      landing.searchParams.set('latchkey', id)
      return { url: location.origin + '/auth/signIn/' + provider + '?redirectTo=' + encodeURIComponent(landing.href) }
    },
    finish: async () => ({ user: { id: '1', name: 'Ada' }, expiresAt: null, raw: null }),
    load: async () => null,
  })
  const auth = createAuthClient({ adapter, callbackURL: '/callback' })
  const tell = (value) => parent.postMessage({ result: value.code ?? value.user.name, hint: value.hint }, '*')
  document.getElementById('popup').onclick = () => auth.signIn('x', { popup: true }).then(tell, tell)
  await auth.prepare()
  parent.postMessage({ isReady: true }, '*')
`

export const host: string = `onmessage = ({ data }) => Object.assign(window, data)`

/** Writes down where the callback page's messages are addressed to. */
export const spied: string = `
  const { opener } = window
  window.opener = opener && { postMessage: (message, origin) => {
    localStorage.setItem('addressed', (localStorage.getItem('addressed') ?? '') + origin + ' ')
    opener.postMessage(message, origin)
  } }
`

/** A browser of before 2022, with a popup that has lost its opener. */
export const alone: string = `delete window.BroadcastChannel; window.opener = null`

/** A third party's frame in the app: it sends windows elsewhere by the names it knows. */
export const evil: string = `
  onmessage = ({ data }) => {
    for (const name of data) try { open('/phish', name) } catch {}
  }
`

/** Writes down what the page's Content-Security-Policy has refused, but for the browser's own favicon. */
export const watch: string = `
  addEventListener('securitypolicyviolation', ({ blockedURI, effectiveDirective }) => {
    if (!blockedURI.endsWith('/favicon.ico')) {
      localStorage.setItem('violation', effectiveDirective + ' ' + blockedURI)
    }
  })
`

/** A window that no script may close, as one that the user has opened. */
export const unclosable: string = `window.close = () => {}`
