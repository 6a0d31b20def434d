import { randomBytes } from 'node:crypto'

import { escapeHTML, respond } from '../page.js'
import type { Asked } from './state.js'

const NAMES = new Map([
  ['google', 'Google'],
  ['office365', 'Microsoft'],
])

/** A provider's sign-in page. Tests press `#allow` and `#deny`. */
export function consentPage(service: string, url: URL): Response {
  const name = escapeHTML(NAMES.get(service) ?? service)
  const link = (answer: string): string => {
    const target = new URL(url)
    target.searchParams.set('answer', answer)
    return escapeHTML(target.pathname + target.search)
  }
  const hint = url.searchParams.get('login_hint')
  return page(
    `Sign in with ${name}`,
    `<p class="brand">${name}</p>
      <h1>Choose what Aurinko may do</h1>
      <p>${hint ? `You are asked for as <strong>${escapeHTML(hint)}</strong>.` : 'Signed in as Ada Winter.'}</p>
      <ul><li>Read your mail and calendar</li><li>See your name and address</li></ul>
      <p class="actions"><a id="allow" href="${link('allow')}">Allow</a>
        <a id="deny" href="${link('deny')}">Deny</a></p>`,
  )
}

/** Aurinko's own form, for servers that know no OAuth. */
export function imapForm({ serviceType, loginHint, serverUrl }: Asked, state: string): Response {
  const field = (name: string, label: string, type: string, value: string | null): string =>
    `<label>${label}<input name="${name}" id="${name}" type="${type}" value="${escapeHTML(value ?? '')}"></label>`
  return page(
    `Connect ${escapeHTML(serviceType)}`,
    `<p class="brand">Aurinko</p>
      <h1>Connect ${escapeHTML(serviceType)}</h1>
      <form method="post" action="/v1/auth/form">
        <input type="hidden" name="state" value="${escapeHTML(state)}">
        ${field('email', 'E-mail', 'email', loginHint)}
        ${field('password', 'Password', 'password', null)}
        ${field('serverUrl', 'Server', 'text', serverUrl)}
        <p class="actions"><button id="allow" name="decision" value="allow">Connect</button>
          <button id="deny" name="decision" value="deny" formnovalidate>Cancel</button></p>
      </form>`,
  )
}

/** The end of the flow without a return URL: it tells the window that opened it, whoever that is. */
export function messagePage(message: unknown): Response {
  const nonce = randomBytes(16).toString('base64')
  const data = JSON.stringify(message).replaceAll('<', '\\u003c')
  return page(
    'Done',
    `<h1>Done</h1><p>You can close this window.</p>
      <script nonce="${nonce}">opener?.postMessage(${data}, '*')</script>`,
    `script-src 'nonce-${nonce}'; `,
  )
}

const STYLE = `
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 26rem; margin: 3rem auto; padding: 0 1rem }
  .brand { font-weight: 600; color: light-dark(#555, #aaa) }
  h1 { font-size: 1.4rem }
  label { display: block; margin: 0.75rem 0 }
  input { display: block; width: 100%; box-sizing: border-box; font: inherit; padding: 0.4rem }
  .actions { display: flex; gap: 0.5rem }
  a, button { font: inherit; padding: 0.4rem 1rem; border: 1px solid; border-radius: 0.4rem;
    color: inherit; background: none; text-decoration: none }
  footer { margin-top: 2rem; font-size: 0.85rem; color: light-dark(#666, #999) }`

function page(title: string, main: string, script = ''): Response {
  const body = `<main>
      ${main}
    </main>
    <footer>Aurinko stand-in — for local development; nothing leaves this machine.</footer>`
  return respond(
    { title: `${title} · Aurinko stand-in`, head: `<style>${STYLE}</style>`, body },
    `${script}style-src 'unsafe-inline'`,
  )
}
