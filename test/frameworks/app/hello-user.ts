import { StoreController } from '@nanostores/lit'
import { html, LitElement } from 'lit'

import { auth } from './auth'

export class HelloUser extends LitElement {
  readonly #session = new StoreController(this, auth.session)

  override render() {
    const { status, data, error } = this.#session.value
    switch (status) {
      case 'pending':
        return html`<p>…</p>`
      case 'authenticated':
        return html`<button @click=${() => auth.signOut()}>Sign out ${data.user.name}</button>`
      case 'unauthenticated':
        return html`<button @click=${() => auth.signIn('dribbble')}>Sign in</button>`
      case 'error':
        return html`<button @click=${() => auth.refetch()}>${error.message} Try again</button>`
    }
  }
}
customElements.define('hello-user', HelloUser)
