import { createHash, randomInt } from 'node:crypto'

import { either, http } from './errors.js'
import type { GoTrueState, OneTime, User } from './state.js'

/** What a message is about: the `type` of its link, or of the code in it. */
export type MessageType =
  | 'signup'
  | 'invite'
  | 'magiclink'
  | 'recovery'
  | 'email_change'
  | 'reauthentication'
  | 'sms'
  | 'phone_change'

/** A mail or an SMS that would have been sent. */
export interface Message {
  readonly to: string
  readonly type: MessageType
  /** What the person types in. On the fork: twenty letters with dashes, in an SMS six digits. */
  readonly code: string
  /** What the person follows; a mail scanner follows it too. `null`: there is none. */
  readonly link: string | null
  /** For `POST /verify` with `token_hash`. `null` on the fork, and in an SMS. */
  readonly tokenHash: string | null
  /** ms. */
  readonly sentAt: number
}

export interface Mail {
  readonly to: string
  readonly type: MessageType
  /** When the last one went out: the next has to wait. */
  readonly last: OneTime | null | undefined
  readonly redirectTo: string
  /** The link ends in a `?code=` for whoever has the verifier. */
  readonly pkce?: boolean
}

/** Sends a mail and answers what it carried, which is the caller's to keep. */
export function sendMail(world: GoTrueState, mail: Mail): OneTime {
  const { to, type, redirectTo, pkce = false } = mail
  throttle(world, mail.last, type === 'signup' || world.flavor === 'current')
  const once = createOneTime(world, to, pkce)
  world.outbox.push({
    to,
    type,
    code: once.code,
    link: type === 'reauthentication' ? null : link(world, once, type, redirectTo),
    tokenHash: world.flavor === 'fork2022' ? null : once.token,
    sentAt: world.now(),
  })
  return { token: once.token, sentAt: world.now() }
}

export interface OneTimeCode {
  /** What a person types in. */
  readonly code: string
  /** What the server keeps, and what links carry. */
  readonly token: string
}

/** A code for a mail. The current server keeps a hash of it together with the address. */
export function createOneTime({ flavor }: GoTrueState, to: string, pkce: boolean): OneTimeCode {
  if (flavor === 'fork2022') {
    const token = Array.from({ length: 20 }, () => (randomInt(26) + 10).toString(36)).join('')
    return { token, code: token.replace(/.{5}(?=.)/g, '$&-') }
  }
  const code = digits()
  return { code, token: `${pkce ? 'pkce_' : ''}${hashCode(to, code)}` }
}

/** The address of a mail's link. `redirect_to` is not escaped: the fork never does, and the other
 * only where it has to. */
export function link(
  { flavor, url }: GoTrueState,
  { code, token }: OneTimeCode,
  type: MessageType,
  redirectTo: string,
): string {
  // The fork writes the dashes into the links of one kind of mail, and removes them again.
  const shown = flavor === 'fork2022' && type === 'email_change' ? code : token
  const escaped =
    flavor === 'current' && /[&=#]/.test(redirectTo) ? encodeURIComponent(redirectTo) : redirectTo
  return `${url}/verify?token=${shown}&type=${type}&redirect_to=${escaped}`
}

/** Sends a code by SMS and answers what the server keeps of it. */
export function sendSMS(
  world: GoTrueState,
  phone: string,
  type: 'sms' | 'phone_change' | 'reauthentication',
  last: OneTime | null,
): OneTime {
  const waits = last !== null && last.sentAt + world.knobs.messageInterval >= world.now()
  if (waits && world.flavor === 'fork2022') {
    throw http(400, 'Error sending sms otp: Frequency limit reached')
  }
  if (waits) throw http(429, afterSeconds(world, last), 'over_sms_send_rate_limit')
  const code = digits()
  world.outbox.push({ to: phone, type, code, link: null, tokenHash: null, sentAt: world.now() })
  const token = world.flavor === 'fork2022' ? code : hashCode(phone, code)
  return { token, sentAt: world.now() }
}

const digits = () => String(randomInt(1_000_000)).padStart(6, '0')

/** `crypto.GenerateTokenHash`. */
export const hashCode = (to: string, code: string): string =>
  createHash('sha224').update(`${to}${code}`).digest('hex')

/** No `Retry-After`: the number in the sentence is all there is. */
function throttle(world: GoTrueState, last: OneTime | null | undefined, saysWhen: boolean): void {
  if (!last || last.sentAt + world.knobs.messageInterval <= world.now()) return
  const minute = 'For security purposes, you can only request this once every 60 seconds'
  throw either(
    world,
    http(429, saysWhen ? afterSeconds(world, last) : minute),
    http(429, afterSeconds(world, last), 'over_email_send_rate_limit'),
  )
}

function afterSeconds({ knobs, now }: GoTrueState, { sentAt }: OneTime): string {
  const left = Math.trunc((sentAt + knobs.messageInterval - now()) / 1000)
  return `For security purposes, you can only request this after ${left} seconds.`
}

/** Is this what was sent, and in time? A code is as good as its link where the link is PKCE's. */
export function isValid(world: GoTrueState, once: OneTime | null | undefined, token: string) {
  if (!once?.token || world.now() > once.sentAt + world.knobs.otpLifetime) return false
  return once.token === token || (world.flavor === 'current' && once.token === `pkce_${token}`)
}

/** The mail that confirms a sign-up. */
export function sendConfirmation(
  world: GoTrueState,
  user: User,
  redirectTo: string,
  pkce = false,
): void {
  const to = user.email
  user.confirmation = sendMail(world, {
    to,
    type: 'signup',
    last: user.confirmation,
    redirectTo,
    pkce,
  })
}
