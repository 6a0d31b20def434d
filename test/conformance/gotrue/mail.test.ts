import { expect } from 'vitest'

import { onEachServer } from './server.js'
import {
  codeFor,
  exchange,
  followLink,
  fragmentOf,
  generateLink,
  linkTo,
  pkce,
  queryOf,
  read,
  send,
  signUp,
  somebody,
} from './steps.js'

onEachServer(({ server, check }) => {
  const isFork = server.flavor === 'fork2022'
  const redirectTo = `${server.siteURL}/cb`

  for (const type of ['magiclink', 'recovery']) {
    check(
      ['account', 'links'],
      `the link of a ${type} mail says what it was, and is good once`,
      async () => {
        const account = somebody()
        await signUp(server, account)
        const link = await generateLink(server, type, { email: account.email }, redirectTo)
        const location = await followLink(link)
        expect(location.startsWith(`${redirectTo}#`)).toBe(true)
        expect(fragmentOf(location)).toMatchObject({ type, access_token: expect.any(String) })

        const again = await followLink(link)
        expect(again.startsWith(`${redirectTo}#`)).toBe(true)
        // The fork has a number for a code, and no error for a 404.
        expect(fragmentOf(again)).toEqual(
          isFork
            ? { error_code: '404', error_description: 'User not found' }
            : {
                error: 'access_denied',
                error_code: 'otp_expired',
                error_description: 'Email link is invalid or has expired',
                sb: '',
              },
        )
      },
    )
  }

  check(['links'], 'an invitation signs in whoever follows it', async () => {
    const { email } = somebody()
    const link = await generateLink(server, 'invite', { email }, redirectTo)
    const { access_token: token = '', type } = fragmentOf(await followLink(link))
    expect(type).toBe('invite')
    expect(await read(await send(server, '/user', { token }))).toMatchObject({ status: 200, email })
  })

  check(['links'], 'a link goes to SITE_URL where its own place is not allowed', async () => {
    const { email, password } = somebody()
    const elsewhere = 'https://elsewhere.example/cb'
    const link = await generateLink(server, 'signup', { email, password }, elsewhere)
    expect((await followLink(link)).startsWith(server.siteURL)).toBe(true)
  })

  check([], 'what is missing in a link is told in the redirect, or on a page of JSON', async () => {
    const response = await send(server, `/verify?type=signup&redirect_to=${redirectTo}`)
    if (isFork) {
      expect(fragmentOf(response.headers.get('location')!)).toMatchObject({
        error: 'invalid_request',
        error_code: '400',
      })
    } else
      expect(await read(response)).toMatchObject({ status: 400, error_code: 'validation_failed' })
  })

  check([], 'who is registered is told by the fork', async () => {
    const { email } = somebody()
    expect((await send(server, '/recover', { json: { email } })).status).toBe(isFork ? 404 : 200)
    const json = { email, create_user: false }
    const answer = await read(await send(server, '/otp', { json }))
    expect(answer).toMatchObject(
      isFork
        ? { status: 400, msg: 'Signups not allowed for otp' }
        : { status: 422, error_code: 'otp_disabled' },
    )
  })

  check(
    ['account', 'mailbox', 'links'],
    'a code of a mail is typed in, by the names of this flavor',
    async () => {
      const { email, password } = somebody()
      await signUp(server, { email, password })
      const token = await codeFor(server, email)
      const verify = (type: string, code = token) =>
        send(server, '/verify', { json: { type, email, token: code } })
      const wrong = await read(await verify('magiclink', '000000'))
      const refused = isFork
        ? { status: 401, code: 401 }
        : { status: 403, error_code: 'otp_expired' }
      expect(wrong).toMatchObject(refused)
      // `email` is of today; the fork takes it for a wrong code.
      expect((await verify('email')).status).toBe(isFork ? 401 : 200)
      expect((await verify('magiclink')).status).toBe(isFork ? 200 : 403)
    },
  )

  check(
    ['account', 'mailbox', 'confirmation'],
    'two mails change an address, and the first says only that',
    async () => {
      const { access_token: token } = await signUp(server)
      if (server.standIn) server.standIn.knobs.autoconfirm = false
      const { email } = somebody()
      const change = { method: 'PUT', json: { email }, token }
      await send(server, `/user?redirect_to=${redirectTo}`, change)
      const location = await followLink(await linkTo(server, email))
      const { message, ...rest } = fragmentOf(location)
      expect(message).toMatch(/^Confirmation link accepted/)
      expect(rest).toEqual(isFork ? {} : { sb: '' })
    },
  )
})

onEachServer(({ server, check }) => {
  const redirectTo = `${server.siteURL}/cb?x=1`

  check(['links'], 'the hash of a link is good without the address', async () => {
    const { email, password } = somebody()
    const link = await generateLink(server, 'signup', { email, password })
    const token_hash = new URL(link).searchParams.get('token')
    const json = { type: 'signup', token_hash }
    expect((await send(server, '/verify', { json: { ...json, email } })).status).toBe(400)
    expect(await read(await send(server, '/verify', { json }))).toMatchObject({
      status: 200,
      access_token: expect.any(String),
    })
  })

  check(['account', 'mailbox'], 'a link that was asked for with PKCE ends in a code', async () => {
    const account = somebody()
    await signUp(server, account)
    const query = new URLSearchParams({ redirect_to: redirectTo })
    await send(server, `/recover?${query}`, { json: { email: account.email, ...pkce } })
    const link = await linkTo(server, account.email)
    const location = await followLink(link)
    // Nothing in it says that it was a recovery.
    expect(queryOf(location)).toEqual({ code: expect.any(String), x: '1' })
    expect(location).not.toContain('#')
    expect((await exchange(server, queryOf(location)['code']!)).status).toBe(200)
    const again = await followLink(link)
    expect(queryOf(again)).toMatchObject({ error_code: 'otp_expired', x: '1' })
    expect(fragmentOf(again)).toMatchObject({ error_code: 'otp_expired', sb: '' })
  })

  check(
    ['account', 'mailbox', 'broken'],
    'an empty code is a failure that nobody has words for',
    async () => {
      const account = somebody()
      await signUp(server, account)
      await send(server, '/recover', { json: { email: account.email, ...pkce } })
      server.standIn!.knobs.brokenVerify = true
      const location = await followLink(await linkTo(server, account.email))
      server.standIn!.knobs.brokenVerify = false
      expect(queryOf(location)).toEqual({ code: '' })
    },
  )
}, 'current')
