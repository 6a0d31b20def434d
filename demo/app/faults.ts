import type { AuthClient } from 'latchkey'

import type { Faults } from '../backends/auth.js'
import type { DemoState } from '../plugin.js'
import { find } from './dom.js'
import { write } from './log/entries.js'

const TOLD = {
  coop: ['The provider now cuts its windows off', 'The provider leaves its windows alone again'],
  deny: ['The provider now refuses everybody', 'The provider asks people again'],
  down: ['The auth server is now down', 'The auth server is up again'],
  dead: ['Aurinko has lost the Microsoft mailbox', 'Aurinko has the Microsoft mailbox again'],
} as const

/** What the dev server wrote into this page's HTML. */
export const demo = JSON.parse(find('#demo-state').textContent) as DemoState

/** The row of switches that break something, and the button that asks again. */
export function mountFaults(host: HTMLElement, client: Pick<AuthClient, 'refetch'>): void {
  for (const box of host.querySelectorAll<HTMLInputElement>('[data-fault]')) {
    const fault = box.dataset.fault as keyof Faults
    box.checked = demo.faults[fault]
    box.disabled = demo.provider !== 'stand-in' && /coop|deny/.test(fault)
    box.onchange = () => void change(fault, box.checked)
  }
  find('[data-action="refetch"]', host).onclick = () => {
    write({ tone: 'press', text: '“Ask the server again” pressed' })
    void client.refetch()
  }
}

async function change(fault: keyof Faults, on: boolean): Promise<void> {
  const headers = { 'content-type': 'application/json' }
  await fetch('/demo/faults', { method: 'POST', headers, body: JSON.stringify({ [fault]: on }) })
  write({ tone: 'press', text: TOLD[fault][on ? 0 : 1] })
}
