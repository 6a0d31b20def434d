import type { AuthClient } from '../src/api.js'
import type { AuraSession } from '../src/index.js'
import type { Session, User } from '../src/types.js'

/** The default client and then some: what every test uses fits it, too. */
export type App = AuthClient<AuraSession> & { readonly audit?: (note: string) => void }

/** Another backend's client, for the types alone: it is never run. */
export interface Team extends Session {
  readonly user: User & { readonly team: string }
}
export declare const team: AuthClient<Team> & { readonly invite: () => void }

declare module '../src/register.js' {
  interface Register {
    client: App
  }
}
