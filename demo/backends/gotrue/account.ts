import { authenticate, dataOf, text, type Call } from './call.js'
import { either, http, type Refusal } from './errors.js'
import { challengeOf, startFlow } from './flows.js'
import { hashCode, isValid, sendMail, sendSMS } from './messages.js'
import { sendEmailChange } from './otp.js'
import { resolveRedirect } from './redirects.js'
import { checkPassword } from './sign-up.js'
import type { GoTrueState, Session, User } from './state.js'
import { endSessions } from './tokens.js'
import { describeUser, findByEmail, findByPhone, readEmail, readPhone } from './users.js'
import { changePhone, setEmail } from './verify-token.js'

const DAY = 86_400_000

/** `GET /user`. */
export async function answerUser(call: Call): Promise<Response> {
  const { user } = await authenticate(call)
  return Response.json(describeUser(call.world, user))
}

/** `PUT /user`: the user, and no new tokens. The access token says what was so until it is renewed. */
export async function updateUser(call: Call): Promise<Response> {
  const { world, body } = call
  const { user, session } = await authenticate(call)
  const [email, phone] = [text(call, 'email'), text(call, 'phone')]
  if (email) readEmail(world, email)
  if (phone) readPhone(world, phone)
  if (body['password'] !== undefined) setPassword(call, user, session)
  Object.assign(user.userMetadata, dataOf(call))
  if (email && email.toLowerCase() !== user.email) changeEmail(call, user, email.toLowerCase())
  if (phone && readPhone(world, phone) !== user.phone) {
    beginPhoneChange(world, user, readPhone(world, phone))
  }
  user.updatedAt = world.now()
  return Response.json(describeUser(world, user))
}

function setPassword(call: Call, user: User, session: Session | null): void {
  const { world } = call
  const password = text(call, 'password')
  checkPassword(world, password)
  checkReauthentication(call, user, session)
  if (world.flavor === 'current') {
    const isRecovery = session?.method === 'recovery'
    if (world.knobs.currentPassword && user.password !== null && !isRecovery) {
      checkCurrentPassword(text(call, 'current_password'), user)
    }
    if (user.password === password) {
      const message = 'New password should be different from the old password.'
      throw http(422, message, 'same_password')
    }
    endSessions(world, ({ id, userId }) => userId === user.id && id !== session?.id)
  }
  user.password = password
}

function checkCurrentPassword(given: string, user: User): void {
  if (given && given === user.password) return
  const code = given ? 'current_password_invalid' : 'current_password_required'
  throw http(400, 'Current password required when setting new password.', code)
}

/** On the current server, whoever signed in within a day needs no nonce. */
function checkReauthentication(call: Call, user: User, session: Session | null): void {
  const { world } = call
  if (!world.knobs.reauthenticate) return
  if (session && world.now() <= session.createdAt + DAY) return
  const nonce = text(call, 'nonce')
  if (!nonce) {
    const message = 'Password update requires reauthentication'
    throw either(world, http(401, `${message}.`), http(400, message, 'reauthentication_needed'))
  }
  // The fork's mail shows the code with dashes, which it does not take here.
  const token = world.flavor === 'fork2022' ? nonce : hashCode(user.email || user.phone, nonce)
  if (!isValid(world, user.reauthentication, token)) {
    const message = 'Nonce has expired or is invalid'
    throw either(world, http(400, message), http(422, message, 'reauthentication_not_valid'))
  }
  user.reauthentication!.token = ''
}

function changeEmail(call: Call, user: User, email: string): void {
  const { world, request } = call
  if (findByEmail(world, email)) throw duplicate('email address', 'email_exists')
  if (user.isAnonymous && world.knobs.autoconfirm) return setEmail(world, user, email)
  const challenge = challengeOf(call)
  if (challenge) startFlow(world, { method: 'email_change', challenge, userId: user.id })
  sendEmailChange(world, user, email, resolveRedirect(request, world), challenge !== null)
}

function beginPhoneChange(world: GoTrueState, user: User, phone: string): void {
  if (findByPhone(world, phone)) throw duplicate('phone number', 'phone_exists')
  if (world.knobs.phoneAutoconfirm) {
    user.phoneChange = { phone, token: '', sentAt: world.now() }
    return changePhone(world, user)
  }
  user.phoneChange = { phone, ...sendSMS(world, phone, 'phone_change', user.phoneChange) }
}

const duplicate = (what: string, code: string): Refusal =>
  http(422, `A user with this ${what} has already been registered`, code)

/** `GET /reauthenticate`: a code for the password that somebody is about to set. */
export async function answerReauthenticate(call: Call): Promise<Response> {
  const { world } = call
  const { user } = await authenticate(call)
  if (!user.email && !user.phone) {
    const message = 'Reauthentication requires the user to have an email or a phone number'
    throw either(world, http(422, message), http(400, message, 'validation_failed'))
  }
  const what = user.email ? 'email' : 'phone'
  if (!(user.email ? user.emailConfirmedAt : user.phoneConfirmedAt)) {
    const message = `Please verify your ${what} first.`
    throw either(world, http(400, message), http(422, message, `${what}_not_confirmed`))
  }
  user.reauthentication = user.email
    ? sendMail(world, {
        to: user.email,
        type: 'reauthentication',
        last: user.reauthentication,
        redirectTo: '',
      })
    : sendSMS(world, user.phone, 'reauthentication', user.reauthentication)
  return Response.json({})
}

/** `POST /logout`. The fork knows no scopes: it forgets every refresh token of the user. */
export async function answerLogout(call: Call): Promise<Response> {
  const { world, query } = call
  const { user, session } = await authenticate(call)
  if (world.flavor === 'fork2022') {
    for (const [token, { userId }] of world.refreshTokens) {
      if (userId === user.id) world.refreshTokens.delete(token)
    }
    return new Response(null, { status: 204 })
  }
  const scope = query.get('scope') || 'global'
  if (!['global', 'local', 'others'].includes(scope)) {
    throw http(400, `Unsupported logout scope "${scope}"`, 'validation_failed')
  }
  endSessions(world, ({ id, userId }) => {
    if (userId !== user.id) return false
    return scope === 'global' || (id === session?.id) === (scope === 'local')
  })
  return new Response(null, { status: 204 })
}
