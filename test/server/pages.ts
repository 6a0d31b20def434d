import { afterEach, expect } from 'vitest'

import { ACCESS_TOKEN, CLIENT_SECRET } from './provider.js'
import { world, SALT, SECRET, type World, type WorldOptions } from './world.js'

export const APP = 'https://app.example.com'
export const REDIRECT = `${APP}/callback.html`
/** 43 characters, as RFC 7636 §4.1 wants them. */
export const VERIFIER = 'verifier-that-no-answer-may-ever-mention-00'
export const REFRESH_TOKEN = 'refresh-token-that-never-leaves'

type Fields = Readonly<Record<string, string>>

export interface Pages extends World {
  /**
   * A page of the app posts a form, or a text as it is, to the bridge. Headers that are `null` are
   * not sent.
   */
  readonly post: (
    body: Fields | string,
    headers?: Readonly<Record<string, string | null>>,
    path?: string,
  ) => Promise<Response>
  /** The same with a code of its own, and all a token request has. */
  readonly exchange: (fields?: Fields, headers?: Fields) => Promise<Response>
}

const over: (() => void)[] = []
afterEach(() => {
  for (const check of over.splice(0)) check()
})

/** The server with a bridge to Dribbble, and the pages of an app on another origin. */
export function pages(options: WorldOptions = {}): Pages {
  const here = world({
    origin: 'https://auth.example.com',
    trustedOrigins: [APP],
    bridge: { dribbble: [REDIRECT] },
    ...options,
  })
  const heard: string[] = []
  let codes = 0

  // Whatever happened: no secret was told to a page, and nothing of the sign-in to the operator.
  over.push(() => {
    for (const text of heard)
      for (const secret of [CLIENT_SECRET, SECRET, SALT, VERIFIER, REFRESH_TOKEN, 'set-cookie'])
        expect(text).not.toContain(secret)
    for (const { message, description, cause } of here.errors)
      for (const secret of [CLIENT_SECRET, VERIFIER, REFRESH_TOKEN, ACCESS_TOKEN, 'code-of-a-page'])
        expect(`${message} ${description} ${String(cause)}`).not.toContain(secret)
  })

  const post: Pages['post'] = async (body, headers = {}, path = '/auth/bridge/dribbble/token') => {
    const sent = new Headers({ origin: APP })
    if (typeof body !== 'string') sent.set('content-type', 'application/x-www-form-urlencoded')
    for (const [name, value] of Object.entries(headers))
      if (value === null) sent.delete(name)
      else sent.set(name, value)
    const text = typeof body === 'string' ? body : String(new URLSearchParams(body))
    const response = await here.auth.handlers.ALL(
      new Request(here.origin + path, { method: 'POST', body: text, headers: sent }),
    )
    heard.push(`${JSON.stringify([...response.headers])}\n${await response.clone().text()}`)
    expect(response.headers.get('cache-control')).toBe('no-store')
    return response
  }
  return {
    ...here,
    post,
    exchange: (fields, headers) =>
      post({ ...form(`code-of-a-page-${codes++}`), ...fields }, headers),
  }
}

/** What RFC 6749 §4.1.3 and RFC 7636 §4.5 have a public client send. */
export const form = (code: string): Fields => ({
  grant_type: 'authorization_code',
  code,
  redirect_uri: REDIRECT,
  client_id: 'client',
  code_verifier: VERIFIER,
})
