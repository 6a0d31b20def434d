import { useSession } from 'latchkey/vue'
import { defineComponent, h } from 'vue'

import { auth } from './auth'

export const User = defineComponent(() => {
  const session = useSession(auth)
  const signIn = () => auth.signIn('dribbble', { popup: true })
  const signOut = () => auth.signOut()

  return () => {
    const { data, isPending } = session.value
    return data
      ? h('button', { onClick: signOut }, `Sign out ${data.user.name}`)
      : h('button', { onClick: signIn, disabled: isPending }, 'Sign in')
  }
})
