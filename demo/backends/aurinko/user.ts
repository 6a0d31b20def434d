import { refuse } from './errors.js'
import { cookieName, readCookie, type Account, type AurinkoState, type User } from './state.js'

/** Everything under `/v1/user`: for whoever the cookie or `X-Aurinko-Session` names. */
export function answerUser(request: Request, path: string, world: AurinkoState): Response {
  const { knobs } = world
  const key = readKey(request, world)
  const user = world.users.get(world.sessions.get(key ?? '') ?? '')
  if (!key || !user) return refuse(401, 'unauthorized', 'unauthorized', knobs)
  const id = /^\/accounts\/(\d+)$/.exec(path)?.[1]
  const account = user.accounts.find((one) => String(one.id) === id)
  if (id !== undefined && !account) return refuse(404, 'not_found', 'No such account.', knobs)

  switch (`${request.method} ${id === undefined ? path : '/accounts/:id'}`) {
    case 'GET ':
      return refuseUser(world) ?? json(describeUser(user, world))
    case 'GET /accounts':
      return json(pageOf(user, request, world))
    case 'GET /accounts/:id':
      return json(describeAccount(account!, user, world))
    case 'DELETE /accounts/:id':
      return removeAccount(user, account!, world)
    case 'POST /logout':
      world.sessions.delete(key)
      return json({ status: knobs.logoutStatus })
    default:
      return refuse(404, 'not_found', 'No such endpoint.', knobs)
  }
}

/** The session's key: from the header of a server, or from the cookie that the headers name. */
function readKey(request: Request, { app, knobs }: AurinkoState): string | undefined {
  const { headers } = request
  const own = headers.get('x-aurinko-session')
  if (own) return own
  const spellings = ['X-Aurinko-Client-Id', 'X-Aurinko-ClientId'].filter((name) =>
    ['either', name].includes(knobs.strictClientIdHeader),
  )
  if (!spellings.some((name) => headers.get(name) === app.clientId)) return undefined
  return readCookie(request, cookieName(app, headers.get('x-aurinko-mailbox-info')))
}

function refuseUser({ knobs }: AurinkoState): Response | null {
  const code = knobs.userRefusal
  if (code === undefined) return null
  return code ? refuse(401, code, 'Not authorized', knobs) : new Response(null, { status: 401 })
}

/** Deleting the primary account ends the user's sessions. */
function removeAccount(user: User, account: Account, { sessions }: AurinkoState): Response {
  user.accounts = user.accounts.filter((one) => one !== account)
  if (account.role === 'primary') {
    for (const [key, id] of sessions) if (id === user.id) sessions.delete(key)
  }
  return json({ status: 'Ok' })
}

function pageOf(user: User, request: Request, world: AurinkoState): object {
  const start = Number(new URL(request.url).searchParams.get('pageToken') ?? 0)
  const end = start + world.knobs.pageSize
  const records = user.accounts.slice(start, end).map((one) => describeAccount(one, user, world))
  const more = end < user.accounts.length ? { nextPageToken: String(end) } : {}
  return { records, length: records.length, ...more }
}

function describeUser(user: User, world: AurinkoState): object {
  const { app, now } = world
  const primary = user.accounts.find(({ role }) => role === 'primary')
  return {
    id: user.id,
    appId: app.appId,
    email: primary?.email ?? null,
    name: primary?.name ?? null,
    authOrgId: null,
    createdAt: user.createdAt,
    lastActivity: new Date(now()).toISOString(),
    trustedIdentity: true,
    externalIdType: null,
    accounts: user.accounts.map((one) => describeAccount(one, user, world)),
  }
}

function describeAccount(account: Account, { accounts }: User, { knobs }: AurinkoState): object {
  const { id, serviceType, role, email, name, serverUrl, authObtainedAt } = account
  const primary = accounts.find((one) => one.role === 'primary')
  const tokenStatus = knobs.tokenStatus[serviceType] ?? 'active'
  return {
    id,
    parentId: role === 'secondary' ? (primary?.id ?? null) : null,
    serviceType,
    userAccountType: role,
    type: 'personal',
    active: true,
    loginString: email,
    email,
    name,
    serverUrl,
    authObtainedAt,
    tokenStatus,
    scopes: account.scopes,
    authScopes: account.scopes,
    nativeScopes: account.nativeScopes,
    authNativeScopes: account.nativeScopes,
    hasApiErrors: tokenStatus !== 'active',
    createdAt: authObtainedAt,
    updatedAt: authObtainedAt,
  }
}

const json = (body: object): Response =>
  Response.json(body, { headers: { 'cache-control': 'no-store' } })
