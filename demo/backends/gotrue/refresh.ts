import { http, oauth, type Refusal } from './errors.js'
import { decodeToken, encodeToken } from './refresh-token.js'
import type { GoTrueState, RefreshToken, Session, User } from './state.js'
import { addToken, answerTokens, endSessions, type TokenAnswer } from './tokens.js'

/** `grant_type=refresh_token`. */
export function refresh(world: GoTrueState, token: string): Promise<TokenAnswer> {
  return world.flavor === 'fork2022' ? refreshFork(world, token) : refreshCurrent(world, token)
}

/** `api/token.go`, RefreshTokenGrant: one message for every cause. */
async function refreshFork(world: GoTrueState, token: string): Promise<TokenAnswer> {
  if (!token) throw oauth('invalid_request', 'refresh_token required')
  const refusal = oauth('invalid_grant', 'Invalid Refresh Token')
  const row = world.refreshTokens.get(token)
  const user = row && world.users.get(row.userId)
  if (!row || !user || user.banned) throw refusal

  let next: string | null = null
  if (row.revoked) {
    const child = children(world, row).find(({ revoked }) => !revoked)
    if (child && world.now() < row.updatedAt + world.knobs.reuseInterval) next = child.token
    if (next === null) {
      if (world.knobs.rotation) revokeBelow(world, row)
      throw refusal
    }
  }
  // Awaited between reading the row and writing it, because the fork locks nothing: two requests
  // of one moment both find the token active, and its family forks.
  const answer = await answerTokens(world, user, null, next ?? '')
  return next === null ? { ...answer, refresh_token: rotate(world, user, row, null) } : answer
}

/** `internal/tokens/service.go`. Nothing is awaited before the end: the server locks the rows. */
async function refreshCurrent(world: GoTrueState, token: string): Promise<TokenAnswer> {
  const isShort = token.length === 12
  const decoded = isShort ? null : decodeToken(token)
  if (isShort ? !/^[a-z0-9]{12}$/.test(token) : decoded === null) {
    throw http(400, 'Refresh token is not valid', 'validation_failed')
  }
  const row = world.refreshTokens.get(token)
  const session = world.sessions.get(decoded?.sessionId ?? row?.sessionId ?? '')
  const user = world.users.get(session?.userId ?? row?.userId ?? '')
  const isKnown = decoded ? session && decoded.isSignedBy(session.hmacKey) : row
  if (!isKnown || !user) throw refuse('Refresh Token Not Found', 'refresh_token_not_found')
  if (user.banned) throw refuse('User Banned', 'user_banned')
  if (!session) throw refuse('No Valid Session Found', 'session_not_found')
  if (world.now() > session.createdAt + world.knobs.timebox) {
    throw refuse('Session Expired', 'session_expired')
  }
  const next = decoded ? advance(world, session, decoded.counter) : swap(world, user, session, row!)
  session.refreshedAt = world.now()
  return answerTokens(world, user, session, next)
}

/** Version 1: the parent of the active token is good at any time, older ones for an interval. */
function swap(world: GoTrueState, user: User, session: Session, row: RefreshToken): string {
  if (row.revoked) {
    const isActive = (it: RefreshToken) => it.sessionId === session.id && !it.revoked
    const active = [...world.refreshTokens.values()].filter(isActive).at(-1)
    if (active?.parent === row.token) return active.token
    if (world.now() >= row.updatedAt + world.knobs.reuseInterval) {
      if (world.knobs.rotation) revokeAll(world, session)
      throw refuse('Already Used', 'refresh_token_already_used')
    }
  }
  return rotate(world, user, row, session)
}

/** Version 2: a number tells how old a token is. Reuse that is not allowed ends the session. */
function advance(world: GoTrueState, session: Session, counter: number): string {
  const behind = session.counter - counter
  if (behind < 0) throw refuse('Not Issued By This Server', 'validation_failed')
  if (behind === 0) session.counter += 1
  else if (behind > 1 && world.now() - session.refreshedAt >= world.knobs.reuseInterval) {
    if (world.knobs.rotation) endSessions(world, ({ id }) => id === session.id)
    throw refuse('Already Used', 'refresh_token_already_used')
  }
  return encodeToken(session)
}

const refuse = (reason: string, code: string): Refusal =>
  http(400, `Invalid Refresh Token: ${reason}`, code)

/** Spends a token and answers the one below it. */
function rotate(world: GoTrueState, user: User, row: RefreshToken, session: Session | null) {
  revoke(world, row)
  user.lastSignInAt = world.now()
  return addToken(world, user, row, session)
}

function revoke(world: GoTrueState, row: RefreshToken): void {
  row.revoked = true
  row.updatedAt = world.now()
}

const children = (world: GoTrueState, row: RefreshToken): RefreshToken[] =>
  [...world.refreshTokens.values()].filter(({ parent }) => parent === row.token)

function revokeBelow(world: GoTrueState, row: RefreshToken): void {
  for (const child of children(world, row)) {
    revoke(world, child)
    revokeBelow(world, child)
  }
}

function revokeAll(world: GoTrueState, session: Session): void {
  for (const row of world.refreshTokens.values()) {
    if (row.sessionId === session.id && !row.revoked) revoke(world, row)
  }
}
