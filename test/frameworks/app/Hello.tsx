/** @jsxImportSource solid-js */
import { from, Match, Switch } from 'solid-js'

import { auth } from './auth'

export function Hello() {
  const session = from(auth.session, auth.session.value)
  return (
    <Switch fallback={<p>…</p>}>
      <Match when={session().data}>
        {(data) => (
          <>
            <p>Hello, {data().user.name}</p>
            <button onClick={() => void auth.signOut()}>Sign out</button>
          </>
        )}
      </Match>
      <Match when={session().status === 'unauthenticated'}>
        <button onClick={() => void auth.signIn('dribbble')}>Sign in</button>
      </Match>
      <Match when={session().status === 'error'}>
        <button onClick={() => void auth.refetch()}>{session().error?.message} Try again</button>
      </Match>
    </Switch>
  )
}
