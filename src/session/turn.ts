import type { Env } from '../env.js'

/** ms that a browser has to say whose turn it is. Some have been seen never to. */
const PATIENCE = 1_000

/**
 * Of all tabs that want to know one asks, and the others overhear the answer. A turn for each
 * lookup, and no leader: a leader can be hidden, frozen or gone, and somebody has to notice.
 * Where there are no Web Locks (insecure contexts), or they only throw (frames without an origin),
 * everybody asks, and where they never answer whoever waits.
 */
export function takeTurn(
  env: Env,
  name: string,
  ask: () => Promise<unknown>,
  overhear: () => Promise<unknown>,
): Promise<unknown> {
  const { locks } = env.navigator
  let turn: Promise<unknown> | undefined
  return new Promise((done) => {
    const granted = (lock: unknown): Promise<unknown> => {
      env.clearTimeout(timer)
      done((turn ??= lock ? ask() : overhear()))
      return turn
    }
    const go = (): unknown => granted(true)
    const timer = env.setTimeout(go, PATIENCE)
    void (locks?.request(name, { ifAvailable: true }, granted).catch(go) ?? go())
  })
}
