import { createAuthClient, isAuthError, type AuthError } from 'latchkey'
import { gotrue } from 'latchkey/gotrue'

import { advise } from './advice.js'
import { el, find, set } from './dom.js'
import { mountFaults } from './faults.js'
import { write } from './log/entries.js'
import { explain } from './log/explain.js'
import { demo } from './state.js'

const FLAVOR = 'demo:gotrue'
const EMAIL = 'ada@winter.example'
const flavor = localStorage.getItem(FLAVOR) === 'fork2022' ? 'fork2022' : 'current'

/** The third client of this page, of whichever generation was chosen. */
export const accounts = createAuthClient({
  baseURL: demo.gotrue[flavor],
  adapter: gotrue({
    onEvent: (event) => write({ tone: 'page', text: `GoTrue says: ${JSON.stringify(event)}` }),
  }),
  debug: (event) => write(explain(event)),
})

let problem: AuthError | null = null
let link: string | null = null
let draw = (): void => {}

/** Does what a button says, and shows what went wrong. Nothing is awaited before the call. */
async function press(text: string, act: () => Promise<unknown>): Promise<void> {
  write({ tone: 'press', text: `GoTrue: “${text}” pressed` })
  problem = null
  draw()
  await act().catch(show)
  draw()
}

function show(error: unknown): void {
  if (!isAuthError(error)) throw error
  problem = error
  draw()
}

/** Why the sign-in, or the link, that this page was landed on by did not succeed. */
export async function watchGoTrue(): Promise<void> {
  await accounts.completeSignIn().catch(show)
}

export function mountGoTrue(page: HTMLElement): void {
  const host = find('[data-mount="gotrue"]', page)
  const status = el('span', { class: 'status' })
  const who = el('p', { 'data-who': '' })
  const actions = el('div', { class: 'actions' })
  const note = el('p', { class: 'note' })
  host.append(status, who, actions, note)
  mountFaults(find('.faults', page), accounts)
  const choice = find('[data-flavor]', page) as HTMLInputElement
  choice.checked = flavor === 'fork2022'
  choice.onchange = () => {
    localStorage.setItem(FLAVOR, choice.checked ? 'fork2022' : 'current')
    location.reload()
  }

  draw = () => {
    const { status: known, data, error } = accounts.session.value
    set(status, 'data-status', known)
    status.textContent = known
    who.textContent = data ? `${data.user.email}, by ${data.kind}` : ''
    actions.replaceChildren(...(data ? [button('Sign out', 'sign-out', signOut)] : signingIn()))
    const shown = problem ?? error
    const code = shown && el('code', { 'data-error': shown.code }, shown.code)
    const mail = link && el('a', { href: link, 'data-mail': '' }, 'Open the mail’s link')
    note.replaceChildren(...(code ? [code, ' ', advise(shown)] : mail ? [mail] : []))
  }
  accounts.session.subscribe(draw)
}

const button = (text: string, name: string, act: () => Promise<unknown>): HTMLElement => {
  const made = el('button', { type: 'button', 'data-action': name }, text)
  made.onclick = () => void press(text, act)
  return made
}

const signOut = async (): Promise<unknown> => accounts.signOut()

async function sendLink(): Promise<void> {
  await accounts.signInWithOtp({ email: EMAIL, redirectTo: '/gotrue' })
  link = (await (await fetch(`/demo/mail/${flavor}`)).json()) as string | null
}

function signingIn(): HTMLElement[] {
  return [
    button('Sign in with GitHub', 'popup', () => accounts.signIn('github', { popup: true })),
    button('…by redirect', 'redirect', () => accounts.signIn('github', { redirectTo: '/gotrue' })),
    button('Mail me a link', 'mail', sendLink),
    button('Apple is off', 'apple', () => accounts.signIn('apple', { popup: true })),
  ]
}
