import { randomBytes } from 'node:crypto'

import { dataOf, text, type Call } from './call.js'
import { either, http, oauth } from './errors.js'
import { challengeOf, startFlow } from './flows.js'
import { sendConfirmation, sendMail, sendSMS } from './messages.js'
import { resolveRedirect } from './redirects.js'
import { refuseSignUp, signUp } from './sign-up.js'
import type { GoTrueState, User } from './state.js'
import { findByEmail, findByPhone, readEmail, readPhone } from './users.js'

const done = (): Response => Response.json({})

/** `POST /otp`: a magic link, or a code by SMS. */
export function answerOTP(call: Call): Response {
  const { world } = call
  const [email, phone] = [text(call, 'email'), text(call, 'phone')]
  if (email && phone) {
    const message = 'Only an email address or phone number should be provided'
    throw http(400, message, 'validation_failed')
  }
  if (call.body['create_user'] === false && (email || phone)) {
    const user = email
      ? findByEmail(world, readEmail(world, email))
      : findByPhone(world, readPhone(world, phone))
    const message = 'Signups not allowed for otp'
    if (!user) throw either(world, http(400, message), http(422, message, 'otp_disabled'))
  }
  if (email) return answerMagicLink(call)
  if (phone) return answerSMS(call)
  throw either(
    world,
    oauth('unsupported_otp_type'),
    http(400, 'One of email or phone must be set', 'validation_failed'),
  )
}

/** `POST /magiclink`. Who is new gets the mail that confirms a sign-up, which signs in as well. */
export function answerMagicLink(call: Call): Response {
  const { world, request } = call
  if (!world.knobs.email) throw refuseEmail(world, 422)
  const given = text(call, 'email')
  if (!given) throw http(422, 'Password recovery requires an email', 'validation_failed')
  const email = readEmail(world, given)
  const challenge = challengeOf(call)
  const known = findByEmail(world, email)
  const isNew = world.flavor === 'fork2022' ? !known : !known?.emailConfirmedAt
  if (isNew) {
    refuseSignUp(world)
    const data = dataOf(call) ?? {}
    signUp(call, { email, phone: '', password: temporaryPassword(), data })
    // Already confirmed, so that no mail is on its way yet.
    if (!world.knobs.autoconfirm) return done()
  }
  const user = findByEmail(world, email)!
  if (challenge) startFlow(world, { method: 'magiclink', challenge, userId: user.id })
  user.recovery = sendMail(world, {
    to: email,
    type: 'magiclink',
    last: user.recovery,
    redirectTo: resolveRedirect(request, world),
    pkce: challenge !== null,
  })
  return done()
}

function answerSMS(call: Call): Response {
  const { world } = call
  if (!world.knobs.phone) throw http(400, 'Unsupported phone provider', 'phone_provider_disabled')
  const phone = readPhone(world, text(call, 'phone'))
  const known = findByPhone(world, phone)
  const isNew = world.flavor === 'fork2022' ? !known : !known?.phoneConfirmedAt
  if (isNew) {
    refuseSignUp(world)
    signUp(call, { email: '', phone, password: temporaryPassword(), data: dataOf(call) ?? {} })
    if (!world.knobs.phoneAutoconfirm) return done()
  }
  const user = findByPhone(world, phone)!
  user.confirmation = sendSMS(world, phone, 'sms', user.confirmation)
  return done()
}

/** `POST /recover`. The fork tells whether an address is registered. */
export function answerRecover(call: Call): Response {
  const { world, request } = call
  if (!world.knobs.email) throw refuseEmail(world, 400)
  const given = text(call, 'email')
  if (!given) {
    const message = 'Password recovery requires an email'
    throw either(world, http(422, message), http(400, message, 'validation_failed'))
  }
  const challenge = challengeOf(call)
  const user = findByEmail(world, readEmail(world, given))
  if (!user && world.flavor === 'fork2022') throw http(404, 'User not found')
  if (!user) return done()
  if (challenge) startFlow(world, { method: 'recovery', challenge, userId: user.id })
  user.recovery = sendMail(world, {
    to: user.email,
    type: 'recovery',
    last: user.recovery,
    redirectTo: resolveRedirect(request, world),
    pkce: challenge !== null,
  })
  return done()
}

/** `POST /resend`, which the fork does not have. Nothing to send again is no error. */
export function answerResend(call: Call): Response {
  const { world, request } = call
  const type = text(call, 'type')
  if (!['signup', 'email_change', 'sms', 'phone_change'].includes(type)) {
    const message = 'Missing one of these types: signup, email_change, sms, phone_change'
    throw http(400, message, 'validation_failed')
  }
  const [email, phone] = [text(call, 'email'), text(call, 'phone')]
  if (!email && !phone)
    throw http(400, 'Missing email address or phone number', 'validation_failed')
  const challenge = challengeOf(call)
  const user = email
    ? findByEmail(world, readEmail(world, email))
    : findByPhone(world, readPhone(world, phone))
  if (!user) return done()
  const redirectTo = resolveRedirect(request, world)
  if (type === 'signup' && !user.emailConfirmedAt) {
    if (challenge) startFlow(world, { method: 'email/signup', challenge, userId: user.id })
    sendConfirmation(world, user, redirectTo, challenge !== null)
  } else if (type === 'email_change' && user.emailChange) {
    if (challenge) startFlow(world, { method: 'email_change', challenge, userId: user.id })
    sendEmailChange(world, user, user.emailChange.email, redirectTo, challenge !== null)
  } else if (type === 'sms' && !user.phoneConfirmedAt) {
    user.confirmation = sendSMS(world, user.phone, 'sms', user.confirmation)
  } else if (type === 'phone_change' && user.phoneChange) {
    const { phone: next } = user.phoneChange
    user.phoneChange = { phone: next, ...sendSMS(world, next, 'phone_change', user.phoneChange) }
  }
  return done()
}

/** To the new address, and to the old one as well where that is wanted. */
export function sendEmailChange(
  world: GoTrueState,
  user: User,
  email: string,
  redirectTo: string,
  pkce: boolean,
): void {
  // The fork sets no pause between these.
  const last = world.flavor === 'current' ? user.emailChange?.next : null
  const mail = { type: 'email_change', redirectTo, pkce } as const
  const next = sendMail(world, { ...mail, to: email, last })
  const asksBoth = world.knobs.secureEmailChange && user.email !== ''
  const current = asksBoth
    ? sendMail(world, { ...mail, to: user.email, last: null })
    : { token: '', sentAt: next.sentAt }
  user.emailChange = { email, next, current, confirmed: false }
}

const temporaryPassword = () => randomBytes(32).toString('base64url')

function refuseEmail(world: GoTrueState, status: 400 | 422) {
  const message = 'Email logins are disabled'
  return either(world, http(400, message), http(status, message, 'email_provider_disabled'))
}
