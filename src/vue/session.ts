import {
  computed,
  getCurrentInstance,
  onMounted,
  onScopeDispose,
  shallowRef,
  type ComputedRef,
  type ShallowRef,
} from 'vue'

import type { AuthClient } from '../api.js'
import type { Session, SessionState } from '../types.js'
import { useBinding } from './plugin.js'
import type { RegisteredClient, RegisteredSession } from '../register.js'

/** The app's client: for `signIn` and `signOut`. */
export function useAuth(): RegisteredClient {
  return useBinding().client as RegisteredClient
}

/**
 * What is known of the session. The first component that uses it starts the one lookup. It follows
 * the session for as long as its component (kept alive and hidden, too) or effect scope lives.
 *
 * @example
 * const session = useSession()
 * const name = computed(() => session.value.data?.user.name)
 */
export function useSession<S extends Session = RegisteredSession>(
  client?: AuthClient<S>,
): Readonly<ShallowRef<SessionState<S>>> {
  const {
    client: { session },
    server,
  } = useBinding(client)
  // On a server nothing changes, and no scope is ever disposed of.
  if (typeof document === 'undefined') return shallowRef(server)

  // A component that adopts the server's HTML must first render just that.
  let adopting = Boolean(getCurrentInstance()?.vnode.el)
  const state = shallowRef(adopting ? server : session.value)
  const sync = (): void => {
    if (!adopting) state.value = session.value
  }
  if (adopting) {
    onMounted(() => {
      adopting = false
      sync()
    })
  }
  onScopeDispose(session.listen(sync))
  return state
}

/** Who is signed in. `null`: nobody, or nobody knows yet; `useSession().value.status` tells which. */
export function useUser<S extends Session = RegisteredSession>(
  client?: AuthClient<S>,
): ComputedRef<S['user'] | null> {
  const session = useSession(client)
  return computed(() => session.value.data?.user ?? null)
}
