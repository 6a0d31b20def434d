import { randomBytes, randomUUID } from 'node:crypto'

import { messagePage } from './page.js'
import {
  cookieName,
  createSecret,
  sign,
  type Account,
  type Asked,
  type AurinkoState,
  type User,
} from './state.js'

/** Who was found at the provider. */
export interface Identity {
  readonly email: string
  readonly name: string
}

/** Back to the app with a failure, in the shape that the knobs say. */
export function fail(
  { returnUrl, state }: Pick<Asked, 'returnUrl' | 'state'>,
  code: string,
  message: string,
  { knobs }: AurinkoState,
): Response {
  const shape = {
    details: { details: message },
    error: { error: code, error_description: message },
    errorCode: { errorCode: code, message },
    bare: {},
  }[knobs.failureShape]
  return sendBack(returnUrl, {
    ...shape,
    status: knobs.failureStatus,
    state: knobs.stateOnFailure ? state : null,
    requestId: randomUUID(),
    type: knobs.landingType,
  })
}

/** The end of an authorization: an account is connected, and the app hears of it. */
export function succeed(asked: Asked, identity: Identity, world: AurinkoState): Response {
  const { knobs, users } = world
  const owner = asked.userId === null ? undefined : users.get(asked.userId)
  const user = asked.role === 'primary' ? findUser(asked, identity, world) : owner
  if (!user) return fail(asked, 'unauthorized', 'The user is gone.', world)
  const wanted = user.accounts.find(({ id }) => id === asked.accountId)
  if (asked.accountId !== null && wanted?.email !== identity.email) {
    return fail(asked, 'account.mismatch', 'That is another account.', world)
  }
  connect(user, asked, identity, world)

  const response =
    knobs.popupMessage === undefined
      ? sendBack(asked.returnUrl, {
          code: asked.responseType === 'code' ? issueCode(user, world) : null,
          state: asked.state,
          status: knobs.successStatus,
          requestId: randomUUID(),
          type: knobs.landingType,
        })
      : messagePage(knobs.popupMessage)
  if (asked.responseType === 'cookie') {
    const session = createSecret()
    world.sessions.set(session, user.id)
    const name = cookieName(world.app, asked.mailboxInfo)
    const sameSite = knobs.cookieSameSite ? `; SameSite=${knobs.cookieSameSite}` : ''
    response.headers.set('set-cookie', `${name}=${session}; Path=/; HttpOnly${sameSite}`)
  }
  return response
}

/** The user whose primary account this is, or a new one. */
function findUser({ serviceType }: Asked, { email }: Identity, world: AurinkoState): User {
  const isOwn = (one: Account): boolean =>
    one.role === 'primary' && one.serviceType === serviceType && one.email === email
  const known = [...world.users.values()].find(({ accounts }) => accounts.some(isOwn))
  if (known) return known
  const createdAt = new Date(world.now()).toISOString()
  const user: User = { id: randomUUID(), createdAt, accounts: [] }
  world.users.set(user.id, user)
  return user
}

function connect(user: User, asked: Asked, identity: Identity, world: AurinkoState): void {
  const { serviceType, role, scopes, nativeScopes, serverUrl } = asked
  const authObtainedAt = new Date(world.now()).toISOString()
  delete world.knobs.tokenStatus[serviceType]
  const known = user.accounts.find(
    (one) => one.serviceType === serviceType && one.email === identity.email,
  )
  if (known) return void Object.assign(known, { scopes, nativeScopes, authObtainedAt })
  const id = (world.lastAccountId += 1)
  const account = { ...identity, id, serviceType, role, scopes, nativeScopes, serverUrl }
  // Newest first: whoever takes the first one for the primary is wrong as soon as there are two.
  user.accounts.unshift({ ...account, authObtainedAt })
}

function issueCode(user: User, { codes, knobs, now, key }: AurinkoState): string {
  const iat = Math.floor(now() / 1000)
  const code =
    knobs.codeShape === 'jwt'
      ? sign({ iat, pad: randomBytes(1400).toString('base64url') }, key)
      : `a/b%2F+${randomUUID()}`
  codes.set(code, { userId: user.id, expiresAt: now() + knobs.codeTtl })
  return code
}

/** A 303 to the return URL, with what is not `null` or `undefined` added to its query. */
function sendBack(
  returnUrl: string,
  params: Readonly<Record<string, string | null | undefined>>,
): Response {
  const url = new URL(returnUrl)
  for (const [name, value] of Object.entries(params)) {
    if (value !== null && value !== undefined) url.searchParams.set(name, value)
  }
  return new Response(null, { status: 303, headers: { location: url.href } })
}
