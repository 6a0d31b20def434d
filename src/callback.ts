import { idOf, isNamed, PREFIX, readEntry } from './flow/landing.js'
import { deliver } from './flow/wire.js'
import type { Transaction } from './types.js'

const NOTHING = 'There is no sign-in to finish here.'

// The page that sign-ins come back to, in one line: `import 'latchkey/callback'`. A popup hands its
// landing to the tab that opened it and closes; a redirect goes on to where the user wanted to be.
// It decides nothing by itself and sends nothing anywhere else. In a frame it does nothing at all.
if (typeof document !== 'undefined' && window.top === window) land()

function land(): void {
  const { href, origin, pathname } = location
  const id = idOf(href)
  // Before anything else: neither a reload nor the history may repeat it.
  history.replaceState(null, '', pathname)
  const entry = readEntry(window, id)
  if (entry) {
    // This tab started the sign-in. The app's own client finishes it, and finds the landing here.
    const transaction = JSON.parse(entry) as Transaction
    const own = transaction.id
    sessionStorage.setItem(PREFIX + own, JSON.stringify({ ...transaction, landed: href }))
    const target = new URL(transaction.redirectTo)
    // Put together anew, so that whatever is stored leads to this origin and no other.
    const path = target.pathname.replace(/^\/*/, '/')
    const query = target.search ? `${target.search}&` : '?'
    location.replace(`${origin}${path}${query}latchkey=${own}${target.hash}`)
  } else if (isNamed(id)) {
    void deliver(window, id, href).then((delivered) => {
      if (!delivered) return say(NOTHING)
      close()
      // Only a window that a script has opened can be closed by one.
      return setTimeout(say, 300, 'You can close this window.')
    })
  } else say(NOTHING)
}

function say(text: string): void {
  const link = document.createElement('a')
  link.href = '/'
  link.textContent = 'Continue'
  document.body.replaceChildren(`${text} `, link)
}
