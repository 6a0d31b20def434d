import { isAuthError } from 'latchkey'

import { auth } from '../auth.js'
import { write } from '../log/entries.js'
import { provider } from '../state.js'
import type { Action, Problem } from './view.js'

const PRESSED = {
  'sign-in': `“Sign in with ${provider.label}”`,
  popup: '“…in a popup”',
  'sign-out': '“Sign out”',
}

/**
 * What a button does. Answers what went wrong, or `null`. Up to the client's call nothing is
 * awaited: a browser opens windows in the click, and at no other time.
 */
export async function act(where: string, action: Action): Promise<Problem | null> {
  write({ tone: 'press', text: `${where}: ${PRESSED[action]} pressed` })
  try {
    if (action === 'sign-in') await auth.signIn(provider.name, { redirectTo: '/dashboard' })
    else if (action === 'popup') await auth.signIn(provider.name, { popup: true })
    else {
      await auth.signOut()
      const why = 'The server confirmed it. Other tabs have been told.'
      write({ tone: 'good', text: 'Signed out', why })
    }
    return null
  } catch (error) {
    if (!isAuthError(error)) throw error
    if (action === 'sign-out') write({ tone: 'bad', text: `Not signed out: ${error.code}` })
    return { error, during: auth.session.value }
  }
}
