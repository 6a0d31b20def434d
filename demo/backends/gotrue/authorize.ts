import { authenticate, type Call } from './call.js'
import { http } from './errors.js'
import { readChallenge, startFlow } from './flows.js'
import { redirect, resolveRedirect } from './redirects.js'
import { find } from './users.js'

/** What the server sets itself, so that no client can. `redirect_to` and the like go through. */
const OWN = /^(client_id|client_secret|redirect_uri|response_type|state|code_.*)$/i

/** `GET /authorize`. Every error is a JSON page of this origin: nobody is sent back. */
export async function answerAuthorize(call: Call): Promise<Response> {
  return redirect(await beginAtProvider(call, null))
}

/** `GET /user/identities/authorize`: the same, for who is signed in already. */
export async function answerLink(call: Call): Promise<Response> {
  const { user } = await authenticate(call)
  refuseLinking(call)
  const url = await beginAtProvider(call, user.id)
  return call.query.get('skip_http_redirect') === 'true' ? Response.json({ url }) : redirect(url)
}

/** `DELETE /user/identities/{identity_id}`. */
export async function answerUnlink(call: Call): Promise<Response> {
  const { world, name } = call
  const { user } = await authenticate(call)
  refuseLinking(call)
  if (!/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(name)) {
    throw http(404, 'identity_id must be an UUID', 'validation_failed')
  }
  if (user.identities.length <= 1) {
    const message = 'User must have at least 1 identity after unlinking'
    throw http(422, message, 'single_identity_not_deletable')
  }
  const identity = user.identities.find(({ identityId }) => identityId === name)
  if (!identity) throw http(422, "Identity doesn't exist", 'identity_not_found')
  user.identities = user.identities.filter((it) => it !== identity)
  const left = user.identities.find(({ data }) => typeof data['email'] === 'string')
  if (identity.provider === 'phone') Object.assign(user, { phone: '', phoneConfirmedAt: null })
  else if (left) user.email = String(left.data['email'])
  const providers = user.identities.map(({ provider }) => provider)
  Object.assign(user.appMetadata, { provider: providers[0], providers })
  user.updatedAt = world.now()
  return Response.json({})
}

function refuseLinking({ world }: Call): void {
  if (world.knobs.manualLinking) return
  throw http(404, 'Manual linking is disabled', 'manual_linking_disabled')
}

/** Where the provider asks its user. Remembers how to go on when they come back. */
async function beginAtProvider(call: Call, linkTo: string | null): Promise<string> {
  const { world, query, request } = call
  const provider = (query.get('provider') ?? '').toLowerCase()
  if (!world.knobs.providers.includes(provider)) {
    const isKnown = provider !== '' && /^[a-z_]+$/.test(provider)
    const reason = isKnown ? 'provider is not enabled' : `Provider ${provider} could not be found`
    throw http(400, `Unsupported provider: ${reason}`, 'validation_failed')
  }
  const inviteToken = query.get('invite_token') ?? ''
  if (inviteToken && !find(world, ({ confirmation }) => confirmation?.token === inviteToken)) {
    throw http(404, 'User identified by token not found', 'user_not_found')
  }
  const redirectTo = resolveRedirect(request, world)
  const url = new URL('/oauth/authorize', world.providerURL)
  const set = (name: string, value: string) => url.searchParams.set(name, value)

  if (world.flavor === 'fork2022') {
    const now = Math.floor(world.now() / 1000)
    const claims = { exp: now + 300, provider, referrer: redirectTo, site_url: world.siteURL }
    set(
      'state',
      await world.keys.sign({ ...claims, ...(inviteToken && { invite_token: inviteToken }) }),
    )
  } else {
    const [value, method] = ['code_challenge', 'code_challenge_method'].map((it) => query.get(it))
    const challenge = readChallenge(value ?? '', method ?? '')
    for (const [name, text] of query) {
      if (name !== 'provider' && name !== 'scopes' && !OWN.test(name)) set(name, text)
    }
    const flow = { method: 'oauth', provider, challenge, redirectTo, inviteToken, linkTo }
    set('state', startFlow(world, flow).id)
  }
  set('client_id', world.clientId)
  set('redirect_uri', `${world.url}/callback`)
  set('response_type', 'code')
  set('scope', query.get('scopes') || 'profile email')
  return url.href
}
