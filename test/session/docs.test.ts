import { readFile } from 'node:fs/promises'

import { expect, it } from 'vitest'

import type { ClientOptions } from '../../src/api.js'
import type { DebugEvent, SessionState } from '../../src/types.js'

const page = await readFile(new URL('../../docs/session.md', import.meta.url), 'utf8')

/** The words in code of one column, of the table that starts so. */
function column(head: string, index: number): (readonly string[])[] {
  const [, table = ''] = page.split(`\n${head}`)
  const rows = table.split('\n\n')[0]!.split('\n').slice(2)
  return rows.map((row) =>
    [...row.split('|')[index]!.matchAll(/`(\w[\w:]*)`/g)].map(([, at]) => at!),
  )
}

// The types below are what the compiler holds complete, and the page has to name it all.

it('the page on the session names every status', () => {
  const statuses: Record<SessionState['status'], true> = {
    pending: true,
    authenticated: true,
    unauthenticated: true,
    error: true,
  }
  expect(column('| `status` |', 1).flat()).toEqual(Object.keys(statuses))
})

it('the page on the session names every reason to ask', () => {
  const reasons: Record<Extract<DebugEvent, { type: 'load:start' }>['reason'], true> = {
    first: true,
    visible: true,
    online: true,
    expiry: true,
    poll: true,
    retry: true,
    tab: true,
    manual: true,
  }
  expect(column('| it asks |', 2).flat()).toEqual(Object.keys(reasons))
})

it('the page on the session names every option', () => {
  const options: Record<keyof NonNullable<ClientOptions['session']>, true> = {
    initial: true,
    pollInterval: true,
    leeway: true,
    tabs: true,
  }
  expect(column('| `session.` |', 1).flat()).toEqual(Object.keys(options))
})

it('the page on the session names every event, and what comes with it', () => {
  type Fields<Event> = Event extends DebugEvent ? Exclude<keyof Event, 'type'> : never
  const events: {
    readonly [Type in DebugEvent['type']]: readonly Fields<Extract<DebugEvent, { type: Type }>>[]
  } = {
    'load:start': ['reason'],
    'load:done': ['status'],
    'load:failed': ['error'],
    'load:skipped': ['reason'],
    'load:waits': [],
    'tab:heard': ['status'],
    'tab:answer': ['status'],
    'signIn:start': ['provider', 'mode'],
    'signIn:failed': ['error'],
  }
  expect(column('| `type` |', 1).flat()).toEqual(Object.keys(events))
  expect(column('| `type` |', 2)).toEqual(Object.values(events))
})
