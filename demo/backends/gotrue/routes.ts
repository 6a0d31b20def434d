import { answerLogout, answerReauthenticate, answerUser, updateUser } from './account.js'
import { answerGenerateLink, answerInvite } from './admin.js'
import { answerAuthorize, answerLink, answerUnlink } from './authorize.js'
import { authenticate, checkCaptcha, notFound, readBody, type Call } from './call.js'
import { answerCallback } from './callback.js'
import { Refusal, writeRefusal } from './errors.js'
import { answerMagicLink, answerOTP, answerRecover, answerResend } from './otp.js'
import { answerHealth, answerKeys, answerSettings } from './settings.js'
import { answerSignUp } from './sign-up.js'
import type { GoTrueState } from './state.js'
import { answerToken } from './token.js'
import { answerVerify, followLink } from './verify.js'

type Answer = (call: Call) => Response | Promise<Response>

const withCaptcha =
  (answer: Answer): Answer =>
  (call) => {
    checkCaptcha(call)
    return answer(call)
  }

const ROUTES: Readonly<Record<string, Answer>> = {
  'GET /health': answerHealth,
  'GET /settings': answerSettings,
  'GET /authorize': answerAuthorize,
  'GET /callback': answerCallback,
  'POST /callback': answerCallback,
  'POST /signup': withCaptcha(answerSignUp),
  'POST /otp': withCaptcha(answerOTP),
  'POST /magiclink': withCaptcha(answerMagicLink),
  'POST /recover': withCaptcha(answerRecover),
  'POST /token': answerToken,
  'GET /verify': followLink,
  'POST /verify': answerVerify,
  'GET /user': answerUser,
  'PUT /user': updateUser,
  'GET /reauthenticate': answerReauthenticate,
  'POST /logout': answerLogout,
  'POST /invite': answerInvite,
  'POST /admin/generate_link': answerGenerateLink,
}

/** What only the current server has. */
const CURRENT: Readonly<Record<string, Answer>> = {
  'POST /resend': withCaptcha(answerResend),
  'GET /user/identities/authorize': answerLink,
  'DELETE /user/identities/*': answerUnlink,
  'GET /.well-known/jwks.json': answerKeys,
}

/** What there is below `/user` is told only to who is signed in. */
async function answerUnknown(call: Call): Promise<Response> {
  await authenticate(call)
  return notFound()
}

/** Answers one request that came through everything in front of the server. */
export async function route(request: Request, world: GoTrueState): Promise<Response> {
  const { pathname, searchParams } = new URL(request.url)
  const name = /^\/user\/identities\/([^/]+)$/.exec(pathname)?.[1] ?? ''
  const exact = `${request.method} ${pathname}`
  const routes = world.flavor === 'current' ? { ...ROUTES, ...CURRENT } : ROUTES
  const answer =
    routes[exact] ??
    (name && routes[`${request.method} /user/identities/*`]) ??
    (pathname.startsWith('/user/') && answerUnknown)
  if (!answer) {
    const isKnown = Object.keys(routes).some((it) => it.endsWith(` ${pathname}`))
    return isKnown ? new Response(null, { status: 405 }) : notFound()
  }
  try {
    const hasBody = request.method === 'POST' || request.method === 'PUT'
    const body = hasBody ? await readBody(request, world) : {}
    return await answer({ request, world, query: searchParams, body, name })
  } catch (error) {
    if (error instanceof Refusal) return writeRefusal(error, request, world)
    throw error
  }
}
