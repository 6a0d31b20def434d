/** @jsxImportSource solid-js */
import { Show } from 'solid-js'

import { useSession } from './session'

export function Greeting() {
  const session = useSession()
  return (
    <Show when={session().data} fallback={<p>…</p>}>
      {(data) => <p>Hello, {data().user.name}</p>}
    </Show>
  )
}
