/**
 * A script for a page that is to tell the server of the app all that others could hear of it: what it
 * stores, posts, logs and loads, its addresses, and what nobody has caught.
 */
export const watch = `
  const whole = (_, value) =>
    value instanceof Error
      ? Object.fromEntries(Object.getOwnPropertyNames(value).map((name) => [name, value[name]]))
      : value
  const say = (...values) => navigator.sendBeacon('/heard', JSON.stringify(values, whole))
  const overhear = (owner, name) => {
    const plain = owner[name]
    owner[name] = function (...args) {
      say(name, ...args)
      return plain.apply(this, args)
    }
  }
  overhear(Storage.prototype, 'setItem')
  overhear(BroadcastChannel.prototype, 'postMessage')
  overhear(History.prototype, 'replaceState')
  overhear(History.prototype, 'pushState')
  for (const name of ['log', 'info', 'warn', 'error', 'debug']) overhear(console, name)
  addEventListener('message', ({ data }) => say('message', data))
  addEventListener('error', ({ error, message }) => say(message, error))
  addEventListener('unhandledrejection', ({ reason }) => say(reason))
  const sayAll = () =>
    say(
      location.href, document.cookie, history.state, { ...localStorage }, { ...sessionStorage },
      performance.getEntriesByType('resource').map(({ name }) => name),
    )
  addEventListener('pagehide', sayAll)
  sayAll()`
