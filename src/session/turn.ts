import type { Env } from '../env.js'

/**
 * Of all tabs that want to know one asks, and the others overhear the answer. A turn for each
 * lookup, and no leader: a leader can be hidden, frozen or gone, and somebody has to notice.
 * Where there are no Web Locks (insecure contexts), or they only throw (frames without an origin),
 * everybody asks.
 */
export function takeTurn(
  { navigator: { locks } }: Env,
  name: string,
  ask: () => Promise<unknown>,
  overhear: () => Promise<unknown>,
): Promise<unknown> {
  const granted = (lock: unknown): Promise<unknown> => (lock ? ask() : overhear())
  return locks ? locks.request(name, { ifAvailable: true }, granted).catch(ask) : ask()
}
