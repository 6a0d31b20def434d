import { refuse } from './errors.js'
import { createSecret, type AurinkoState } from './state.js'

/** `POST /v1/auth/token/{code}`, and the deprecated `GET`. No body, no content type, Basic. */
export function exchangeCode(request: Request, code: string, world: AurinkoState): Response {
  const { app, knobs, codes, users, sessions, now } = world
  const basic = Buffer.from(`${app.clientId}:${app.clientSecret}`).toString('base64')
  if (request.headers.get('authorization') !== `Basic ${basic}`) {
    const message = 'Authentication information is missing or invalid'
    return refuse(401, 'unauthorized', message, knobs)
  }
  const grant = codes.get(code)
  codes.delete(code)
  if (!grant || grant.expiresAt <= now()) {
    return refuse(knobs.codeExpiredStatus, 'code.expired', 'The code has expired.', knobs)
  }
  const userSession = createSecret()
  sessions.set(userSession, grant.userId)
  const primary = users.get(grant.userId)?.accounts.find(({ role }) => role === 'primary')
  const body = { accountId: primary?.id, accessToken: createSecret() }
  const ofUser = knobs.accountFlow ? {} : { userId: grant.userId, userSession }
  return Response.json({ ...body, ...ofUser }, { headers: { 'cache-control': 'no-store' } })
}
