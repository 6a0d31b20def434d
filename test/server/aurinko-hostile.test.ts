import { describe, expect, it } from 'vitest'

import { serve } from '../../demo/backends/node.js'
import { ORIGIN, setUp, signedIn, type Place } from './aurinko-place.js'

const exchanges = ({ service }: Place): number =>
  service.requests.filter(({ path }) => path.includes('/token/')).length

describe('a body that is no code', () => {
  it('is read no further than a code can be long', async () => {
    const place = setUp()
    let pulled = 0
    const body = new ReadableStream({
      pull: (controller) => {
        pulled += 1
        // It ends, so that whoever reads it all fails instead of hanging.
        if (pulled > 1_000) controller.close()
        else controller.enqueue(new Uint8Array(10_000).fill(32))
      },
    })
    const init = { body, duplex: 'half' } as RequestInit
    expect((await place.send('POST /exchange', init as object)).status).toBe(400)
    expect(pulled).toBeLessThan(10)
  })

  it('that never ends is not waited for', async () => {
    const body = new ReadableStream({ pull: async () => new Promise(() => {}) })
    const init = { body, duplex: 'half' } as RequestInit
    const response = await setUp({ timeout: 20 }).send('POST /exchange', init as object)
    expect(response.status).toBe(400)
  })

  it.each(['\ud800', 'a\nb', 'ключ', 'a\u0000'])(
    'is refused for its characters: %j',
    async (code) => {
      const place = setUp()
      const response = await place.send('POST /exchange', { code })
      expect([response.status, exchanges(place)]).toEqual([400, 0])
      expect(place.reported).toEqual([])
    },
  )
})

describe('a code', () => {
  it('stays spent for longer than Aurinko’s own state lives', async () => {
    let now = 1_800_000_000_000
    const place = setUp({ now: () => now })
    const code = await place.code()
    await place.send('POST /exchange', { code })
    now += 3_000_000
    const again = await place.send('POST /exchange', { code })
    expect(await again.json()).toMatchObject({ error: 'code_expired' })
    expect(exchanges(place)).toBe(1)
  })
})

describe('an answer of Aurinko’s', () => {
  const answering = async (status: number, body: BodyInit | null = null): Promise<Place> => {
    const place = await signedIn()
    const { service } = place
    Object.assign(service, { api: async () => new Response(body, { status }) })
    return place
  }

  it.each(['DELETE /user/accounts/101', 'POST /user/logout'])(
    'may have no body: %s',
    async (what) => {
      const place = await answering(204)
      const response = await place.send(what)
      expect([response.status, await response.text()]).toEqual([200, '{}'])
      const isOver = what.includes('logout')
      expect(response.headers.getSetCookie()).toHaveLength(isOver ? 1 : 0)
      expect(place.reported).toEqual([])
    },
  )

  it('is read no further than it can be long', async () => {
    const place = await answering(200, JSON.stringify({ id: 'u', pad: 'x'.repeat(5_000_000) }))
    expect((await place.send('GET /user')).status).toBe(503)
  })

  it.each([302, 307])('that leads elsewhere, HTTP %d, takes no secret there', async (status) => {
    const seen: string[] = []
    const thief = await serve(async (request) => {
      seen.push(`${request.method} ${request.headers.get('x-aurinko-session')}`)
      return Response.json({ id: 'u', userId: 'u', userSession: 'theirs' })
    })
    const api = await serve(() => new Response(null, { status, headers: { location: thief.url } }))
    try {
      const place = await signedIn()
      const { cookie } = place
      const away = setUp({ apiURL: api.url, fetch })
      const asked = await away.send('GET /user', { headers: { cookie } })
      const exchanged = await away.send('POST /exchange', { code: 'c' })
      expect([seen, asked.status, exchanged.status]).toEqual([[], 503, 503])
      expect(exchanged.headers.getSetCookie()).toEqual([])
    } finally {
      await Promise.all([api.close(), thief.close()])
    }
  })
})

describe('a sealed cookie', () => {
  const statusOf = async (place: Place, cookie: string): Promise<unknown> => {
    const response = await place.send('GET /user', { headers: { cookie } })
    return [response.status, place.service.requests.length]
  }

  it.each([{ secret: 'u'.repeat(32) }, { salt: 'u'.repeat(32) }])(
    'is worth nothing after a change of keys: %j',
    async (keys) => {
      const { cookie } = await signedIn()
      expect(await statusOf(setUp(keys), cookie)).toEqual([401, 0])
    },
  )

  it('is worth nothing with a bit changed, cut short, or under a name without its prefix', async () => {
    const { cookie } = await signedIn()
    const flipped = cookie.replace(/.(?=.{9}$)/, (one) => (one === 'A' ? 'B' : 'A'))
    expect(await statusOf(setUp(), flipped)).toEqual([401, 0])
    expect(await statusOf(setUp(), cookie.slice(0, -10))).toEqual([401, 0])
    const secure = setUp({ baseURL: 'https://app.example' })
    expect(await statusOf(secure, cookie)).toEqual([401, 0])
    expect(await secure.bridge.api.getSession({ headers: { cookie } })).toBe(null)
  })

  it('that no browser would keep is none', async () => {
    const place = setUp()
    const { api } = place.service
    const userSession = 'x'.repeat(4_000)
    Object.assign(place.service, {
      api: async (request: Request) =>
        request.url.includes('/token/')
          ? Response.json({ userId: 'u', userSession })
          : api(request),
    })
    const response = await place.send('POST /exchange', { code: 'c' })
    expect([response.status, response.headers.getSetCookie()]).toEqual([500, []])
    expect(place.reported).toEqual(['POST /aurinko/exchange session_too_large'])
  })
})

it('a request of an origin that is not known is told what to do about it', async () => {
  const headers = { origin: 'http://localhost:5173' }
  const response = await setUp().send('POST /exchange', { code: 'c', headers })
  const { error, message } = (await response.json()) as Record<string, string>
  expect(error).toBe('forbidden')
  expect(message).toContain('trustedOrigins')
  expect(message).toContain(ORIGIN)
})
