import { createAuthClient } from 'latchkey'
import { oidc } from 'latchkey/oidc'

export const auth = createAuthClient({
  adapter: oidc({
    issuer: 'http://127.0.0.1:4000',
    clientId: 'latchkey-demo',
  }),
  callbackURL: '/callback.html',
  storage: 'local',
})
