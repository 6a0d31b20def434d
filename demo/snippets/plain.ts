import { auth } from './auth'

const output = document.querySelector('output')

auth.session.subscribe(({ status, data }) => {
  output?.replaceChildren(data?.user.name ?? status)
})

export const leaveToSignIn = () => auth.signIn('dribbble', { redirectTo: '/dashboard' })
export const signInHere = () => auth.signIn('dribbble', { popup: true })
export const signOut = () => auth.signOut()
