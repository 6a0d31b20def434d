import { isAuthError } from 'latchkey'
import type { Identity } from 'latchkey/gotrue'

import type { Trouble } from '../../backends/generations.js'
import { advise } from '../advice.js'
import { el, find, set } from '../dom.js'
import { mountFaults } from '../faults.js'
import { write } from '../log/entries.js'
import { change, demo } from '../state.js'
import { accounts, outcome } from './client.js'
import { button, createPassword, createSignIn, createSignedIn } from './forms.js'
import { createOutbox } from './outbox.js'

/** Whichever generation it is, the page stays the same. */
export function mountGoTrue(page: HTMLElement): void {
  const status = el('span', { class: 'status' })
  const name = el('p', { class: 'name' })
  const how = el('p', { class: 'expiry' })
  const identities = el('ul', { class: 'accounts' })
  const note = el('p', { class: 'note' })
  const [signIn, signedIn, password] = [createSignIn(), createSignedIn(), createPassword()]
  find('[data-mount="gotrue"]', page).append(
    status,
    el('div', { class: 'person' }, el('div', {}, name, how)),
    identities,
    signIn,
    password,
    signedIn,
    note,
  )
  const outbox = createOutbox(find('[data-mount="outbox"]', page))
  mountFaults(find('.faults', page), accounts)
  mountGeneration(page)
  mountTrouble(find('[data-trouble]', page) as HTMLSelectElement)

  const draw = (): void => {
    const { status: known, data, error } = accounts.session.value
    set(status, 'data-status', known)
    status.textContent = known
    name.textContent = data ? (data.user.name ?? 'Somebody without a name') : 'Nobody'
    set(name, 'data-user', data && '')
    how.textContent = data ? `${data.user.email}, by ${data.kind}` : '\u00a0'
    identities.replaceChildren(...(data?.identities ?? []).map(drawIdentity))
    signIn.hidden = known !== 'unauthenticated' && known !== 'error'
    signedIn.hidden = !data
    password.hidden = data?.kind !== 'recovery'
    const said = outcome.value || error || ''
    note.replaceChildren(
      ...(isAuthError(said)
        ? [el('code', { 'data-error': said.code }, said.code), ' ', advise(said)]
        : [said]),
    )
  }
  accounts.session.subscribe(draw)
  outcome.subscribe(() => {
    draw()
    void outbox.refresh()
  })
}

const drawIdentity = ({ id, provider }: Identity): HTMLElement =>
  el(
    'li',
    { 'data-identity': provider },
    el('strong', {}, provider),
    el('span', {}, 'a way for this user to sign in'),
    button('Unlink', 'unlink', async () => accounts.unlinkIdentity(id)),
  )

/** Another server is another client, and so another page. */
function mountGeneration(page: HTMLElement): void {
  for (const choice of page.querySelectorAll<HTMLElement>('[data-flavor]')) {
    const flavor = choice.dataset.flavor === 'fork2022' ? 'fork2022' : 'current'
    set(choice, 'aria-pressed', String(flavor === demo.gotrue.flavor))
    choice.onclick = async () => {
      await change({ flavor })
      const text = `“${choice.textContent}” chosen`
      write({ tone: 'press', text, why: 'Another protocol. The page stays as it is.' })
      location.reload()
    }
  }
}

function mountTrouble(choice: HTMLSelectElement): void {
  choice.value = demo.gotrue.trouble
  choice.onchange = async () => {
    await change({ trouble: choice.value as Trouble })
    const text = `Requests for tokens now: ${choice.selectedOptions[0]?.textContent}`
    write({ tone: 'press', text })
  }
}
