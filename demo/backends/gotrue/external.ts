import { either, http } from './errors.js'
import type { Person } from './knobs.js'
import { sendConfirmation } from './messages.js'
import { refuseSignUp } from './sign-up.js'
import type { GoTrueState, User } from './state.js'
import {
  addIdentity,
  confirmEmail,
  createUser,
  findByEmail,
  findByIdentity,
  listProviders,
} from './users.js'

/**
 * The user that a provider's person is: by identity, else by a verified address, else a new one.
 * `null`, on the fork alone: their address has to be confirmed first.
 */
export function findAccount(world: GoTrueState, provider: string, person: Person): User | null {
  const data = describePerson(person)
  const known = findByIdentity(world, provider, person.sub)
  const byEmail = person.emailVerified ? findByEmail(world, person.email) : undefined
  let user = known?.user ?? byEmail
  if (known) {
    known.identity.data = data
    known.identity.lastSignInAt = world.now()
    Object.assign(known.user.userMetadata, data)
    listProviders(known.user)
  } else if (user) {
    addIdentity(world, user, provider, data)
  } else {
    refuseSignUp(world)
    user = createUser(world, { email: person.email, provider, data })
    addIdentity(world, user, provider, data)
  }
  if (user!.banned) {
    throw either(
      world,
      http(401, 'User is unauthorized'),
      http(403, 'User is banned', 'user_banned'),
    )
  }
  return confirm(world, user!, provider, person)
}

function confirm(world: GoTrueState, user: User, provider: string, { emailVerified }: Person) {
  if (user.emailConfirmedAt) return user
  if (emailVerified || world.knobs.autoconfirm) {
    confirmEmail(world, user)
    return user
  }
  sendConfirmation(world, user, world.siteURL)
  if (world.flavor === 'fork2022') return null
  const message = `Unverified email with ${provider}. A confirmation email has been sent to your ${provider} email`
  throw http(422, message, 'provider_email_needs_verification')
}

/** Adds a provider to the user who asked for it, wherever they are signed in. */
export function linkAccount(
  world: GoTrueState,
  user: User,
  provider: string,
  person: Person,
): User {
  const taken = findByIdentity(world, provider, person.sub)
  if (taken) {
    const whose = taken.user === user ? '' : ' to another user'
    throw http(422, `Identity is already linked${whose}`, 'identity_already_exists')
  }
  addIdentity(world, user, provider, describePerson(person))
  if (!user.email) {
    user.email = person.email
    user.isAnonymous = false
    confirmEmail(world, user)
  }
  return user
}

const describePerson = ({ sub, email, emailVerified, name }: Person) => ({
  sub,
  email,
  email_verified: emailVerified,
  full_name: name,
  name,
  avatar_url: `https://avatars.example/${sub}.png`,
  iss: 'https://provider.example',
  provider_id: sub,
})
