import type { DebugEvent } from 'latchkey'

import { advise } from '../advice.js'
import type { Line } from './entries.js'

type Start = Extract<DebugEvent, { type: 'load:start' }>

/** A step of the client in words for people who have never seen it. */
export function explain(event: DebugEvent): Line {
  switch (event.type) {
    case 'load:start':
      return explainStart(event)
    case 'load:done':
      return event.status === 'authenticated'
        ? {
            tone: 'good',
            text: 'The server says: signed in',
            why: 'One answer for everything on the page.',
          }
        : {
            tone: 'note',
            text: 'The server says: nobody is signed in',
            why: 'Now loads what a click will need, so that the click waits for nothing.',
          }
    case 'load:failed':
      return {
        tone: 'bad',
        text: `No usable answer: ${event.error.code}`,
        why: 'What was known stays known, and nothing is made up. An outage signs nobody out.',
      }
    case 'tab:heard':
      return {
        tone: 'good',
        text: event.status === 'authenticated' ? 'Another tab signed in' : 'Another tab signed out',
        why: 'It told this one: no request.',
      }
    case 'signIn:start':
      return event.mode === 'popup'
        ? {
            tone: 'ask',
            text: 'Opened the provider in a window',
            why: 'Within the click, so no blocker objects. This page stays as it is.',
          }
        : {
            tone: 'ask',
            text: 'Left for the provider',
            why: 'Not one request between the click and its page.',
          }
    case 'signIn:failed':
      return {
        tone: 'bad',
        text: `Sign-in ended: ${event.error.code}`,
        why: event.error.description ?? advise(event.error),
      }
  }
}

function explainStart({ reason }: Start): Line {
  const text = 'Asked the server who is signed in'
  switch (reason) {
    case 'first':
      return { tone: 'ask', text, why: 'All components want to know: one request for all of them.' }
    case 'manual':
      return { tone: 'ask', text, why: 'The app, or a finished sign-in, wants a fresh answer.' }
    case 'tab':
      return { tone: 'ask', text, why: 'Another tab has news that this one must fetch itself.' }
  }
}
