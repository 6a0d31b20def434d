import { either, http, oauth, type Refusal } from './errors.js'
import { BadToken } from './keys.js'
import type { GoTrueState, Session, User } from './state.js'

/** One request, read. */
export interface Call {
  readonly request: Request
  readonly world: GoTrueState
  readonly query: URLSearchParams
  readonly body: Readonly<Record<string, unknown>>
  /** What the route's path has in its place of a name. */
  readonly name: string
}

/** Text of the body, `''` where there is none. */
export const text = ({ body }: Pick<Call, 'body'>, name: string): string => {
  const value = body[name]
  return typeof value === 'string' ? value : ''
}

/** `data` of the body. */
export const dataOf = ({ body }: Call): Record<string, unknown> | undefined => {
  const { data } = body
  return data && typeof data === 'object' ? { ...data } : undefined
}

/** The body as JSON whatever its type says: gotrue-js calls it `text/plain`. */
export async function readBody(request: Request, world: GoTrueState): Promise<Call['body']> {
  const raw = await request.text()
  const isForm = request.headers.get('content-type')?.startsWith('application/x-www-form')
  if (isForm) return Object.fromEntries(new URLSearchParams(raw))
  let value: unknown
  try {
    value = JSON.parse(raw || 'null')
  } catch {
    throw refuseBody(world, 'invalid character')
  }
  if (value === null && !['/logout', '/verify'].includes(new URL(request.url).pathname)) {
    throw refuseBody(world, 'EOF')
  }
  return value && typeof value === 'object' ? (value as Record<string, unknown>) : {}
}

function refuseBody(world: GoTrueState, reason: string): Refusal {
  return either(
    world,
    http(400, `Could not read params: ${reason}`),
    http(400, `Could not parse request body as JSON: ${reason}`, 'bad_json'),
  )
}

/** The captcha answer of the body, by the name of this flavor. */
export function checkCaptcha(call: Call): void {
  const { world, body } = call
  const { captcha } = world.knobs
  if (captcha === undefined) return
  const security = (body['gotrue_meta_security'] ?? {}) as Record<string, unknown>
  const answer = security[world.flavor === 'fork2022' ? 'hcaptcha_token' : 'captcha_token']
  if (answer === captcha) return
  const reason = answer ? 'invalid-input-response' : 'no captcha_token found'
  throw either(
    world,
    http(400, 'request disallowed'),
    http(400, `captcha protection: request disallowed (${reason})`, 'captcha_failed'),
  )
}

export interface Caller {
  readonly user: User
  /** `null` on the fork, whose tokens name none. */
  readonly session: Session | null
}

/** Whose access token it is. "Expired" is 401 on the fork and 403 on the current server. */
export async function authenticate({ request, world }: Call): Promise<Caller> {
  const claims = await readClaims(request, world)
  const user = world.users.get(claims.sub ?? '')
  if (world.flavor === 'fork2022') {
    if (!claims.sub) throw http(400, 'Could not read User ID claim')
    if (!user) throw http(404, 'User not found')
    return { user, session: null }
  }
  if (!claims.sub) throw http(403, 'invalid claim: missing sub claim', 'bad_jwt')
  if (!user) throw http(403, 'User from sub claim in JWT does not exist', 'user_not_found')
  const sessionId = text({ body: claims }, 'session_id')
  const session = world.sessions.get(sessionId) ?? null
  if (sessionId && !session) {
    const message = 'Session from session_id claim in JWT does not exist'
    throw http(403, message, 'session_not_found')
  }
  if (user.banned) throw http(403, 'User is banned', 'user_banned')
  return { user, session }
}

/** Only a service key gets by. */
export async function requireAdmin({ request, world }: Call): Promise<void> {
  const { role } = await readClaims(request, world)
  if (role === 'service_role' || role === 'supabase_admin') return
  const message = 'User not allowed'
  throw either(world, http(401, message), http(403, message, 'not_admin'))
}

async function readClaims(request: Request, world: GoTrueState) {
  const bearer = /^bearer\s+(\S+)$/i.exec(request.headers.get('authorization') ?? '')?.[1]
  if (!bearer) {
    throw either(
      world,
      http(401, 'This endpoint requires a Bearer token'),
      http(401, 'This endpoint requires a valid Bearer token', 'no_authorization'),
    )
  }
  try {
    return await world.keys.verify(bearer, world.now())
  } catch (error) {
    if (!(error instanceof BadToken)) throw error
    const since = error.expiredFor === null ? '' : ` by ${formatDuration(error.expiredFor)}`
    const prefix = 'invalid JWT: unable to parse or verify signature'
    const detail =
      error.expiredFor === null ? error.message : `token has invalid claims: ${error.message}`
    throw either(
      world,
      http(401, `Invalid token: ${error.message}${since}`),
      http(403, `${prefix}, ${detail}`, 'bad_jwt'),
    )
  }
}

/** Go's way to write seconds: `1h0m5s`. */
function formatDuration(seconds: number): string {
  const whole = Math.floor(seconds)
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60]
  return `${hours ? `${hours}h` : ''}${whole >= 60 ? `${minutes}m` : ''}${whole % 60}s`
}

/** No endpoint for this on the fork, which says so as its router says it. */
export const notFound = (): Response =>
  new Response('404 page not found\n', {
    status: 404,
    headers: { 'content-type': 'text/plain; charset=utf-8' },
  })

/** OAuth's word for what this server does not do. */
export const unsupportedGrant = (world: GoTrueState): Refusal =>
  either(
    world,
    oauth('unsupported_grant_type'),
    http(400, 'unsupported_grant_type', 'invalid_credentials'),
  )
