import { auth } from './auth'

/** Keeps an element saying who is signed in, until the function it returns is called. */
export function hello(element: HTMLElement): () => void {
  return auth.session.subscribe(({ status, data }) => {
    element.textContent = status === 'authenticated' ? `Hello, ${data.user.name}` : status
  })
}
