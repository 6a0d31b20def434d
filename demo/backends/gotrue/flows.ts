import { createHash } from 'node:crypto'

import { text, type Call } from './call.js'
import { http } from './errors.js'
import type { Flow, GoTrueState } from './state.js'
import { startSession, type TokenAnswer } from './tokens.js'

type Challenge = NonNullable<Flow['challenge']>

/** The code challenge of a query or body. `null`: none, so the flow is implicit. */
export function readChallenge(value: string, method: string): Challenge | null {
  if (Boolean(value) !== Boolean(method)) {
    const message = 'PKCE flow requires code_challenge_method and code_challenge'
    throw http(400, message, 'validation_failed')
  }
  if (!value) return null
  if (value.length < 43 || value.length > 128) {
    const message = 'code challenge has to be between 43 and 128 characters'
    throw http(400, message, 'validation_failed')
  }
  if (!/^[a-zA-Z._~0-9-]+$/.test(value)) {
    const message =
      'code challenge can only contain alphanumeric characters, hyphens, periods, underscores and tildes'
    throw http(400, message, 'validation_failed')
  }
  if (!/^(s256|plain)$/i.test(method)) {
    throw http(400, 'Invalid code_challenge_method', 'validation_failed')
  }
  return { value, method: method.toLowerCase() }
}

/** The code challenge of a body; the fork reads none. */
export function challengeOf(call: Call): Challenge | null {
  if (call.world.flavor === 'fork2022') return null
  return readChallenge(text(call, 'code_challenge'), text(call, 'code_challenge_method'))
}

/** A new row of `flow_state`. Its clock runs from here. */
export function startFlow(
  world: GoTrueState,
  flow: Pick<Flow, 'method' | 'challenge'> & Partial<Flow>,
): Flow {
  const started: Flow = {
    id: crypto.randomUUID(),
    provider: flow.method,
    authCode: crypto.randomUUID(),
    redirectTo: world.siteURL,
    inviteToken: '',
    linkTo: null,
    createdAt: world.now(),
    userId: null,
    codeIssuedAt: null,
    providerToken: '',
    providerRefreshToken: '',
    ...flow,
  }
  world.flows.set(started.id, started)
  return started
}

/** A magic link starts the clock again when it is followed. Nothing else does. */
export function isExpired({ method, createdAt, codeIssuedAt }: Flow, world: GoTrueState): boolean {
  const from = method === 'magiclink' ? (codeIssuedAt ?? createdAt) : createdAt
  return world.now() > from + world.knobs.flowLifetime
}

/** The code for a link that was followed, of the flow that this user began last. */
export function issueCode(world: GoTrueState, userId: string, method: string): string {
  const isTheirs = (flow: Flow) => flow.userId === userId && flow.method === method
  const flow = [...world.flows.values()].filter(isTheirs).at(-1)
  if (!flow?.challenge) {
    const reason = 'No valid flow state found for user.'
    throw http(400, `No associated flow state found. ${reason}`, 'flow_state_not_found')
  }
  flow.codeIssuedAt = world.now()
  return flow.authCode
}

/** `grant_type=pkce`. A wrong verifier costs nothing: the code can be tried again. */
export async function exchangeCode(call: Call): Promise<TokenAnswer> {
  const { world } = call
  const code = text(call, 'auth_code')
  const verifier = text(call, 'code_verifier')
  if (!code || !verifier) {
    const message = 'invalid request: both auth code and code verifier should be non-empty'
    throw http(400, message, 'validation_failed')
  }
  const flow = [...world.flows.values()].find(({ authCode }) => authCode === code)
  const user = world.users.get(flow?.userId ?? '')
  if (!flow?.challenge || !user) {
    const message = 'invalid flow state, no valid flow state found'
    throw http(404, message, 'flow_state_not_found')
  }
  if (isExpired(flow, world)) {
    throw http(422, 'invalid flow state, flow state has expired', 'flow_state_expired')
  }
  if (!matches(flow.challenge, verifier)) {
    const message = 'code challenge does not match previously saved code verifier'
    throw http(400, message, 'bad_code_verifier')
  }
  world.flows.delete(flow.id)
  const { providerToken, providerRefreshToken } = flow
  return {
    ...(await startSession(world, user, flow.method)),
    ...(providerToken && { provider_token: providerToken }),
    ...(providerRefreshToken && { provider_refresh_token: providerRefreshToken }),
  }
}

/** RFC 7636, section 4.6. */
function matches({ value, method }: Challenge, verifier: string): boolean {
  if (method === 'plain') return verifier === value
  return createHash('sha256').update(verifier).digest('base64url') === value
}
