import { isAuthError } from 'latchkey'
import { atom } from 'nanostores'

import { auth } from './auth.js'
import type { Problem } from './panels/view.js'

/** Why the sign-in that this page was landed on by did not succeed. `null`: it did, or was none. */
export const landed = atom<Problem | null>(null)

/** The client finishes a landing by itself: this is only to show what went wrong. */
export async function watchLanding(): Promise<void> {
  try {
    await auth.completeSignIn()
  } catch (error) {
    if (!isAuthError(error)) throw error
    // The refusal can be here before the server has said who is signed in.
    landed.set({ error, during: await auth.ready() })
  }
}
