import type { Call } from './call.js'
import { either, http, type Refusal } from './errors.js'
import { hashCode, isValid } from './messages.js'
import type { GoTrueState, OneTime, User } from './state.js'
import {
  addIdentity,
  confirmEmail,
  confirmPhone,
  find,
  findByEmail,
  findByPhone,
  readEmail,
  readPhone,
} from './users.js'

/** What of a verification is given, in a link or in a body. */
export interface Verification {
  readonly type: string
  /** As it was given: a code, or what a link carries. */
  readonly token: string
  readonly tokenHash: string
  readonly email: string
  readonly phone: string
}

interface Owner {
  readonly user: User
  /** What was given, as the server keeps it. */
  readonly token: string
  /** `email` is settled: a sign-up's, or a magic link's. */
  readonly type: string
}

/** Who got this token, if it is good. */
export function findOwner(call: Call, given: Verification): Owner {
  const { world } = call
  const { type } = given
  const isLink = !given.email && !given.phone
  const user = isLink ? findByLink(call, given) : findByAddress(call, given)
  if (user.banned) {
    throw either(
      world,
      http(401, 'Error confirming user'),
      http(403, 'User is banned', 'user_banned'),
    )
  }
  const token = keepsAs(world, given)
  for (const [name, once] of Object.entries(tokensOf(world, user, type))) {
    if (once.some((it) => isValid(world, it, token))) return { user, token, type: name }
  }
  throw refuseToken(call, isLink ? 'Email link is invalid or has expired' : undefined)
}

/** The form a token is kept in: letters without dashes on the fork, a hash on the other. */
function keepsAs(world: GoTrueState, { token, tokenHash, email, phone }: Verification): string {
  if (world.flavor === 'fork2022') return token.length > 22 ? token.replaceAll('-', '') : token
  if (tokenHash) return tokenHash
  return hashCode(email ? email.toLowerCase() : readPhone(world, phone), token)
}

/** Which tokens of a user a type means. */
function tokensOf(
  { flavor }: GoTrueState,
  user: User,
  type: string,
): Record<string, (OneTime | null | undefined)[]> {
  switch (type) {
    case 'signup':
    case 'invite':
    case 'sms':
      return { [type]: [user.confirmation] }
    case 'recovery':
    case 'magiclink':
      return { [type]: [user.recovery] }
    case 'email_change':
      return { [type]: [user.emailChange?.current, user.emailChange?.next] }
    case 'phone_change':
      return { [type]: [user.phoneChange] }
    case 'email':
      // Unknown to the fork, which takes it for a token that is wrong.
      return flavor === 'current' ? { signup: [user.confirmation], magiclink: [user.recovery] } : {}
    default:
      return {}
  }
}

function findByLink(call: Call, given: Verification): User {
  const { world } = call
  const token = keepsAs(world, given)
  const types = ['signup', 'invite', 'recovery', 'magiclink', 'email_change']
  if (world.flavor === 'current') types.push('email')
  if (!types.includes(given.type)) {
    throw http(400, 'Invalid email verification type', 'validation_failed')
  }
  const holds = (user: User) =>
    Object.values(tokensOf(world, user, given.type)).some((once) =>
      once.some((it) => it && it.token !== '' && it.token === token),
    )
  const user = find(world, holds)
  if (user) return user
  const isConfirmation = given.type === 'signup' || given.type === 'invite'
  throw either(
    world,
    http(404, isConfirmation ? 'Confirmation Token not found' : 'User not found'),
    http(403, 'Email link is invalid or has expired', 'otp_expired'),
  )
}

function findByAddress(call: Call, { type, email, phone }: Verification): User {
  const { world } = call
  const user = phone
    ? type === 'phone_change'
      ? find(world, ({ phoneChange }) => phoneChange?.phone === readPhone(world, phone))
      : findByPhone(world, readPhone(world, phone))
    : type === 'email_change'
      ? find(world, (it) => [it.email, it.emailChange?.email].includes(readEmail(world, email)))
      : findByEmail(world, readEmail(world, email))
  if (user) return user
  throw either(world, http(404, 'User not found'), refuseToken(call))
}

/** Uses a token up. `'halfway'`: the other address has to say yes, too. */
export function spend(call: Call, { user, token, type }: Owner, given: Verification) {
  const { world } = call
  switch (type) {
    case 'signup':
    case 'invite':
      confirmEmail(world, user)
      return user
    case 'recovery':
    case 'magiclink':
      if (user.recovery) user.recovery.token = ''
      if (!user.emailConfirmedAt) confirmEmail(world, user)
      return user
    case 'email_change':
      return changeEmail(world, user, token)
    case 'sms':
      confirmPhone(world, user)
      return user
    case 'phone_change':
      changePhone(world, user)
      return user
    default:
      throw refuseType(given.type)
  }
}

const refuseType = (type: string): Refusal =>
  http(422, `Unsupported verification type: ${type}`, 'validation_failed')

function changeEmail(world: GoTrueState, user: User, token: string): User | 'halfway' {
  const change = user.emailChange!
  const { secureEmailChange, autoconfirm } = world.knobs
  // Where addresses need no confirmation, one of the two will do; the fork wants both all the same.
  const needsBoth = secureEmailChange && !(autoconfirm && world.flavor === 'current')
  if (needsBoth && !change.confirmed && user.email) {
    change.confirmed = true
    for (const once of [change.current, change.next]) {
      if (once.token === token || once.token === `pkce_${token}`) once.token = ''
    }
    return 'halfway'
  }
  setEmail(world, user, change.email)
  return user
}

/** The address is theirs: of the user, and of their e-mail identity. */
export function setEmail(world: GoTrueState, user: User, email: string): void {
  const identity = user.identities.find(({ provider }) => provider === 'email')
  user.email = email
  user.emailChange = null
  user.isAnonymous = false
  if (world.flavor === 'current') {
    if (identity) Object.assign(identity.data, { email, email_verified: true })
    else addIdentity(world, user, 'email', { sub: user.id, email, email_verified: true })
  }
  confirmEmail(world, user)
}

export function changePhone(world: GoTrueState, user: User): void {
  user.phone = user.phoneChange!.phone
  user.phoneChange = null
  user.isAnonymous = false
  if (world.flavor === 'current' && !user.identities.some(({ provider }) => provider === 'phone')) {
    addIdentity(world, user, 'phone', { sub: user.id, phone: user.phone, phone_verified: true })
  }
  confirmPhone(world, user)
}

/** "Used, expired or never sent": the fork's 401 is the current server's 403. */
const refuseToken = (call: Call, message = 'Token has expired or is invalid'): Refusal =>
  either(
    call.world,
    http(401, 'Token has expired or is invalid'),
    http(403, message, 'otp_expired'),
  )
