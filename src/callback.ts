import { isNamed, ownId, PREFIX, read } from './flow/landing.js'
import { attempt } from './flow/window.js'
import { deliver } from './flow/wire.js'
import type { Transaction } from './types.js'

// The page that sign-ins come back to, in one line: `import 'latchkey/callback'`. A popup hands its
// landing to the tab that opened it and closes; a redirect goes on to where the user wanted to be.
// It decides nothing by itself and sends nothing anywhere else. In a frame it does nothing at all.
if (typeof document !== 'undefined' && window.top === window) land()

function land(): void {
  const { href, origin, pathname } = location
  const id = ownId(window, href)
  // Before anything else: neither a reload nor the history may repeat it.
  history.replaceState(null, '', pathname)
  const entry = read(window, PREFIX + id) ?? (!isNamed(id) && readOnly(href))
  if (entry) {
    // This tab started the sign-in. The app's own client finishes it, and finds the landing here.
    const transaction = JSON.parse(entry) as Transaction
    sessionStorage.setItem(
      PREFIX + transaction.id,
      JSON.stringify({ ...transaction, landed: href }),
    )
    const { pathname: path, search, hash } = new URL(transaction.redirectTo, origin)
    // Put together anew, so that whatever is stored leads to this origin and no other.
    const query = `${search ? `${search}&` : '?'}latchkey=${transaction.id}`
    location.replace(origin + path.replace(/^\/*/, '/') + query + hash)
    return
  }
  void Promise.resolve(isNamed(id) && deliver(window, id, href)).then((delivered) => {
    if (delivered) close()
    // Only a window that a script has opened can be closed by one.
    setTimeout(
      say,
      300,
      delivered ? 'You can close this window.' : 'There is no sign-in to finish here.',
    )
  })
}

/** A refusal that has lost its id (Aurinko's may) is the one sign-in's that this tab has left for. */
function readOnly(href: string): string | null | undefined {
  const keys = attempt(() => Object.keys(sessionStorage).filter((key) => key.startsWith(PREFIX)))
  return keys?.length === 1 && /[?&](status|error)/.test(href) ? read(window, keys[0]!) : null
}

function say(text: string): void {
  const link = document.createElement('a')
  link.href = '/'
  link.textContent = 'Continue'
  document.body.replaceChildren(`${text} `, link)
}
