import { createHash } from 'node:crypto'

import type { Authorization, DribbbleState } from './state.js'
import { createSecret, recall, remember } from './state.js'

const DESCRIPTIONS = {
  invalid_client:
    'Client authentication failed due to unknown client, no client authentication included, ' +
    'or unsupported authentication method.',
  invalid_grant:
    'The provided authorization grant is invalid, expired, revoked, does not match the ' +
    'redirection URI used in the authorization request, or was issued to another client.',
  invalid_request: 'Missing required parameter: code.',
  unsupported_grant_type:
    'The authorization grant type is not supported by the authorization server.',
}

/** `POST /oauth/token`: a code for an access token. A refused attempt does not spend the code. */
export async function exchangeCode(request: Request, world: DribbbleState): Promise<Response> {
  const { knobs, codes, tokens } = world
  const now = world.now()
  if (knobs.tokenError) {
    const { error, description, status = 400 } = knobs.tokenError
    return refuse(error, description, knobs.legacyStatus401 ? 401 : status)
  }
  const fail = (error: keyof typeof DESCRIPTIONS) => {
    const status = knobs.legacyStatus401 || error === 'invalid_client' ? 401 : 400
    return refuse(error, DESCRIPTIONS[error], status)
  }

  const params = await readParams(request)
  // Its absence is tolerated: clients from Dribbble's own examples never sent it.
  if ((params.get('grant_type') || 'authorization_code') !== 'authorization_code') {
    return fail('unsupported_grant_type')
  }
  const code = params.get('code')
  if (!code) return fail('invalid_request')
  const app = authenticate(request, params, world)
  if (!app) return fail('invalid_client')

  const grant = recall(codes, code, now)
  const redirectURI = params.get('redirect_uri')
  if (
    !grant ||
    grant.authorization.app !== app ||
    (redirectURI && redirectURI !== grant.authorization.redirectURI) ||
    !isVerified(grant.authorization.challenge, params.get('code_verifier'), knobs.pkce)
  ) {
    return fail('invalid_grant')
  }
  codes.delete(code)

  const token = createSecret()
  const { scope } = grant
  const expiresAt = knobs.expiresIn === undefined ? Infinity : now + knobs.expiresIn * 1000
  remember(tokens, token, { scope, expiresAt }, now)
  const createdAt = knobs.createdAt === true ? Math.floor(now / 1000) : knobs.createdAt
  const body = {
    access_token: token,
    token_type: knobs.tokenType,
    scope,
    expires_in: knobs.expiresIn,
    created_at: createdAt === false ? undefined : createdAt,
  }
  return Response.json(body, { headers: { 'cache-control': 'no-store', pragma: 'no-cache' } })
}

function refuse(error: string, description: string | undefined, status: number) {
  const details = Object.entries({ error, error_description: description ?? '' })
  const challenge = details
    // Whatever a knob says, a header carries printable ASCII only.
    .map(([key, value]) => `${key}="${value.replace(/[^ -~]|["\\]/g, '')}"`)
    .join(', ')
  const headers = {
    'cache-control': 'no-store',
    pragma: 'no-cache',
    'www-authenticate': `Bearer realm="Doorkeeper", ${challenge}`,
  }
  return Response.json({ error, error_description: description }, { status, headers })
}

/** Form, JSON and query string: Dribbble's clients in the wild send all three. */
async function readParams(request: Request) {
  const params = new URL(request.url).searchParams
  const text = await request.text()
  const isJSON = request.headers.get('content-type')?.includes('json')
  for (const [key, value] of isJSON ? readJSON(text) : new URLSearchParams(text)) {
    params.set(key, value)
  }
  return params
}

function readJSON(text: string): [string, string][] {
  try {
    const body: unknown = JSON.parse(text)
    const entries = Object.entries(body ?? {}) as [string, unknown][]
    return entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string')
  } catch {
    return []
  }
}

/** The app whose id and secret came by HTTP Basic, else by parameters; `undefined`: neither. */
function authenticate(request: Request, params: URLSearchParams, { apps }: DribbbleState) {
  const basic = /^basic (.+)$/i.exec(request.headers.get('authorization') ?? '')?.[1]
  // Doorkeeper splits at the first colon and, unlike RFC 6749 §2.3.1, decodes neither half.
  const pair = basic && /^([^:]*):(.*)$/s.exec(Buffer.from(basic, 'base64').toString())
  const id = pair ? pair[1] : params.get('client_id')
  const secret = pair ? pair[2] : params.get('client_secret')
  return apps.find((app) => app.clientId === id && app.clientSecret === secret)
}

function isVerified(
  challenge: Authorization['challenge'],
  verifier: string | null,
  pkce: DribbbleState['knobs']['pkce'],
) {
  if (!challenge || pkce === 'ignore') return true
  if (!verifier) return pkce === 'verify'
  if (challenge.method !== 'S256') return challenge.value === verifier
  return challenge.value === createHash('sha256').update(verifier).digest('base64url')
}
