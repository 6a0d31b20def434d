import { browserEnv } from './env.js'
import { deliver } from './flow/deliver.js'
import { idOf, isNamed, LANDED, readEntry } from './flow/landing.js'
import { resolveRedirectTo } from './flow/redirect-to.js'

// The page that sign-ins come back to, as one line: `import 'latchkey/callback'`. A popup hands its
// landing to the tab that opened it and closes; a redirect goes on to where the user wanted to be.
// It never decides anything by itself and sends nothing anywhere else.

const page = browserEnv()
if (page && window.top === window) land()

function land(): void {
  const { href, origin, pathname } = location
  const id = idOf(href)
  // Before anything else: neither a reload nor the history may repeat it.
  history.replaceState(null, '', pathname)
  const entry = readEntry(window, id)
  if (entry) {
    // This tab started the sign-in. The app's own client finishes it, and finds the landing here.
    sessionStorage.setItem(LANDED + id, href)
    const { redirectTo = '/' } = JSON.parse(entry) as { redirectTo?: string }
    const target = new URL(resolveRedirectTo(redirectTo, origin) ?? origin)
    target.search += `${target.search ? '&' : '?'}latchkey=${id}`
    location.replace(target.href)
  } else if (isNamed(id)) {
    void deliver(window, id, href).then((delivered) => {
      if (!delivered) return say('This sign-in has expired, or was finished before.')
      window.close()
      // Only a window that a script has opened can be closed by one.
      setTimeout(() => say('You can close this window.'), 300)
      return undefined
    })
  } else say('There is no sign-in to finish here.')
}

function say(text: string): void {
  const link = document.createElement('a')
  link.href = '/'
  link.textContent = 'Continue'
  document.body.replaceChildren(text, ' ', link)
}
