import type { Session } from '../types.js'
import { sharedBy } from './document.js'
import type { Attempt, PopupFlow } from './popup.js'
import { closeLast, sweep, take } from './transaction.js'
import { attempt } from './window.js'
import { landingIn, MINE, openWire, WHOSE } from './wire.js'

/**
 * Picks up the popups that this tab had open when it was reloaded. Nobody waits for them any more:
 * whoever finishes in one is signed in, and the session says so.
 */
export function resumePopups<S extends Session>(kit: PopupFlow<S>): Pick<Attempt<S>, 'end'>[] {
  const { env, adapter } = kit
  const { awaited } = sharedBy(env)
  const left = [...(attempt(() => sweep(env)) ?? [])].filter(
    ([id, { popup, realm }]) => popup && realm === adapter.realm && !awaited.has(id),
  )
  attempt(() => closeLast(env)) // what was left may have expired
  return left.map(([id, { expiresAt }]) => {
    const stop = (): ReturnType<typeof take> => {
      env.clearTimeout(timer)
      wire.close()
      awaited.delete(id)
      kit.over(self)
      return take(env, id)
    }
    const wire = openWire(env, id, (message, source) => {
      if (message.landing === MINE) return void stop()
      const url = landingIn(env, id, message)
      if (!url) return
      wire.post(undefined, source)
      const transaction = stop()
      if (!transaction) return
      // `debug` is told what went wrong.
      kit.land({ url: new URL(url), transaction }).then(
        () => kit.won(self),
        () => null,
      )
    })
    const timer = env.setTimeout(stop, expiresAt - env.Date.now())
    const self = { end: () => void stop() }
    awaited.add(id)
    wire.post(WHOSE, null) // this tab may be a copy of the one that opened it
    return self
  })
}
