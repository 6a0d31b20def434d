import { either, http } from './errors.js'
import type { GoTrueState, Identity, User } from './state.js'

/** The JSON of a user. What is not set is left out, except for the two addresses. */
export function describeUser(world: GoTrueState, user: User): Record<string, unknown> {
  const confirmed = [user.emailConfirmedAt, user.phoneConfirmedAt].filter((at) => at !== null)
  const { emailChange, phoneChange } = user
  return {
    id: user.id,
    aud: 'authenticated',
    role: 'authenticated',
    email: user.email,
    email_confirmed_at: time(user.emailConfirmedAt),
    invited_at: time(user.invitedAt),
    phone: user.phone,
    phone_confirmed_at: time(user.phoneConfirmedAt),
    confirmation_sent_at: time(user.confirmation?.sentAt),
    confirmed_at: time(confirmed.length > 0 ? Math.min(...confirmed) : null),
    recovery_sent_at: time(user.recovery?.sentAt),
    new_email: emailChange?.email || undefined,
    email_change_sent_at: time(emailChange?.next.sentAt),
    new_phone: phoneChange?.phone || undefined,
    phone_change_sent_at: time(phoneChange?.sentAt),
    reauthentication_sent_at: time(user.reauthentication?.sentAt),
    last_sign_in_at: time(user.lastSignInAt),
    app_metadata: user.appMetadata,
    user_metadata: user.userMetadata,
    identities: user.identities.map((identity) => describeIdentity(world, user, identity)),
    created_at: time(user.createdAt),
    updated_at: time(user.updatedAt),
    ...(world.flavor === 'current' && { is_anonymous: user.isAnonymous }),
  }
}

function describeIdentity({ flavor }: GoTrueState, user: User, identity: Identity) {
  const { identityId, id, data, provider, lastSignInAt, createdAt } = identity
  return {
    ...(flavor === 'current' && { identity_id: identityId }),
    id,
    user_id: user.id,
    identity_data: data,
    provider,
    last_sign_in_at: time(lastSignInAt),
    created_at: time(createdAt),
    updated_at: time(lastSignInAt),
    ...(flavor === 'current' && typeof data['email'] === 'string' && { email: data['email'] }),
  }
}

const time = (ms: number | null | undefined): string | undefined =>
  typeof ms === 'number' ? new Date(ms).toISOString() : undefined

export interface NewUser {
  readonly email?: string
  readonly phone?: string
  readonly password?: string | null
  readonly data?: Record<string, unknown>
  /** `''`: an anonymous user, whose `app_metadata` stays empty. */
  readonly provider: string
}

/** A new row. An address that is taken fails as a unique index does. */
export function createUser(world: GoTrueState, from: NewUser): User {
  const { email = '', phone = '', password = null, data = {}, provider } = from
  if ((email && findByEmail(world, email)) || (phone && findByPhone(world, phone))) {
    throw http(500, 'Database error saving new user', 'unexpected_failure')
  }
  const now = world.now()
  const user: User = {
    id: crypto.randomUUID(),
    email,
    phone,
    password,
    createdAt: now,
    updatedAt: now,
    emailConfirmedAt: null,
    phoneConfirmedAt: null,
    invitedAt: null,
    lastSignInAt: null,
    confirmation: null,
    recovery: null,
    reauthentication: null,
    emailChange: null,
    phoneChange: null,
    appMetadata: provider ? { provider, providers: [provider] } : {},
    userMetadata: { ...data },
    identities: [],
    isAnonymous: provider === '',
    banned: false,
  }
  world.users.set(user.id, user)
  return user
}

/** Adds an identity, and what it says to the user's metadata where the server does so. */
export function addIdentity(
  world: GoTrueState,
  user: User,
  provider: string,
  data: Record<string, unknown> & { sub: string },
): Identity {
  const now = world.now()
  const identity: Identity = {
    identityId: crypto.randomUUID(),
    id: data.sub,
    provider,
    data,
    lastSignInAt: now,
    createdAt: now,
  }
  user.identities.push(identity)
  if (world.flavor === 'current') Object.assign(user.userMetadata, data)
  listProviders(user)
  return identity
}

/** Brings `app_metadata.providers` in line with the identities. */
export function listProviders(user: User): void {
  const providers = [...new Set(user.identities.map(({ provider }) => provider))]
  if (providers.length > 0) Object.assign(user.appMetadata, { provider: providers[0], providers })
}

/** The e-mail address is this user's from now on. */
export function confirmEmail({ flavor, now }: GoTrueState, user: User): void {
  if (user.confirmation) user.confirmation.token = ''
  user.emailConfirmedAt = now()
  if (flavor !== 'current') return
  user.userMetadata['email_verified'] = true
  for (const { data } of user.identities) {
    if (data['email'] && data['email'] === user.email) data['email_verified'] = true
  }
}

export function confirmPhone({ now }: GoTrueState, user: User): void {
  if (user.confirmation) user.confirmation.token = ''
  user.phoneConfirmedAt = now()
}

export const findByEmail = (world: GoTrueState, email: string): User | undefined =>
  find(world, (user) => user.email !== '' && user.email === email.toLowerCase())

export const findByPhone = (world: GoTrueState, phone: string): User | undefined =>
  find(world, (user) => user.phone !== '' && user.phone === phone)

export const findByIdentity = (
  world: GoTrueState,
  provider: string,
  id: string,
): { user: User; identity: Identity } | undefined => {
  for (const user of world.users.values()) {
    const identity = user.identities.find((it) => it.provider === provider && it.id === id)
    if (identity) return { user, identity }
  }
  return undefined
}

export const find = (world: GoTrueState, is: (user: User) => boolean): User | undefined =>
  [...world.users.values()].find(is)

/** The address as it is kept. Throws where there is none, or none that could be. */
export function readEmail(world: GoTrueState, email: string): string {
  const refuse = (text: string) =>
    either(world, http(422, text), http(400, text, 'validation_failed'))
  if (!email) throw refuse('An email address is required')
  if (!/^[^\s@]+@[^\s@]+$/.test(email)) {
    throw refuse('Unable to validate email address: invalid format')
  }
  return email.toLowerCase()
}

/** The number without its plus sign. */
export function readPhone(world: GoTrueState, text: string): string {
  const phone = text.replace(/^\+/, '').replaceAll(' ', '')
  if (/^[1-9]\d{1,14}$/.test(phone)) return phone
  throw either(
    world,
    http(422, 'Invalid phone number format'),
    http(400, 'Invalid phone number format (E.164 required)', 'validation_failed'),
  )
}
