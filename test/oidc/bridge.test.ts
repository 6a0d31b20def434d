import { expect, test } from 'vitest'

import { json } from '../aura-server.js'
import { settle } from '../rig.js'
import { setUp } from './dribbble-scene.js'
import { codeOf } from './scene.js'

const PATH = '/auth/bridge/dribbble/token'
const token = () => json({ access_token: 'token', token_type: 'bearer', scope: 'public' })

test.each([
  ['/auth', `http://app.test${PATH}`],
  ['/auth/', `http://app.test${PATH}`],
  ['https://bridge.test/auth', `https://bridge.test${PATH}`],
  ['http://localhost:3000/auth', `http://localhost:3000${PATH}`],
  ['http://127.0.0.1:3000/auth', `http://127.0.0.1:3000${PATH}`],
])('a bridge at %s is sent the code at %s', async (bridge, url) => {
  const { comeBack, world } = setUp({ bridge })
  const auth = await comeBack({ code: 'code' })
  expect(await codeOf(auth.completeSignIn())).toBe('resolved')
  const sent = world.network.requests.filter(({ method }) => method === 'POST')
  expect(sent.map((request) => request.url)).toEqual([url])
})

test.each([
  'http://bridge.test/auth',
  'HTTP://bridge.test/auth',
  'http://localhost.bridge.test/auth',
  'http://localhost:x@bridge.test/auth',
  'ftp://localhost/auth',
])('a bridge at %s is sent nothing', async (bridge) => {
  const { comeBack, world } = setUp({ bridge })
  const auth = await comeBack({ code: 'code' })
  expect(await codeOf(auth.completeSignIn())).toBe('invalid_config')
  expect(world.network.requests).toEqual([])
})

test.each(['__proto__', '../../evil', 'a/b', 'a?b', 'a#b', 'a\r\nb', 'a%2fb', ''])(
  'no provider is called %j: nobody is sent anywhere',
  async (name) => {
    const { create, tab } = setUp()
    const auth = create()
    await auth.prepare()
    expect(await codeOf(auth.signIn(name))).toBe('invalid_provider')
    expect(tab.navigations).toEqual([])
  },
)

test('a bridge that does not answer is given up, and the code is not sent again', async () => {
  const { comeBack, on, world } = setUp()
  on[`POST ${PATH}`] = world.network.hang
  const auth = await comeBack({ code: 'code' })
  const completion = codeOf(auth.completeSignIn())
  while (world.network.count(`POST ${PATH}`) === 0) await settle()
  await world.clock.advance(15_000)
  expect(await completion).toBe('timeout')
  on[`POST ${PATH}`] = token
  expect(await codeOf(auth.completeSignIn())).toBe('timeout')
  expect(world.network.count(`POST ${PATH}`)).toBe(1)
})
