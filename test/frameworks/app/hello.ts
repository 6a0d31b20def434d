import { auth } from './auth'

/** Keeps an element saying who is signed in, until the function it returns is called. */
export function hello(element: HTMLElement): () => void {
  return auth.session.subscribe(({ status, data, error }) => {
    switch (status) {
      case 'pending':
        return element.replaceChildren('…')
      case 'authenticated':
        return element.replaceChildren(`Hello, ${data.user.name}`)
      case 'unauthenticated':
        return element.replaceChildren('Sign in')
      case 'error':
        return element.replaceChildren(`${error.message} Try again`)
    }
  })
}
