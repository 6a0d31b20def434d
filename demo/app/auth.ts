import { aura, createAuthClient } from 'latchkey'
import { oidc } from 'latchkey/oidc'

import { explain } from './log/explain.js'
import { write } from './log/entries.js'
import { demo } from './state.js'

write({ tone: 'page', text: `Opened ${location.pathname}` })

/**
 * The backend that was chosen: the companion server, or an OpenID provider and its tokens. Typed as
 * one of them, for the panels use nothing but what every session has.
 */
const adapter = demo.openid
  ? (oidc({ issuer: demo.openid, clientId: 'latchkey-demo' }) as unknown as ReturnType<typeof aura>)
  : aura()

/** The one client that all panels share. */
export const auth = createAuthClient({
  adapter,
  baseURL: `${location.origin}/auth`,
  callbackURL: '/callback.html',
  storage: 'local', // so that a second tab is signed in too
  debug: (event) => write(explain(event)),
})
