import { createAuthClient, isAuthError, type AuthError } from 'latchkey'
import { gotrue } from 'latchkey/gotrue'
import { atom } from 'nanostores'

import { write } from '../log/entries.js'
import { explain } from '../log/explain.js'
import { demo } from '../state.js'

/** The third client of this page, of whichever generation was chosen. */
export const accounts = createAuthClient({
  baseURL: demo.gotrue.url,
  adapter: gotrue({
    origins: [location.origin],
    onEvent: (event) =>
      write({
        tone: 'note',
        text: event.type === 'notice' ? `GoTrue: ${event.message}` : 'Came back to another page',
      }),
  }),
  callbackURL: '/callback.html',
  debug: (event) => write(explain(event)),
})

/** What the last press, or the landing, came to: words, or what went wrong. */
export const outcome = atom<AuthError | string>('')

/** Does what a button says, and shows what comes of it. Nothing is awaited before the call. */
export async function press(text: string, act: () => Promise<string | void>): Promise<void> {
  write({ tone: 'press', text: `GoTrue: “${text}” pressed` })
  outcome.set('')
  try {
    outcome.set((await act()) ?? '')
  } catch (error) {
    show(error)
  }
}

/** Why the sign-in, or the link, that this page was landed on by did not succeed. */
export async function watchGoTrue(): Promise<void> {
  await accounts.completeSignIn().catch(show)
}

function show(error: unknown): void {
  if (!isAuthError(error)) throw error
  outcome.set(error)
}
