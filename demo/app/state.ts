import type { DemoChange, DemoState } from '../plugin.js'
import { find } from './dom.js'

/** What the dev server wrote into this page's HTML. */
export const demo = JSON.parse(find('#demo-state').textContent) as DemoState

/** The provider by its name in `signIn`, and by the one people know it by. */
export const provider = demo.openid
  ? { name: 'openid', label: 'OpenID' }
  : { name: 'dribbble', label: 'Dribbble' }

export async function change(what: DemoChange): Promise<void> {
  const headers = { 'content-type': 'application/json' }
  await fetch('/demo/state', { method: 'POST', headers, body: JSON.stringify(what) })
}
