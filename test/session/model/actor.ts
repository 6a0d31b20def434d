import { expect } from 'vitest'

import { aura } from '../../../src/adapters/aura/index.js'
import { createClient } from '../../../src/client.js'
import type { AuraSession } from '../../../src/index.js'
import type { DebugEvent, SessionState } from '../../../src/types.js'
import type { Page, Tab, World } from '../../rig.js'
import type { Backend } from './backend.js'

type State = SessionState<AuraSession>

/** A tab, the client on its page, and what has to be true of it. */
export interface Actor {
  readonly page: () => Page
  readonly isMounted: () => boolean
  isLeft: boolean
  readonly state: () => State
  readonly mount: () => void
  readonly unmount: () => void
  readonly refetch: (fresh: boolean) => void
  readonly ready: () => void
  /** Signs in as somebody, or out, in this tab. */
  readonly become: (user: string | null) => void
  /** Another document. `crash`: without a word to the one before. */
  readonly load: (how: 'reload' | 'crash') => void
  readonly tab: Tab
  /** Calls of `ready()` that have not been answered. */
  readonly unanswered: () => number
  /** Throws when what has been shown since the last call should not have been. */
  readonly check: () => void
}

export function createActor(world: World, backend: Backend, pollInterval: number): Actor {
  const tab = world.tab('http://app.test/')
  let events: DebugEvent['type'][] = []
  let told: State[] = []
  let before: State
  /** When this document began, or when the last sign-out was that it knows of. */
  let since = 0
  let stop: (() => void) | undefined
  let unanswered = 0

  const connect = () => {
    const { page } = tab
    const auth = createClient(
      {
        baseURL: '/auth',
        session: { pollInterval },
        fetch: backend.fetch(page),
        debug: (event) => {
          if (tab.page !== page) return
          events.push(event.type)
          if (event.type === 'tab:heard' && event.status === 'unauthenticated') {
            since = backend.tick()
          }
        },
      },
      (config) =>
        Object.assign(aura()(config), {
          prepare: () => Promise.resolve(),
          methods: ({ set }: { set: (session: AuraSession | null) => void }) => ({ set }),
        }),
      page,
    )
    before = auth.session.value
    told = []
    since = backend.tick()
    unanswered = 0
    stop = undefined
    return auth
  }
  let client = connect()

  /** From one state to the next, by `events`. */
  const checkMove = (from: State, to: State): void => {
    if (!from.isPending) expect(to.isPending).toBe(false)
    if (from.status === 'authenticated' || from.status === 'unauthenticated') {
      expect(to.status).not.toBe('error')
    }
    if (from.data && !to.data) {
      // Only somebody's word ends a session: here, in another tab, or the backend's.
      const words = ['load:done', 'tab:answer', 'tab:heard', 'signOut']
      expect(events.some((event) => words.includes(event))).toBe(true)
    }
  }

  const actor: Actor = {
    tab,
    page: () => tab.page,
    isMounted: () => stop !== undefined,
    isLeft: false,
    state: () => client.session.value,
    mount: () => {
      stop ??= client.session.listen((state) => told.push(state))
    },
    unmount: () => {
      stop?.()
      stop = undefined
    },
    refetch: (fresh) => void client.refetch({ fresh }),
    ready: () => {
      const asked = client
      unanswered += 1
      void asked.ready().then((state) => {
        expect(state.isPending).toBe(false)
        if (asked === client) unanswered -= 1
      })
    },
    become: (id) => {
      backend.user = id
      const tick = backend.tick()
      if (id === null) {
        since = tick
        events.push('signOut' as DebugEvent['type'])
        client.set(null)
      } else {
        const user = { id, name: null, email: null, image: null, tick }
        client.set({ user, expiresAt: null, raw: { user: {} } })
      }
    },
    load: (how) => {
      if (how === 'reload') tab.page.dispatch('pagehide', { persisted: false })
      tab.crash()
      backend.forget(tab.page)
      tab.load('http://app.test/')
      actor.isLeft = false
      client = connect()
    },
    unanswered: () => unanswered,
    check: () => {
      const now = client.session.value
      for (const state of [...told, now]) {
        checkMove(before, state)
        before = state
        // Nobody is shown a session that was looked up before their sign-out or their navigation.
        if (state.data) expect(state.data.user['tick']).toBeGreaterThan(since)
      }
      told = []
      events = []
      // One lookup at a time, whatever comes together.
      expect(backend.flights(tab.page)).toBeLessThanOrEqual(1)
    },
  }
  return actor
}
