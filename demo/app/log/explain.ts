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
    case 'load:skipped':
      return {
        tone: 'note',
        text: 'Did not ask',
        why: {
          offline: 'This machine is offline. It asks as soon as it is not.',
          gap: 'It has asked a moment ago.',
          pause: 'The server failed, and is left alone for a while.',
        }[event.reason],
      }
    case 'load:waits':
      return { tone: 'note', text: 'Another tab is asking', why: 'One request for all tabs.' }
    case 'tab:answer':
      return {
        tone: 'good',
        text: 'Another tab asked the server',
        why: 'What it was told holds here too: no request.',
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

const reasons: Record<Start['reason'], string> = {
  first: 'All components want to know: one request for all of them.',
  manual: 'The app, or a finished sign-in, wants a fresh answer.',
  poll: 'As often as the app wants to know, and in one tab for all.',
  expiry: 'The session is about to end, unless the server says otherwise.',
  retry: 'The last try failed; every failure doubles the wait.',
  visible: 'Somebody is looking again.',
  online: 'The network is back.',
  tab: 'Another tab has news that this one must fetch itself.',
}

function explainStart({ reason }: Start): Line {
  return { tone: 'ask', text: 'Asked the server who is signed in', why: reasons[reason] }
}
