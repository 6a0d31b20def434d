import { randomBytes } from 'node:crypto'

import { createForkToken, createShortToken, encodeToken } from './refresh-token.js'
import type { GoTrueState, RefreshToken, Session, User } from './state.js'
import { describeUser } from './users.js'

/** The answer that signs somebody in. */
export interface TokenAnswer {
  readonly access_token: string
  readonly token_type: 'bearer'
  /** Seconds. */
  readonly expires_in: number
  /** Unix seconds, by the server's clock. The fork does not say. */
  readonly expires_at?: number
  readonly refresh_token: string
  readonly user: Record<string, unknown>
  readonly provider_token?: string
  readonly provider_refresh_token?: string
}

/** Begins a session: a row of its own on the current server, a first refresh token on both. */
export async function startSession(
  world: GoTrueState,
  user: User,
  method: string,
): Promise<TokenAnswer> {
  const now = world.now()
  user.lastSignInAt = now
  if (world.flavor === 'fork2022')
    return answerTokens(world, user, null, addToken(world, user, null))
  const session: Session = {
    id: crypto.randomUUID(),
    userId: user.id,
    createdAt: now,
    refreshedAt: now,
    method,
    hmacKey: randomBytes(32),
    counter: 0,
  }
  world.sessions.set(session.id, session)
  const token =
    world.refreshTokenVersion === 2 ? encodeToken(session) : addToken(world, user, null, session)
  return answerTokens(world, user, session, token)
}

/** A new row, active, below `parent`. Answers its token. */
export function addToken(
  world: GoTrueState,
  user: User,
  parent: RefreshToken | null,
  session: Session | null = null,
): string {
  const token = session ? createShortToken() : createForkToken()
  world.refreshTokens.set(token, {
    token,
    userId: user.id,
    parent: parent?.token ?? null,
    sessionId: session?.id ?? null,
    revoked: false,
    updatedAt: world.now(),
  })
  return token
}

/** A new access token beside this refresh token. */
export async function answerTokens(
  world: GoTrueState,
  user: User,
  session: Session | null,
  refreshToken: string,
): Promise<TokenAnswer> {
  const lifetime = Math.floor(world.knobs.accessTokenLifetime / 1000)
  const issuedAt = Math.floor(world.now() / 1000)
  const expiresAt = issuedAt + lifetime
  const claims = {
    aud: 'authenticated',
    exp: expiresAt,
    sub: user.id,
    email: user.email,
    phone: user.phone,
    app_metadata: user.appMetadata,
    user_metadata: user.userMetadata,
    role: 'authenticated',
  }
  const current = session && {
    iss: world.url,
    iat: issuedAt,
    aal: 'aal1',
    amr: [{ method: session.method, timestamp: Math.floor(session.createdAt / 1000) }],
    session_id: session.id,
    is_anonymous: user.isAnonymous,
  }
  return {
    access_token: await world.keys.sign({ ...claims, ...current }),
    token_type: 'bearer',
    expires_in: lifetime,
    ...(session && { expires_at: expiresAt }),
    refresh_token: refreshToken,
    user: describeUser(world, user),
  }
}

/** Ends sessions, and with them whatever refresh tokens they have. */
export function endSessions(world: GoTrueState, which: (session: Session) => boolean): void {
  for (const session of [...world.sessions.values()].filter(which)) {
    world.sessions.delete(session.id)
    for (const [token, { sessionId }] of world.refreshTokens) {
      if (sessionId === session.id) world.refreshTokens.delete(token)
    }
  }
}
