import { randomUUID } from 'node:crypto'

import { dataOf, text, type Call } from './call.js'
import { either, http, weak, type Refusal } from './errors.js'
import { challengeOf, startFlow } from './flows.js'
import { sendConfirmation, sendSMS } from './messages.js'
import { resolveRedirect } from './redirects.js'
import type { GoTrueState, User } from './state.js'
import { startSession } from './tokens.js'
import {
  addIdentity,
  confirmEmail,
  confirmPhone,
  createUser,
  describeUser,
  findByEmail,
  findByPhone,
  readEmail,
  readPhone,
} from './users.js'

export interface SignUp {
  readonly email: string
  readonly phone: string
  readonly password: string
  readonly data: Record<string, unknown>
}

/** `POST /signup`: a token answer, or a bare user whose address has to be confirmed first. */
export async function answerSignUp(call: Call): Promise<Response> {
  const { world } = call
  const [email, phone] = [text(call, 'email'), text(call, 'phone')]
  if (world.flavor === 'current' && !email && !phone) return signUpAnonymously(call)
  refuseSignUp(world)
  const password = text(call, 'password')
  checkPassword(world, password)
  if (email && phone) {
    const message = 'Only an email address or phone number should be provided on signup.'
    throw either(world, http(422, message), http(400, message, 'validation_failed'))
  }
  const { user, isKnown } = signUp(call, { email, phone, password, data: dataOf(call) ?? {} })
  if (isKnown) return answerKnown(call, user)
  if (user.emailConfirmedAt === null && user.phoneConfirmedAt === null) {
    return Response.json(describeUser(world, user))
  }
  return Response.json(await startSession(world, user, 'password'))
}

/** Creates the user where there is none, and confirms them or sends what does. */
export function signUp(call: Call, { email, phone, password, data }: SignUp) {
  const { world, request } = call
  const { knobs, flavor } = world
  const provider = email ? 'email' : phone ? 'phone' : null
  if (provider === null) throw either(world, http(422, demand(world)), http(400, demand(world)))
  checkEnabled(world, provider)
  const address = email ? readEmail(world, email) : readPhone(world, phone)
  const found = email ? findByEmail(world, address) : findByPhone(world, address)
  const confirmedAt = email ? found?.emailConfirmedAt : found?.phoneConfirmedAt
  if (found && confirmedAt) return { user: found, isKnown: true }

  const user = found ?? createUser(world, { [provider]: address, password, data, provider })
  if (!found) {
    const claims = { sub: user.id, email: user.email, email_verified: false, phone_verified: false }
    addIdentity(
      world,
      user,
      provider,
      flavor === 'current' ? { ...claims, ...data } : { sub: user.id },
    )
  }
  // Whoever signs up again may say who they are on the fork. The current server no longer listens.
  if (found && flavor === 'fork2022') Object.assign(user.userMetadata, data)
  if (provider === 'phone') {
    if (knobs.phoneAutoconfirm) confirmPhone(world, user)
    else user.confirmation = sendSMS(world, address, 'sms', user.confirmation)
  } else if (knobs.autoconfirm) confirmEmail(world, user)
  else {
    const challenge = challengeOf(call)
    if (challenge) startFlow(world, { method: 'email/signup', challenge, userId: user.id })
    sendConfirmation(world, user, resolveRedirect(request, world), challenge !== null)
  }
  return { user, isKnown: false }
}

/** Who is registered is said only where signing up would tell it anyway. */
function answerKnown(call: Call, user: User): Response {
  const { world } = call
  if (world.knobs.autoconfirm || world.knobs.phoneAutoconfirm) {
    const message = 'User already registered'
    throw either(world, http(400, message), http(422, message, 'user_already_exists'))
  }
  const at = new Date(world.now()).toISOString()
  const { aud, email, phone } = describeUser(world, user)
  const provider = email ? 'email' : 'phone'
  return Response.json({
    id: randomUUID(),
    aud,
    role: world.flavor === 'current' ? '' : 'authenticated',
    email,
    phone,
    confirmation_sent_at: at,
    app_metadata: { provider, providers: [provider] },
    user_metadata: dataOf(call) ?? {},
    identities: [],
    created_at: at,
    updated_at: at,
    ...(world.flavor === 'current' && { is_anonymous: false }),
  })
}

async function signUpAnonymously(call: Call): Promise<Response> {
  const { world } = call
  if (!world.knobs.anonymous) {
    throw http(422, 'Anonymous sign-ins are disabled', 'anonymous_provider_disabled')
  }
  refuseSignUp(world)
  const user = createUser(world, { provider: '', data: dataOf(call) ?? {} })
  return Response.json(await startSession(world, user, 'anonymous'))
}

export function refuseSignUp(world: GoTrueState): void {
  if (!world.knobs.disableSignup) return
  const message = 'Signups not allowed for this instance'
  throw either(world, http(403, message), http(422, message, 'signup_disabled'))
}

export function checkPassword(world: GoTrueState, password: string): void {
  const { flavor, knobs } = world
  const length = `Password should be at least ${knobs.passwordMinLength} characters`
  if (flavor === 'fork2022') {
    if (!password) throw http(422, 'Signup requires a valid password')
    if (password.length < knobs.passwordMinLength) throw http(422, length)
    return
  }
  if (!password) throw http(400, 'Signup requires a valid password', 'validation_failed')
  if (password.length > 72) {
    throw http(400, 'Password cannot be longer than 72 characters', 'validation_failed')
  }
  if (password.length < knobs.passwordMinLength) throw weak(`${length}.`, ['length'])
}

function checkEnabled(world: GoTrueState, provider: 'email' | 'phone'): void {
  if (world.knobs[provider]) return
  const [name, code] =
    provider === 'email'
      ? ['Email', 'email_provider_disabled']
      : ['Phone', 'phone_provider_disabled']
  throw disabled(`${name} signups are disabled`, code!)
}

export const disabled = (message: string, code: string): Refusal => http(400, message, code)

/** What a sign-up without any address is told. */
function demand({ flavor, knobs: { email, phone } }: GoTrueState): string {
  if (flavor === 'current') return 'Sign up only available with email or phone provider'
  if (email && phone) return 'To signup, please provide your email or phone number'
  if (email) return 'To signup, please provide your email'
  return phone
    ? 'To signup, please provide your phone number'
    : 'To signup, please provide required fields'
}
