import { createAuthClient, isAuthError, type AuthError } from 'latchkey'
import { aurinko, type AurinkoAccount } from 'latchkey/aurinko'

import { advise } from './advice.js'
import { el, find, set } from './dom.js'
import { mountFaults } from './faults.js'
import { write } from './log/entries.js'
import { explain } from './log/explain.js'

/** The second client of this page: another backend, and so another realm. */
export const mail = createAuthClient({
  adapter: aurinko({ clientId: 'latchkey-demo' }),
  callbackURL: '/callback.html',
  debug: (event) => write(explain(event)),
})

const scopes = ['Mail.Read', 'Calendar.Read']
const SERVICES = new Map([
  ['Google', 'Google'],
  ['Office365', 'Microsoft'],
  ['IMAP', 'IMAP'],
])

let problem: AuthError | null = null
let draw = (): void => {}

/** Does what a button says, and shows what went wrong. Nothing is awaited before the call. */
async function press(text: string, act: () => Promise<unknown>): Promise<void> {
  write({ tone: 'press', text: `Mailboxes: “${text}” pressed` })
  problem = null
  draw()
  try {
    await act()
  } catch (error) {
    if (!isAuthError(error)) throw error
    problem = error
    draw()
  }
}

/** Why the sign-in that this page was landed on by did not succeed. */
export async function watchMailboxes(): Promise<void> {
  try {
    await mail.completeSignIn()
  } catch (error) {
    if (!isAuthError(error)) throw error
    problem = error
    draw()
  }
}

export function mountMailboxes(page: HTMLElement): void {
  const host = find('[data-mount="mailboxes"]', page)
  const status = el('span', { class: 'status' })
  const list = el('ul', { class: 'accounts' })
  const actions = el('div', { class: 'actions' })
  const note = el('p', { class: 'note' })
  host.append(status, list, actions, note)
  mountFaults(find('.faults', page), mail)

  draw = () => {
    const { status: known, data, error } = mail.session.value
    set(status, 'data-status', known)
    status.textContent = known
    list.replaceChildren(...(data?.accounts ?? []).map(row))
    actions.replaceChildren(...(known === 'authenticated' ? linking() : signingIn()))
    const shown = problem ?? error
    const code = shown && el('code', { 'data-error': shown.code }, shown.code)
    note.replaceChildren(...(code ? [code, ' ', advise(shown)] : []))
  }
  mail.session.subscribe(draw)
}

const button = (text: string, name: string, act: () => Promise<unknown>): HTMLElement => {
  const made = el('button', { type: 'button', 'data-action': name }, text)
  made.onclick = () => void press(text, act)
  return made
}

function signingIn(): HTMLElement[] {
  return [
    button('Sign in with Google', 'google', () =>
      mail.signIn('Google', { popup: true, scopes, redirectTo: '/mailboxes' }),
    ),
    button('…with Microsoft, by redirect', 'office365', () =>
      mail.signIn('Office365', { scopes, redirectTo: '/mailboxes' }),
    ),
  ]
}

function linking(): HTMLElement[] {
  return [
    ...[...SERVICES].map(([service, name]) =>
      button(`Link ${name}`, `link-${service.toLowerCase()}`, () =>
        mail.linkAccount(service, { popup: true, scopes, redirectTo: '/mailboxes' }),
      ),
    ),
    button('Sign out', 'sign-out', () => mail.signOut()),
  ]
}

function row(account: AurinkoAccount): HTMLElement {
  const { id, role, service, tokenStatus, email, needsReauth } = account
  return el(
    'li',
    { 'data-account': service, 'data-role': role, 'data-token': tokenStatus },
    el('strong', {}, email ?? id),
    el('span', {}, `${SERVICES.get(service) ?? service} · ${role} · ${tokenStatus}`),
    needsReauth
      ? button('Reauthorize', 'reauthorize', () => mail.reauthorize(account, { popup: true }))
      : null,
    button('Remove', 'remove', () => mail.removeAccount(account)),
  )
}
