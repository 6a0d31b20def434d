import { checkCaptcha, text, unsupportedGrant, type Call } from './call.js'
import { either, http, oauth, type Refusal } from './errors.js'
import { exchangeCode } from './flows.js'
import { exchangeIDToken } from './id-token.js'
import { refresh } from './refresh.js'
import type { GoTrueState } from './state.js'
import { startSession, type TokenAnswer } from './tokens.js'
import { findByEmail, findByPhone } from './users.js'

/** `POST /token`. The grant type is in the query, all else is in the body. */
export async function answerToken(call: Call): Promise<Response> {
  return Response.json(await grant(call))
}

function grant(call: Call): Promise<TokenAnswer> {
  const { world, query } = call
  const type = query.get('grant_type')
  if (type === 'password') return signInWithPassword(call)
  if (type === 'refresh_token') return refresh(world, text(call, 'refresh_token'))
  if (type === 'id_token') return exchangeIDToken(call)
  if (type === 'pkce' && world.flavor === 'current') return exchangeCode(call)
  throw unsupportedGrant(world)
}

/** `async` so that what is thrown is a rejection, as with the other grants. */
async function signInWithPassword(call: Call): Promise<TokenAnswer> {
  const { world } = call
  if (world.flavor === 'current') checkCaptcha(call)
  const [email, phone] = [text(call, 'email'), text(call, 'phone').replace(/^\+/, '')]
  if (email && phone) {
    const message = 'Only an email address or phone number should be provided on login.'
    throw either(world, http(422, message), http(400, message, 'validation_failed'))
  }
  if (!email && !phone) {
    const current = http(400, 'missing email or phone', 'validation_failed')
    throw either(world, wrong(world), current)
  }
  checkEnabled(world, email ? 'email' : 'phone')
  const user = email ? findByEmail(world, email) : findByPhone(world, phone)
  if (!user || user.password === null) throw wrong(world)
  if (user.banned) throw either(world, wrong(world), http(400, 'User is banned', 'user_banned'))
  if (user.password !== text(call, 'password')) throw wrong(world)
  if (!(email ? user.emailConfirmedAt : user.phoneConfirmedAt)) {
    const what = email ? 'Email' : 'Phone'
    const message = `${what} not confirmed`
    const code = `${what.toLowerCase()}_not_confirmed`
    throw either(world, oauth('invalid_grant', message), http(400, message, code))
  }
  return startSession(world, user, 'password')
}

function checkEnabled(world: GoTrueState, provider: 'email' | 'phone'): void {
  if (world.knobs[provider]) return
  const message = `${provider === 'email' ? 'Email' : 'Phone'} logins are disabled`
  throw either(world, http(400, message), http(422, message, `${provider}_provider_disabled`))
}

function wrong(world: GoTrueState): Refusal {
  const message = 'Invalid login credentials'
  return either(world, oauth('invalid_grant', message), http(400, message, 'invalid_credentials'))
}
