import { randomInt } from 'node:crypto'
import { expect } from 'vitest'

import type { Server } from './server.js'

/** One browser, as far as the way to a provider and back needs one: it keeps cookies. */
export interface Browser {
  /** Cookies of the server, as the server set them: name to the rest of the line. */
  readonly cookies: ReadonlyMap<string, string>
  /** A request to this path of the server, or to a URL. Redirects are answers here. */
  readonly send: (path: string, init?: RequestInit) => Promise<Response>
  /** As an address typed into it, until a page of the app, or one that leads nowhere. */
  readonly visit: (url: string, decision?: 'allow' | 'deny') => Promise<Arrival>
  /** Signs in, all the way. */
  readonly signIn: () => Promise<Arrival>
  /** A write with the token that has just been fetched for it. */
  readonly write: (path: string) => Promise<Response>
}

export interface Arrival {
  readonly url: string
  /** What a page that leads nowhere says; `''` for one of the app. */
  readonly text: string
  /** The redirects that led there, oldest first. */
  readonly by: readonly string[]
}

export function openBrowser(server: Server): Browser {
  const jar = new Map<string, Map<string, string>>()
  // Aura counts sign-ins by address.
  const address = `10.${randomInt(256)}.${randomInt(256)}.${randomInt(1, 255)}`
  const cookiesOf = (host: string): Map<string, string> => {
    const cookies = jar.get(host) ?? new Map<string, string>()
    jar.set(host, cookies)
    return cookies
  }
  const store = (host: string, line: string): void => {
    const [, name = '', rest = ''] = /^([^=]+)=(.*)$/.exec(line) ?? []
    if (/;\s*max-age=0\b|expires=thu, 01 jan 1970/i.test(rest)) cookiesOf(host).delete(name)
    else cookiesOf(host).set(name, rest)
  }
  const send: Browser['send'] = async (path, init = {}) => {
    const url = new URL(URL.canParse(path) ? path : server.base + path)
    const headers = new Headers(init.headers)
    const pairs = [...cookiesOf(url.hostname)].map(
      ([name, rest]) => `${name}=${rest.split(';')[0]}`,
    )
    if (pairs.length > 0) headers.set('cookie', pairs.join('; '))
    headers.set('x-forwarded-for', address)
    const response = await fetch(url, { ...init, headers, redirect: 'manual' })
    for (const line of response.headers.getSetCookie()) store(url.hostname, line)
    return response
  }
  const isApp = (url: string): boolean =>
    url.startsWith(`${server.app}/`) && !url.startsWith(`${server.base}/`)

  const visit: Browser['visit'] = async (start, decision = 'allow') => {
    const by: string[] = []
    let url = start
    let init: RequestInit = {}
    for (let hops = 0; hops < 15; hops += 1) {
      if (isApp(url)) return { url, text: '', by }
      const response = await send(url, { headers: { accept: 'text/html' }, ...init })
      const location = response.headers.get('location')
      if (location) {
        by.push(url)
        url = new URL(location, url).href
        init = {}
        continue
      }
      const text = await response.text()
      // The stand-in's question, with its two buttons.
      const token = /name="form_token" value="([^"]+)"/.exec(text)?.[1]
      if (token === undefined) return { url, text, by }
      const body = new URLSearchParams({ form_token: token, decision })
      init = { method: 'POST', body }
    }
    throw new Error(`No end of redirects: ${url}`)
  }

  return {
    get cookies() {
      return cookiesOf(new URL(server.base).hostname)
    },
    send,
    visit,
    signIn: () => visit(`${server.base}/signIn/${server.provider}?redirectTo=%2Fdashboard`),
    write: async (path) => {
      const { csrfToken } = await read(await send('/csrfToken'))
      expect(csrfToken).toEqual(expect.any(String))
      return send(path, { method: 'POST', headers: { 'x-csrf-token': String(csrfToken) } })
    },
  }
}

/** Status and body, in one; a body that is no JSON is its `text`. */
export async function read(response: Response): Promise<Record<string, unknown>> {
  const text = await response.text()
  const body = text.startsWith('{') ? (JSON.parse(text) as Record<string, unknown>) : { text }
  return { status: response.status, ...body }
}

/** The state of a sign-in that has just begun. */
export const stateOf = (response: Response): string =>
  new URL(response.headers.get('location')!).searchParams.get('state')!
