import { text, type Call } from './call.js'
import { http, Refusal } from './errors.js'
import { issueCode } from './flows.js'
import {
  describeFailure,
  mergeQuery,
  redirect,
  replaceFragment,
  resolveRedirect,
  withFragment,
  withTokens,
} from './redirects.js'
import type { User } from './state.js'
import { startSession, type TokenAnswer } from './tokens.js'
import { findOwner, spend, type Verification } from './verify-token.js'

const HALFWAY = 'Confirmation link accepted. Please proceed to confirm link sent to the other email'

/** `GET /verify`: the link in a mail. Whoever follows it first uses it up. */
export async function followLink(call: Call): Promise<Response> {
  const { world, request, query } = call
  const [token, type] = [query.get('token') ?? '', query.get('type') ?? '']
  const to = resolveRedirect(request, world)
  const isFork = world.flavor === 'fork2022'
  const isPKCE = !isFork && token.startsWith('pkce_')
  const given = { type, token, tokenHash: isFork ? '' : token, email: '', phone: '' }
  if (!isFork) checkGiven(given, 'a token or a token hash')
  let answer: TokenAnswer | null = null
  let code = ''
  try {
    if (isFork) checkGiven(given, 'a token')
    const user = world.knobs.brokenVerify ? null : verify(call, given)
    if (user === 'halfway') {
      const params = { message: HALFWAY }
      if (isFork) return redirect(withFragment(to, params), 303)
      const target = mergeQuery(to, isPKCE ? params : {})
      return redirect(replaceFragment(target, { ...params, sb: '' }), 303)
    }
    const method = type === 'signup' ? 'email/signup' : type
    if (user && isPKCE) code = issueCode(world, user.id, method)
    else if (user) answer = await startSession(world, user, 'otp')
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    return redirect(describeFailure(error, to, isFork, isPKCE), 303)
  }
  // Without a token, where the server failed without an error of its own, this leads nowhere.
  if (isPKCE) return redirect(mergeQuery(to, { code }), 303)
  return redirect(answer ? withTokens(to, answer, { type }) : to, 303)
}

/** `POST /verify`: a code that somebody typed in, or a page that has the hash of a link. */
export async function answerVerify(call: Call): Promise<Response> {
  const { world } = call
  const given = {
    type: text(call, 'type'),
    token: text(call, 'token'),
    tokenHash: text(call, 'token_hash'),
    email: text(call, 'email'),
    phone: text(call, 'phone'),
  }
  if (world.flavor === 'fork2022') checkGiven(given, 'a token')
  else checkBody(given)
  const user = verify(call, given)
  if (user === 'halfway') return Response.json({ msg: HALFWAY, code: '200' })
  return Response.json(await startSession(world, user, 'otp'))
}

function verify(call: Call, given: Verification): User | 'halfway' {
  const found = findOwner(call, given)
  return spend(call, found, given)
}

function checkGiven({ token, type }: Verification, what: string): void {
  if (!token) throw http(400, `Verify requires ${what}`, 'validation_failed')
  if (!type) throw http(400, 'Verify requires a verification type', 'validation_failed')
}

function checkBody({ type, token, tokenHash, email, phone }: Verification): void {
  const refuse = (message: string) => http(400, message, 'validation_failed')
  if (!type) throw refuse('Verify requires a verification type')
  if (Boolean(token) === Boolean(tokenHash)) {
    throw refuse('Verify requires either a token or a token hash')
  }
  if (token && Boolean(email) === Boolean(phone)) {
    throw refuse('Only an email address or phone number should be provided on verify')
  }
  if (tokenHash && (email || phone)) {
    throw refuse('Only the token_hash and type should be provided')
  }
}
