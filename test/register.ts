import type { AuthClient } from '../src/api.js'
import type { AuraSession } from '../src/index.js'

/** The default client and then some: what every test uses fits it, too. */
export type App = AuthClient<AuraSession> & { readonly audit?: (note: string) => void }

declare module '../src/register.js' {
  interface Register {
    client: App
  }
}
