import { expect } from 'vitest'

import { onEachServer, type Server } from './server.js'
import { read, send } from './steps.js'

const origin = 'http://app.example'

const preflight = async (server: Server, headers: string, method = 'POST') => {
  const response = await send(server, '/token', {
    method: 'OPTIONS',
    headers: {
      origin,
      'access-control-request-method': method,
      'access-control-request-headers': headers,
    },
  })
  // The fork says `Authorization, Content-Type`, which is the same to a browser.
  return response.headers.get('access-control-allow-headers')?.toLowerCase().replaceAll(' ', '')
}

onEachServer(({ server, check }) => {
  const isFork = server.flavor === 'fork2022'

  check([], 'a page of any origin may send a token and JSON', async () => {
    expect(await preflight(server, 'authorization,content-type')).toBe('authorization,content-type')
  })

  check(['bare'], 'one header that is not listed, and nothing may be sent', async () => {
    expect(await preflight(server, 'apikey,authorization,content-type')).toBeUndefined()
    const isKnown = await preflight(server, 'x-client-info,x-supabase-api-version')
    expect(isKnown !== undefined).toBe(!isFork)
  })

  check(['bare'], 'every origin may read every answer, without cookies', async () => {
    for (const path of ['/settings', '/user', '/nowhere']) {
      const { headers } = await send(server, path, { headers: { origin } })
      expect(headers.get('access-control-allow-origin')).toBe('*')
      const exposed = headers.get('access-control-expose-headers') ?? ''
      for (const name of ['date', 'retry-after', 'x-sb-error-code'])
        expect(exposed.toLowerCase()).not.toContain(name)
    }
  })

  check([], 'the settings tell the two apart', async () => {
    const settings = await read(await send(server, '/settings'))
    expect('external_labels' in settings).toBe(isFork)
    expect('saml_enabled' in settings).toBe(!isFork)
    expect(settings).toMatchObject({
      external: { [server.provider]: true, email: true },
      disable_signup: false,
      mailer_autoconfirm: expect.any(Boolean),
      phone_autoconfirm: expect.any(Boolean),
    })
    expect((await send(server, '/.well-known/jwks.json')).status).toBe(isFork ? 404 : 200)
  })

  check([], 'what is not there is a page of text', async () => {
    const response = await send(server, isFork ? '/resend' : '/nowhere')
    expect(response.status).toBe(404)
    expect(response.headers.get('content-type')).toContain('text/plain')
    expect(await response.text()).toContain('404 page not found')
  })
})
