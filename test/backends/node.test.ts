import { once } from 'node:events'
import { connect } from 'node:net'
import { afterEach, expect, test } from 'vitest'

import { startDribbble } from '../../demo/backends/dribbble.js'
import type { Served } from '../../demo/backends/node.js'
import { serve } from '../../demo/backends/node.js'
import { APP } from './dribbble-rig.js'

const closers: (() => Promise<void>)[] = []
const start = async (handler: Parameters<typeof serve>[0]): Promise<Served> => {
  const served = await serve(handler)
  closers.push(served.close)
  return served
}
const countHandles = () =>
  process.getActiveResourcesInfo().filter((type) => /TCP|Timeout/.test(type)).length

afterEach(async () => {
  await Promise.all(closers.splice(0).map((close) => close()))
})

/** Sends bytes that `fetch` would not, and answers the status line. */
async function sendRaw(url: string, bytes: string) {
  const socket = connect(Number(new URL(url).port), 'localhost')
  socket.end(bytes)
  const [chunk] = (await once(socket, 'data')) as [Buffer]
  socket.destroy()
  return chunk.toString().split('\r\n')[0]
}

test('passes method, URL, headers and body on, and each cookie back', async () => {
  const { url } = await start(async (request) => {
    const headers = new Headers({ 'x-seen': `${request.method} ${request.headers.get('x-sent')}` })
    headers.append('set-cookie', 'a=1; Path=/')
    headers.append('set-cookie', 'b=2; Path=/')
    return new Response(`${request.url} ${await request.text()}`, { status: 201, headers })
  })
  const response = await fetch(`${url}/path?q=1`, {
    method: 'POST',
    body: 'body',
    headers: { 'x-sent': 'yes' },
  })
  expect(response.status).toBe(201)
  expect(response.headers.get('x-seen')).toBe('POST yes')
  expect(response.headers.getSetCookie()).toEqual(['a=1; Path=/', 'b=2; Path=/'])
  expect(await response.text()).toBe(`${url}/path?q=1 body`)
})

test('a network error of the handler’s is one for the client', async () => {
  const { url } = await start(() => Response.error())
  await expect(fetch(url)).rejects.toThrow('fetch failed')
})

test('a path of two slashes stays a path', async () => {
  const { url } = await start((request) => Response.json(new URL(request.url).host))
  expect(await (await fetch(`${url}//evil.test/`)).json()).toBe(new URL(url).host)
})

test.each(['*', '@evil.test/', 'http://evil.test/'])(
  'a request for %s, which is no path, is 400',
  async (target) => {
    const { url } = await start(() => new Response('reached'))
    const bytes = `OPTIONS ${target} HTTP/1.1\r\nHost: localhost\r\n\r\n`
    expect(await sendRaw(url, bytes)).toBe('HTTP/1.1 400 Bad Request')
  },
)

test('a handler that throws is 500 and says why', async () => {
  const { url } = await start(() => {
    throw new Error('broken')
  })
  const response = await fetch(url)
  expect(response.status).toBe(500)
  expect(await response.text()).toBe('Error: broken')
})

test('a port in use rejects', async () => {
  const { url } = await start(() => new Response())
  const port = Number(new URL(url).port)
  await expect(serve(() => new Response(), { port })).rejects.toMatchObject({ code: 'EADDRINUSE' })
})

test('a client that goes away aborts the request', async () => {
  let arrived = () => {}
  let aborted = () => {}
  const arrival = new Promise<void>((resolve) => (arrived = resolve))
  const abortion = new Promise<void>((resolve) => (aborted = resolve))
  const { url } = await start(async (request) => {
    request.signal.addEventListener('abort', aborted)
    arrived()
    await abortion
    return new Response()
  })
  const client = new AbortController()
  const answer = fetch(url, { signal: client.signal }).catch(() => 'gone')
  await arrival
  client.abort()
  await abortion
  expect(await answer).toBe('gone')
})

test('close ends idle, silent and waiting sockets and leaves no handle', async () => {
  const before = countHandles()
  const running = await startDribbble({ ...APP, knobs: { delay: 3_600_000 } })
  const { siteURL, apiURL, dribbble, close } = running
  expect(new URL(siteURL).origin).not.toBe(new URL(apiURL).origin)
  await (await fetch(`${siteURL}/style.css`)).text()
  const silent = connect(Number(new URL(siteURL).port), 'localhost')
  const silentEnd = once(silent, 'close')
  await once(silent, 'connect')
  const waiting = fetch(`${apiURL}/v2/user`).catch(() => 'ended')
  await (await fetch(`${apiURL}/v2/user`, { method: 'OPTIONS' })).text()
  await Promise.all([close(), close()])
  await silentEnd
  expect(await waiting).toBe('ended')
  await expect(fetch(siteURL)).rejects.toThrow()
  expect(dribbble.requests.map(({ path }) => path)).toContain('/style.css')
  await expect.poll(countHandles).toBeLessThanOrEqual(before)
})

test('the user names the site by the port it got', async () => {
  const { siteURL, apiURL, dribbble, close } = await startDribbble(APP)
  closers.push(close)
  const open = await fetch(`${siteURL}/oauth/authorize?client_id=${APP.clientId}`)
  const formToken = /name="form_token" value="([^"]+)"/.exec(await open.text())?.[1] ?? ''
  const allowed = await fetch(`${siteURL}/oauth/authorize`, {
    method: 'POST',
    redirect: 'manual',
    headers: { cookie: open.headers.get('set-cookie')?.split(';')[0] ?? '' },
    body: new URLSearchParams({ form_token: formToken, decision: 'allow' }),
  })
  const code = new URL(allowed.headers.get('location') ?? '').searchParams.get('code') ?? ''
  const { clientId: client_id, clientSecret: client_secret } = APP
  const body = new URLSearchParams({ client_id, client_secret, code })
  const tokens = await fetch(`${siteURL}/oauth/token`, { method: 'POST', body })
  const { access_token } = (await tokens.json()) as { access_token: string }
  const headers = { authorization: `Bearer ${access_token}` }
  const user = (await (await fetch(`${apiURL}/v2/user`, { headers })).json()) as object
  expect(user).toHaveProperty('html_url', `${siteURL}/adawinter`)
  expect(dribbble.requests).toHaveLength(4)
})
