import { dataOf, requireAdmin, text, type Call } from './call.js'
import { either, http } from './errors.js'
import { createOneTime, link, sendMail, type MessageType } from './messages.js'
import { resolveRedirect } from './redirects.js'
import { checkPassword } from './sign-up.js'
import type { User } from './state.js'
import { addIdentity, createUser, describeUser, findByEmail, readEmail } from './users.js'

/** `POST /invite`, for a server with a service key. */
export async function answerInvite(call: Call): Promise<Response> {
  const { world, request } = call
  await requireAdmin(call)
  const email = readEmail(world, text(call, 'email'))
  const user = findOrInvite(call, email)
  user.confirmation = sendMail(world, {
    to: email,
    type: 'invite',
    last: user.confirmation,
    redirectTo: resolveRedirect(request, world),
  })
  user.invitedAt = world.now()
  return Response.json(describeUser(world, user))
}

/**
 * `POST /admin/generate_link`: the link of a mail without the mail. It is also the one answer that
 * says which `redirect_to` was accepted.
 */
export async function answerGenerateLink(call: Call): Promise<Response> {
  const { world } = call
  await requireAdmin(call)
  const email = readEmail(world, text(call, 'email'))
  const known = findByEmail(world, email)
  const asked = text(call, 'type')
  const type = (asked === 'magiclink' && !known ? 'signup' : asked) as MessageType
  const user = findForLink(call, type, known, email)
  const once = createOneTime(world, email, false)
  const kept = { token: once.token, sentAt: world.now() }
  if (type === 'signup' || type === 'invite') user.confirmation = kept
  else user.recovery = kept

  const url = new URL(call.request.url)
  const given = text(call, 'redirect_to')
  if (given) url.searchParams.set('redirect_to', given)
  const redirectTo = resolveRedirect(new Request(url, { headers: call.request.headers }), world)
  return Response.json({
    ...describeUser(world, user),
    action_link: link(world, once, type, redirectTo),
    ...(world.flavor === 'current' && {
      email_otp: once.code,
      hashed_token: once.token,
      verification_type: type,
      redirect_to: redirectTo,
    }),
  })
}

function findForLink(call: Call, type: string, known: User | undefined, email: string): User {
  const { world } = call
  switch (type) {
    case 'magiclink':
    case 'recovery':
      if (known) return known
      throw http(404, 'User not found', 'user_not_found')
    case 'signup': {
      if (known && !known.emailConfirmedAt) return known
      if (known) throw http(422, taken, 'email_exists')
      const password = text(call, 'password')
      if (text(call, 'type') === 'signup') checkPassword(world, password)
      return create(call, email, password || null)
    }
    case 'invite':
      return findOrInvite(call, email)
    default:
      throw http(400, `Invalid email action link type requested: ${type}`, 'validation_failed')
  }
}

function findOrInvite(call: Call, email: string): User {
  const known = findByEmail(call.world, email)
  if (known?.emailConfirmedAt) {
    throw either(call.world, http(422, taken), http(422, taken, 'email_exists'))
  }
  return known ?? create(call, email, null)
}

function create(call: Call, email: string, password: string | null): User {
  const { world } = call
  const user = createUser(world, { email, password, provider: 'email', data: dataOf(call) ?? {} })
  // Whom the fork is told of this way has no identity.
  if (world.flavor === 'current') {
    const claims = { sub: user.id, email, email_verified: false, phone_verified: false }
    addIdentity(world, user, 'email', claims)
  }
  return user
}

const taken = 'A user with this email address has already been registered'
