import { dribbble, oidc } from '../../src/adapters/oidc/index.js'
import type { DribbbleOptions } from '../../src/adapters/oidc/dribbble.js'
import { createClient } from '../../src/client.js'
import { json } from '../aura-server.js'
import { createWorld, type Responder } from '../rig.js'

export const USER = {
  id: 1,
  name: 'Dan',
  login: 'simplebits',
  email: 'd@example.com',
  avatar_url: 'a.jpg',
}

export function setUp(options: Partial<DribbbleOptions> = { bridge: '/auth' }) {
  const world = createWorld()
  const tab = world.tab('http://app.test/')
  const on: Record<string, Responder> = {
    'POST /auth/bridge/dribbble/token': () =>
      json({ access_token: 'token', token_type: 'bearer', scope: 'public', created_at: 1 }),
    'GET /v2/user': () => json(USER),
  }
  world.network.respond((request, seen) => {
    const answer = on[`${request.method} ${new URL(request.url).pathname}`]
    if (!answer) throw new TypeError('Failed to fetch') // no CORS, as at dribbble.com
    return answer(request, seen)
  })
  const create = () =>
    createClient(
      { callbackURL: '/callback', fetch: world.network.fetch, navigate: () => {} },
      oidc(dribbble({ clientId: 'client', ...options })),
      tab.page,
    )
  const leave = async (): Promise<URL> => {
    const auth = create()
    await auth.prepare()
    void auth.signIn('dribbble').catch(() => null)
    await world.clock.advance(0)
    return new URL(tab.navigations.at(-1)!)
  }
  /** Comes back with these parameters, and the state that was sent. */
  const comeBack = async (params: Record<string, string>) => {
    const state = (await leave()).searchParams.get('state')!
    tab.load(`http://app.test/callback?${new URLSearchParams({ ...params, state })}`)
    return create()
  }
  return { world, tab, on, create, leave, comeBack }
}
