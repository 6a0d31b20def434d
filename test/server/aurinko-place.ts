import { expect } from 'vitest'

import { createAurinko, type Aurinko } from '../../demo/backends/aurinko.js'
import { aurinko, type AurinkoOptions, type Aurinko as Bridge } from '../../src/server/index.js'

export const ORIGIN = 'http://localhost:3000'

interface Sent extends Omit<RequestInit, 'headers'> {
  readonly headers?: Readonly<Record<string, string>>
  readonly code?: string
}

/** The bridge, with the stand-in behind it. */
export interface Place {
  readonly service: Aurinko
  readonly bridge: Bridge
  /** What `onError` was told. */
  readonly reported: string[]
  /** A code, as the browser brings it. */
  code: (service?: string) => Promise<string>
  send: (what: string, init?: Sent) => Promise<Response>
  /** The cookie that the last exchange set. */
  cookie: string
}

export function setUp(options: AurinkoOptions = {}): Place {
  const returnUrls = [`${ORIGIN}/callback.html`]
  const service = createAurinko({ appOrigin: ORIGIN, returnUrls })
  const reported: string[] = []
  const bridge = aurinko({
    clientId: 'client',
    clientSecret: 'secret',
    apiURL: 'http://127.0.0.1:9',
    secret: 's'.repeat(32),
    salt: 't'.repeat(32),
    env: {},
    fetch: async (input, init) => service.api(new Request(input, init)),
    onError: ({ code }, { route }) => reported.push(`${route} ${code}`),
    ...options,
  })
  const follow = async (response: Response): Promise<string> => response.headers.get('location')!
  const place: Place = {
    service,
    bridge,
    reported,
    cookie: '',
    code: async (serviceType = 'Google') => {
      const query = new URLSearchParams({
        clientId: 'client',
        serviceType,
        accountRole: 'primary',
        responseType: 'code',
        returnUrl: returnUrls[0]!,
      })
      const start = new Request(`${ORIGIN}/v1/auth/authorizeUser?${query}`)
      const consent = await follow(await service.api(start))
      const back = await follow(await service.provider(new Request(`${consent}&answer=allow`)))
      const landing = await follow(await service.api(new Request(back)))
      return new URL(landing).searchParams.get('code')!
    },
    send: async (what, { code, ...init } = {}) => {
      const [method = '', path = ''] = what.split(' ')
      const headers = { origin: ORIGIN, cookie: place.cookie, ...init.headers }
      const body = code === undefined ? (init.body ?? null) : JSON.stringify({ code })
      const request = new Request(`${ORIGIN}/aurinko${path}`, { ...init, method, headers, body })
      const response = await bridge.handlers.ALL(request)
      const [line] = response.headers.getSetCookie()
      if (line) place.cookie = line.split(';', 1)[0]!
      return response
    },
  }
  return place
}

export async function signedIn(options?: AurinkoOptions): Promise<Place> {
  const place = setUp(options)
  const response = await place.send('POST /exchange', { code: await place.code() })
  expect(response.status).toBe(200)
  return place
}
