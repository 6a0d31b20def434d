import { el, find } from '../dom.js'
import { demo } from '../state.js'
import { clear, entries, type Entry } from './entries.js'

/** The log on screen. Lines are appended one by one, so that screen readers say only new ones. */
export function mountLog(host: HTMLElement): void {
  const list = find('[data-log]', host)
  const shown = new Map<Entry, HTMLElement>()
  const draw = (all: readonly Entry[]): void => {
    for (const [entry, line] of shown) {
      if (all.includes(entry)) continue
      line.remove()
      shown.delete(entry)
    }
    for (const entry of all) {
      if (shown.has(entry)) continue
      const line = drawEntry(entry)
      shown.set(entry, line)
      list.append(line)
    }
    list.scrollTop = list.scrollHeight
  }
  entries.subscribe(draw)
  find('[data-action="clear-log"]', host).onclick = clear
  countRequests(find('[data-requests]', host))
}

function drawEntry({ at, tone, text, why }: Entry): HTMLElement {
  const time = new Date(at)
  const clock = `${time.toTimeString().slice(0, 8)}.${String(time.getMilliseconds()).padStart(3, '0')}`
  return el(
    'li',
    { 'data-tone': tone },
    el('time', { datetime: time.toISOString() }, clock),
    el('p', {}, text),
    why === undefined ? null : el('p', { class: 'why' }, why),
  )
}

const SERVERS = [`${location.origin}/auth/`, `${demo.gotrue.url}/`]

/** What this page really asked the auth servers, as the browser saw it: not what the clients say. */
function countRequests(output: HTMLElement): void {
  let count = 0
  let last = ''
  const show = (): void => {
    output.textContent = `${count} ${count === 1 ? 'request' : 'requests'} so far${last}`
  }
  show()
  new PerformanceObserver((list) => {
    for (const { name, duration } of list.getEntries()) {
      const server = SERVERS.find((url) => name.startsWith(url))
      if (server === undefined) continue
      count += 1
      last = `, last: ${name.slice(server.length).split('?', 1)[0]}, ${Math.round(duration)} ms`
    }
    show()
  }).observe({ type: 'resource', buffered: true })
}
