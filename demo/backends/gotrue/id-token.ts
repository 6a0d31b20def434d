import { createHash } from 'node:crypto'

import { authenticate, text, type Call } from './call.js'
import { either, http, oauth } from './errors.js'
import { findAccount, linkAccount } from './external.js'
import { BadToken } from './keys.js'
import type { GoTrueState, User } from './state.js'
import { startSession, type TokenAnswer } from './tokens.js'

/** Who of the providers issues ID tokens that are taken here, and by which name. */
const ISSUERS = ['apple', 'azure', 'facebook', 'google', 'keycloak']

/** `grant_type=id_token`: a token that the app got from the provider by itself. */
export async function exchangeIDToken(call: Call): Promise<TokenAnswer> {
  const { world } = call
  const [idToken, provider] = [text(call, 'id_token'), readProvider(call)]
  if (!idToken) throw oauth('invalid request', 'id_token required')
  checkProvider(world, provider)
  const claims = await readClaims(world, idToken)
  const claim = (name: string): string => text({ body: claims }, name)
  checkNonce(world, text(call, 'nonce'), claim('nonce'))
  if (!claim('sub')) throw oauth('invalid request', 'Missing sub claim in id_token')
  const person = {
    sub: claim('sub'),
    email: claim('email'),
    emailVerified: claims['email_verified'] === true,
    name: claim('name'),
  }
  let user: User | null
  if (call.body['link_identity'] === true) {
    if (!call.request.headers.get('authorization')) {
      const message = 'Linking requires a valid user access token in Authorization'
      throw oauth('invalid request', message)
    }
    user = linkAccount(world, (await authenticate(call)).user, provider, person)
  } else user = findAccount(world, provider, person)
  if (!user) throw http(401, 'Error unverified email')
  return startSession(world, user, 'oauth')
}

/** By name, or by the issuer together with a client id. */
function readProvider(call: Call): string {
  const provider = text(call, 'provider')
  if (provider) return provider
  const issuer = text(call, 'issuer')
  if (!issuer || !text(call, 'client_id')) {
    throw oauth('invalid request', 'provider or client_id and issuer required')
  }
  return ISSUERS.find((name) => issuer.includes(name)) ?? issuer
}

function checkProvider(world: GoTrueState, provider: string): void {
  if (!ISSUERS.includes(provider)) {
    const unknown = `Provider ${provider} doesn't support the id_token grant flow`
    const custom = `Custom OIDC provider "${provider}" not allowed`
    throw either(world, http(500, unknown), http(400, custom, 'validation_failed'))
  }
  if (world.knobs.providers.includes(provider)) return
  throw either(
    world,
    http(400, 'Provider is not enabled'),
    http(400, `Provider (issuer "${provider}") is not enabled`, 'provider_disabled'),
  )
}

async function readClaims(world: GoTrueState, idToken: string) {
  try {
    return await world.keys.verifyIDToken(idToken, world.now())
  } catch (error) {
    if (!(error instanceof BadToken)) throw error
    throw either(
      world,
      http(400, `oidc: ${error.message}`),
      oauth('invalid request', 'Bad ID token'),
    )
  }
}

/** The ID token has the nonce's SHA-256 in hex, the app the nonce itself. Both, or neither. */
function checkNonce(world: GoTrueState, given: string, hashed: string): void {
  if (Boolean(given) !== Boolean(hashed)) {
    const message = 'Passed nonce and nonce in id_token should either both exist or not.'
    throw oauth('invalid request', message)
  }
  if (!given || createHash('sha256').update(given).digest('hex') === hashed) return
  throw oauth('invalid nonce', world.flavor === 'fork2022' ? '' : 'Nonces mismatch')
}
