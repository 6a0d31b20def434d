import { el } from '../dom.js'
import { accounts, press } from './client.js'

const SENT = 'A mail is on its way: see the outbox.'

export function button(
  text: string,
  name: string,
  act: () => Promise<string | void>,
): HTMLButtonElement {
  const made = el('button', { type: 'button', 'data-action': name }, text)
  made.onclick = () => void press(text, act)
  return made
}

/** A form whose first button is what Enter presses. */
function createForm(fields: readonly Node[], buttons: readonly HTMLButtonElement[]) {
  const form = el('form', { class: 'credentials' }, ...fields, actions(buttons))
  form.onsubmit = (event) => {
    event.preventDefault()
    buttons[0]?.click()
  }
  return form
}

const actions = (buttons: readonly HTMLButtonElement[]): HTMLElement =>
  el('div', { class: 'actions' }, ...buttons)

function createField(text: string, type: string, autocomplete: string, value: string) {
  const input = el('input', { type, autocomplete, value, name: type })
  return { label: el('label', {}, text, input), read: () => input.value }
}

/** Every way in. A redirect and a link come back to this page. */
export function createSignIn(): HTMLElement {
  const redirectTo = '/gotrue'
  const address = createField('E-mail', 'email', 'username', 'ada@winter.example')
  const password = createField('Password', 'password', 'current-password', 'correct horse')
  const email = address.read
  return el(
    'div',
    { class: 'ways' },
    createForm(
      [address.label, password.label],
      [
        button('Sign in', 'sign-in', async () => {
          await accounts.signInWithPassword({ email: email(), password: password.read() })
        }),
        button('Sign up', 'sign-up', async () => {
          const account = { email: email(), password: password.read(), redirectTo }
          const { status } = await accounts.signUp(account)
          return status === 'authenticated' ? '' : SENT
        }),
        button('Mail me a link', 'mail', async () => {
          await accounts.signInWithOtp({ email: email(), redirectTo })
          return SENT
        }),
        button('I forgot it', 'recover', async () => {
          await accounts.recover({ email: email(), redirectTo })
          return SENT
        }),
      ],
    ),
    actions([
      button('Sign in with GitHub', 'redirect', async () => {
        await accounts.signIn('github', { redirectTo })
      }),
      button('…in a popup', 'popup', async () => {
        await accounts.signIn('github', { popup: true })
      }),
      button('…with Apple (off)', 'apple', async () => {
        await accounts.signIn('apple', { popup: true })
      }),
    ]),
  )
}

export function createSignedIn(): HTMLElement {
  return actions([
    button('Call an API', 'call', async () => {
      const { ok, status } = await accounts.fetch('/demo/api')
      return ok
        ? `It answered ${status}. It takes each token once: the next call needs another.`
        : `It answered ${status}: the token was spent, and there is no other yet. You stay signed in.`
    }),
    button('Link Google', 'link', async () => {
      await accounts.linkIdentity('google', { popup: true })
    }),
    button('Sign out', 'sign-out', async () => {
      await accounts.signOut()
    }),
  ])
}

/** What a session of the kind `recovery` is for. */
export function createPassword(): HTMLElement {
  const password = createField('New password', 'password', 'new-password', '')
  return createForm(
    [password.label],
    [
      button('Set the password', 'set-password', async () => {
        await accounts.updateUser({ password: password.read() })
        return 'It is set, and the session is as after any other sign-in.'
      }),
    ],
  )
}
