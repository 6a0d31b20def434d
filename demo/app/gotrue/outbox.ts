import type { Mail } from '../../plugin.js'
import { el } from '../dom.js'
import { accounts } from './client.js'
import { button } from './forms.js'

/** The mails of the chosen server, newest first: what would have been sent is read here. */
export function createOutbox(host: HTMLElement): { readonly refresh: () => Promise<void> } {
  const list = el('ul', { class: 'accounts' })
  const note = el('p', { class: 'entry' }, 'Nothing was sent yet.')
  host.append(note, list)
  return {
    refresh: async () => {
      const response = await fetch('/demo/outbox').catch(() => null)
      if (!response?.ok) return // this page is being left
      const mails = (await response.json()) as readonly Mail[]
      note.hidden = mails.length > 0
      list.replaceChildren(...mails.slice(0, 5).map(drawMail))
    },
  }
}

function drawMail({ to, type, code, link }: Mail): HTMLElement {
  return el(
    'li',
    { 'data-mail': type },
    el('strong', {}, type),
    el('span', {}, `to ${to}`),
    link && el('a', { class: 'button', href: link }, 'Open its link'),
    button(`Type in ${code}`, 'code', async () => {
      // One word for a code from a mail, whichever it was; a new password has its own.
      const own = type === 'recovery' || type === 'email_change' ? type : 'email'
      await accounts.verifyOtp({ type: own, email: to, token: code })
    }),
  )
}
