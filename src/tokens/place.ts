import type { StorageOption } from '../options.js'
import type { Adapter } from '../types.js'

/** What the tokens of a client are kept under. */
export const keyOf = (realm: string): string => `latchkey:tokens:${realm}`

/** How far tokens reach that are kept there. */
export const reachOf = (storage: StorageOption): Adapter['reach'] =>
  storage === 'memory' ? 'page' : storage === 'session' ? 'tab' : undefined
