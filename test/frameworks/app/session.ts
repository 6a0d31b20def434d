import { createSignal, onCleanup, onMount } from 'solid-js'

import { auth } from './auth'

/** The session of a page that a server rendered: first what the server knew, then what is known. */
export function useSession() {
  const [session, setSession] = createSignal(auth.session.init)
  onMount(() => onCleanup(auth.session.subscribe((state) => setSession(state))))
  return session
}
