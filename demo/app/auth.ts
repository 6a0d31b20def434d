import { createAuthClient } from 'latchkey'

import { explain } from './log/explain.js'
import { write } from './log/entries.js'

write({ tone: 'page', text: `Opened ${location.pathname}` })

/** The one client that all panels share. */
export const auth = createAuthClient({
  baseURL: `${location.origin}/auth`,
  callbackURL: '/callback.html',
  debug: (event) => write(explain(event)),
})
