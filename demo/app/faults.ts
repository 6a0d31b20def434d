import type { AuthClient } from 'latchkey'

import type { Faults } from '../backends/auth.js'
import { find } from './dom.js'
import { write } from './log/entries.js'
import { change, demo } from './state.js'

const TOLD = {
  coop: ['The provider now cuts its windows off', 'The provider leaves its windows alone again'],
  deny: ['The provider now refuses everybody', 'The provider asks people again'],
  down: ['The auth server is now down', 'The auth server is up again'],
  dead: ['Aurinko has lost the Microsoft mailbox', 'Aurinko has the Microsoft mailbox again'],
} as const

/** The row of switches that break something, and the button that asks again. */
export function mountFaults(host: HTMLElement, client: Pick<AuthClient, 'refetch'>): void {
  // The page of another backend has none, and is never the real one.
  const openid = host.querySelector<HTMLInputElement>('[data-provider-switch]')
  for (const box of host.querySelectorAll<HTMLInputElement>('[data-fault]')) {
    const fault = box.dataset.fault as keyof Faults
    box.checked = demo.faults[fault]
    box.disabled =
      openid !== null &&
      (demo.openid !== null || (demo.provider !== 'stand-in' && /coop|deny/.test(fault)))
    box.onchange = () => void toggle(fault, box.checked)
  }
  if (openid) {
    openid.checked = demo.openid !== null
    openid.onchange = () => void choose(openid.checked)
  }
  find('[data-action="refetch"]', host).onclick = () => {
    write({ tone: 'press', text: '“Ask the server again” pressed' })
    void client.refetch()
  }
}

async function toggle(fault: keyof Faults, on: boolean): Promise<void> {
  await change({ [fault]: on })
  write({ tone: 'press', text: TOLD[fault][on ? 0 : 1] })
}

/** Another backend is another client, and so another page. */
async function choose(openid: boolean): Promise<void> {
  await change({ provider: openid ? 'openid' : 'dribbble' })
  const text = openid ? 'Signs in at an OpenID provider now' : 'Signs in at Dribbble again'
  write({
    tone: 'press',
    text,
    why: 'One adapter instead of another. The panels stay as they are.',
  })
  location.reload()
}
