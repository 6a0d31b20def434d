import { useSession } from 'latchkey/react'

import { auth } from './auth'

export function User() {
  const { data, isPending } = useSession(auth)
  const signIn = () => void auth.signIn('dribbble', { popup: true })
  const signOut = () => void auth.signOut()

  return data ? (
    <button onClick={signOut}>Sign out {data.user.name}</button>
  ) : (
    <button onClick={signIn} disabled={isPending}>
      Sign in
    </button>
  )
}
