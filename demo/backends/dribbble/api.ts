import { createHash } from 'node:crypto'

import { messagePage } from './page.js'
import type { DribbbleState } from './state.js'
import { recall, remember } from './state.js'
import { describeUser } from './user.js'

const LIMIT = 60
const MINUTE = 60_000

/** The API origin: `GET /v2/user`, readable from any web page that holds a token. */
export function answerAPI(request: Request, world: DribbbleState): Response {
  const response =
    request.method === 'OPTIONS' ? answerPreflight() : limitRate(request, world, answerUser)
  const origin = request.headers.get('origin')
  if (!origin) return response
  response.headers.set('access-control-allow-origin', origin)
  response.headers.set('access-control-allow-credentials', 'true')
  response.headers.set(
    'access-control-expose-headers',
    'ETag, Link, X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset',
  )
  response.headers.append('vary', 'Origin')
  return response
}

function answerPreflight() {
  const headers = {
    'access-control-allow-methods': 'OPTIONS, GET',
    // The one header that is proven to work. Allowing more would hide a client's mistake.
    'access-control-allow-headers': 'Authorization',
    'access-control-max-age': '86400',
  }
  return new Response(null, { status: 204, headers })
}

function limitRate(request: Request, world: DribbbleState, answer: typeof answerUser) {
  const { windows, knobs } = world
  const now = world.now()
  const key = readToken(request) ?? 'anonymous'
  let window = recall(windows, key, now)
  if (!window) remember(windows, key, (window = { used: 0, expiresAt: now + MINUTE }), now)
  window.used += 1
  const isOver = knobs.rateLimited || window.used > LIMIT
  const response = isOver
    ? Response.json({ message: 'API rate limit exceeded.' }, { status: 429 })
    : answer(request, world)
  const remaining = isOver ? 0 : LIMIT - window.used
  response.headers.set('x-ratelimit-limit', String(LIMIT))
  response.headers.set('x-ratelimit-remaining', String(remaining))
  response.headers.set('x-ratelimit-reset', String(Math.ceil(window.expiresAt / 1000)))
  return response
}

function answerUser(request: Request, world: DribbbleState) {
  const { knobs, tokens } = world
  if (knobs.htmlError === true || knobs.htmlError === 'user') return answerBroken()
  if (request.method !== 'GET' || new URL(request.url).pathname !== '/v2/user') {
    return Response.json({ error: 'Not found' }, { status: 404 })
  }
  const token = readToken(request)
  if (knobs.revoked || !token || !recall(tokens, token, world.now())) {
    return Response.json({ message: 'Bad credentials.' }, { status: 401 })
  }
  const body = JSON.stringify(describeUser(world))
  const etag = `W/"${createHash('sha256').update(body).digest('hex').slice(0, 32)}"`
  const headers = { etag, 'cache-control': 'max-age=0, private, must-revalidate' }
  if (request.headers.get('if-none-match') === etag) {
    return new Response(null, { status: 304, headers })
  }
  return new Response(body, {
    headers: { ...headers, 'content-type': 'application/json; charset=utf-8' },
  })
}

/** What a proxy in front of a server that is down says to a client expecting JSON. */
export function answerBroken(): Response {
  return messagePage(500, 'Something went wrong', 'Our servers stumbled. Try again in a minute.')
}

function readToken(request: Request) {
  const bearer = /^bearer (.+)$/i.exec(request.headers.get('authorization') ?? '')?.[1]
  return bearer ?? new URL(request.url).searchParams.get('access_token')
}
