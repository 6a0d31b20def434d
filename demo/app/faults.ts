import type { Faults } from '../backends/auth.js'
import type { DemoState } from '../plugin.js'
import { auth } from './auth.js'
import { find } from './dom.js'
import { write } from './log/entries.js'

const TOLD = {
  coop: ['The provider now cuts its windows off', 'The provider leaves its windows alone again'],
  deny: ['The provider now refuses everybody', 'The provider asks people again'],
  down: ['The auth server is now down', 'The auth server is up again'],
} as const

/** What the dev server wrote into this page's HTML. */
export const demo = JSON.parse(find('#demo-state').textContent) as DemoState

/** The row of switches that break something, and the button that asks again. */
export function mountFaults(host: HTMLElement): void {
  for (const box of host.querySelectorAll<HTMLInputElement>('[data-fault]')) {
    const fault = box.dataset.fault as keyof Faults
    box.checked = demo.faults[fault]
    box.disabled = demo.provider !== 'stand-in' && fault !== 'down'
    box.onchange = () => void change(fault, box.checked)
  }
  find('[data-action="refetch"]', host).onclick = () => {
    write({ tone: 'press', text: '“Ask the server again” pressed' })
    void auth.refetch()
  }
}

async function change(fault: keyof Faults, on: boolean): Promise<void> {
  const headers = { 'content-type': 'application/json' }
  await fetch('/demo/faults', { method: 'POST', headers, body: JSON.stringify({ [fault]: on }) })
  write({ tone: 'press', text: TOLD[fault][on ? 0 : 1] })
}
