import type { Dribbble, DribbbleOptions } from '../../demo/backends/dribbble.js'
import { createDribbble } from '../../demo/backends/dribbble.js'

export const SITE = 'http://site.test'
export const API = 'http://api.test'
export const APP = {
  clientId: 'shot',
  clientSecret: 's3cret',
  callbackURL: 'http://app.test/path',
}

export interface Rig extends Dribbble {
  /** `GET /oauth/authorize` for the app, by a browser with this cookie. */
  readonly authorize: (params?: Fields, cookie?: string) => Promise<Response>
  /** Opens the consent page and presses a button on it. */
  readonly decide: (decision: 'allow' | 'deny', params?: Fields) => Promise<Response>
  /** Presses a button on a page that is already open. */
  readonly press: (page: Response, decision: string, cookie?: string) => Promise<Response>
  /** A code for these authorization parameters. */
  readonly code: (params?: Fields) => Promise<string>
  readonly exchange: (fields: Fields, headers?: Fields) => Promise<Response>
  /** An access token, by the whole flow. */
  readonly token: (params?: Fields) => Promise<string>
  readonly user: (token: string, headers?: Fields) => Promise<Response>
  /** Moves the clock, in ms. */
  readonly pass: (ms: number) => void
}

type Fields = Readonly<Record<string, string>>

/** Dribbble with one app, a clock that stands still, and the steps of a sign-in. */
export function createRig(options: Partial<DribbbleOptions> = {}): Rig {
  let now = 1_700_000_000_500
  const dribbble = createDribbble({ ...APP, siteURL: SITE, now: () => now, ...options })

  const authorize: Rig['authorize'] = (params = {}, cookie = '') => {
    const query = new URLSearchParams({ client_id: APP.clientId, ...params })
    return dribbble.site(new Request(`${SITE}/oauth/authorize?${query}`, { headers: { cookie } }))
  }
  const press: Rig['press'] = async (page, decision, cookie = readCookie(page)) => {
    const formToken = /name="form_token" value="([^"]+)"/.exec(await page.clone().text())?.[1] ?? ''
    const body = new URLSearchParams({ form_token: formToken, decision })
    return dribbble.site(
      new Request(`${SITE}/oauth/authorize`, { method: 'POST', body, headers: { cookie } }),
    )
  }
  const decide: Rig['decide'] = async (decision, params) => press(await authorize(params), decision)
  const code: Rig['code'] = async (params) =>
    landing(await decide('allow', params)).searchParams.get('code') ?? ''
  const exchange: Rig['exchange'] = (fields, headers = {}) =>
    dribbble.site(
      new Request(`${SITE}/oauth/token`, {
        method: 'POST',
        body: new URLSearchParams(fields),
        headers,
      }),
    )
  const token: Rig['token'] = async (params) => {
    const response = await exchange(withSecret({ code: await code(params) }))
    const body = (await response.json()) as { access_token: string }
    return body.access_token
  }
  const user: Rig['user'] = (held, headers = {}) => {
    const authorization = `Bearer ${held}`
    return dribbble.api(new Request(`${API}/v2/user`, { headers: { authorization, ...headers } }))
  }
  const pass = (ms: number) => void (now += ms)
  return { ...dribbble, authorize, decide, press, code, exchange, token, user, pass }
}

/** Token request fields with the app's credentials in the body. */
export function withSecret(fields: Fields): Fields {
  return { client_id: APP.clientId, client_secret: APP.clientSecret, ...fields }
}

/** The cookie a browser would send next. */
export function readCookie(response: Response): string {
  return response.headers.get('set-cookie')?.split(';')[0] ?? ''
}

/** Where a redirect goes. Throws, naming the status, when the response is none. */
export function landing(response: Response): URL {
  const location = response.headers.get('location')
  if (response.status !== 302 || !location) throw new Error(`no redirect: ${response.status}`)
  return new URL(location)
}
