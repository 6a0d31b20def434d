import { describe, expect, it } from 'vitest'

import { aurinko, type AurinkoOptions } from '../../../src/adapters/aurinko/index.js'
import { APP, setUp, type Client } from './scene.js'

const urlOf = async (
  start: (auth: Client) => Promise<unknown>,
  options: Partial<AurinkoOptions> = {},
): Promise<URL> => {
  const { open } = setUp({ options })
  return new URL(String(await start(await open())))
}
const byURL = { redirect: false } as const

describe('options', () => {
  it('has no room for a secret', () => {
    const options = { clientId: 'client', clientSecret: 'secret' }
    expect(() => aurinko(options)).toThrow(expect.objectContaining({ code: 'invalid_config' }))
  })

  it('needs a client id', () => {
    expect(() => aurinko({ clientId: '' })).toThrow(
      expect.objectContaining({ code: 'invalid_config' }),
    )
  })

  it('needs a bridge where a code is to be exchanged', () => {
    expect(() => aurinko({ clientId: 'client', mode: 'code' })).toThrow(
      expect.objectContaining({ code: 'backend_required' }),
    )
  })
})

describe('the authorization URL', () => {
  it('is Aurinko’s dialect, and nothing of OAuth’s', async () => {
    const { origin, pathname, searchParams } = await urlOf((auth) =>
      auth.signIn('Google', {
        ...byURL,
        scopes: ['Mail.Read', 'Calendar.Read'],
        nativeScopes: ['https://mail.google.com/', 'openid'],
        loginHint: 'ada@example.com',
        serverUrl: 'imap.example.com',
        ensureScopes: true,
        ensureAccess: false,
        params: { token: 'prepared' },
      }),
    )
    expect(origin + pathname).toBe(`${APP}/v1/auth/authorizeUser`)
    const { state, ...params } = Object.fromEntries(searchParams)
    expect(params).toEqual({
      clientId: 'client',
      serviceType: 'Google',
      accountRole: 'primary',
      responseType: 'cookie',
      returnUrl: `${APP}/callback.html`,
      scopes: 'Mail.Read Calendar.Read',
      nativeScopes: 'https://mail.google.com/ openid',
      loginHint: 'ada@example.com',
      serverUrl: 'imap.example.com',
      ensureScopes: 'true',
      ensureAccess: 'false',
      token: 'prepared',
    })
    expect(state).toMatch(/^[\w.-]{22,}$/)
  })

  it('passes the service on as it is written', async () => {
    const { searchParams } = await urlOf((auth) => auth.signIn('Hubspot', byURL))
    expect(searchParams.get('serviceType')).toBe('Hubspot')
  })

  it('says which of several clients it is for', async () => {
    const start = (auth: Client): Promise<string> => auth.signIn('Google', byURL)
    const { searchParams } = await urlOf(start, { mailboxInfo: 'outlook' })
    expect(searchParams.get('mailboxInfo')).toBe('outlook')
  })

  it('has another state every time', async () => {
    const { open } = setUp()
    const auth = await open()
    const states = await Promise.all(
      Array.from({ length: 20 }, async () =>
        new URL(await auth.signIn('Google', byURL)).searchParams.get('state'),
      ),
    )
    expect(new Set(states).size).toBe(20)
  })

  it('has nothing that an option could replace', async () => {
    const { searchParams } = await urlOf((auth) =>
      auth.signIn('Google', {
        ...byURL,
        params: {
          clientId: 'evil',
          state: 'evil',
          returnUrl: 'https://evil.test',
          accountRole: 'x',
        },
      }),
    )
    expect([...searchParams.values()].filter((value) => /evil|^x$/.test(value))).toEqual([])
  })
})

describe('a token in the browser', () => {
  it.each([
    ['as an option', { responseType: 'token' } as object],
    ['as a parameter', { params: { responseType: 'token' } }],
  ])('is refused, %s', async (_, how) => {
    const { tab, open } = setUp()
    const auth = await open()
    await expect(auth.signIn('Google', { ...how, popup: true })).rejects.toMatchObject({
      code: 'invalid_config',
    })
    expect(tab.navigations).toEqual([])
    expect(tab.popups).toEqual([])
  })

  it('has no type', () => {
    const { create } = setUp()
    // @ts-expect-error: users have no tokens
    const call = (auth: Client): Promise<never> => auth.signIn('Google', { responseType: 'token' })
    expect([call, create()]).toHaveLength(2)
  })
})

it('leaves without a request', async () => {
  const { world, tab, open } = setUp()
  const auth = await open()
  void auth.signIn('Google')
  expect(tab.navigations).toHaveLength(1)
  expect(world.network.requests).toEqual([])
})

it('opens a popup straight on the URL, and waits half an hour', async () => {
  const { world, tab, open } = setUp()
  const auth = await open()
  const signing = auth.signIn('Google', { popup: true })
  const failed = signing.catch((error: { code: string }) => error.code)
  expect(tab.popups[0]?.urls[0]).toContain('/v1/auth/authorizeUser?')
  await world.clock.advance(1_799_000)
  expect(tab.popups[0]?.closed()).toBe(false)
  await world.clock.advance(2_000)
  expect(await failed).toBe('popup_timeout')
})
