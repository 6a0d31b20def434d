import { hasInjectionContext, inject, type InjectionKey, type Plugin } from 'vue'

import type { AuthClient } from '../api.js'
import { known } from '../state.js'
import type { Session, SessionState } from '../types.js'
import type { RegisteredClient, RegisteredSession } from '../register.js'

/** A client, and what the server knew when it rendered this page. */
export interface Binding<S extends Session> {
  readonly client: AuthClient<S>
  readonly server: SessionState<S>
}

const key: InjectionKey<unknown> = /* @__PURE__ */ Symbol('latchkey')

export interface AuthPluginOptions {
  readonly client: RegisteredClient
  /**
   * What the server found out for this page: `null` signed out, `undefined` nothing. Known to every
   * component from the first render on, so nobody asks again.
   */
  readonly initialSession?: RegisteredSession | null | undefined
}

/**
 * Gives the client to every composable and component of one app, which on a server is one request.
 *
 * @example
 * createApp(App).use(authPlugin, { client: auth }).mount('#app')
 */
export const authPlugin: Plugin<[AuthPluginOptions]> = {
  install: (app, { client, initialSession }) => {
    client.hydrate(initialSession)
    app.provide(key, bind(client, initialSession))
  },
}

/** The given client, or the app's: with what the app knows of it, if it is the same. */
export function useBinding<S extends Session>(given?: AuthClient<S>): Binding<S> {
  // That the app's client is what the caller takes it for is what `Register` promises.
  const provided = (hasInjectionContext() ? inject(key, null) : null) as Binding<S> | null
  if (provided && (!given || given === provided.client)) return provided
  if (given) return { client: given, server: given.session.init }
  throw new Error('Use app.use(authPlugin, { client: auth }) or useSession(auth).')
}

/** On the server the store is never written: it may serve every user. So this is kept beside it. */
function bind<S extends Session>(client: AuthClient<S>, initial?: S | null): Binding<S> {
  const { init, value } = client.session
  if (initial === undefined) return { client, server: init }
  // What the client just took over is this very state: switching to it renders nothing.
  const isTaken = value.data === initial && !value.isPending && !value.error
  return { client, server: isTaken ? value : known(initial) }
}
