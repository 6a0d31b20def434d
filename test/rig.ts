// What a client loads on demand is here already, so that loading it takes no real time.
import '../src/session/keeper.js'

import { createChannels, type Channels } from './rig/channels.js'
import { createClock, type Clock } from './rig/clock.js'
import { createLocks, type Locks } from './rig/locks.js'
import { createLocalStorages, type LocalStorages } from './rig/local.js'
import { createNetwork, type Network } from './rig/network.js'
import { createTab, type Tab } from './rig/tab.js'

export { deferred, settle, type Clock } from './rig/clock.js'
export type { Network, Responder, Seen } from './rig/network.js'
export type { Page } from './rig/page.js'
export type { PopupWindow, Tab } from './rig/tab.js'

/**
 * A world in memory: one clock, one network, and tabs whose pages come and go. Nothing here waits
 * for real time, so a test that passes does so for the same reason every time.
 */
export interface World {
  readonly clock: Clock
  readonly network: Network
  readonly channels: Channels
  readonly locks: Locks
  readonly local: LocalStorages
  /** Opens a tab on this URL. */
  tab: (url: string) => Tab
}

export function createWorld(start: number = Date.parse('2026-11-21T09:00:00Z')): World {
  const clock = createClock(start)
  const channels = createChannels()
  const locks = createLocks()
  const local = createLocalStorages()
  return {
    clock,
    channels,
    locks,
    network: createNetwork(),
    local,
    tab: (url) => createTab(url, { clock, channels, locks, local }),
  }
}
