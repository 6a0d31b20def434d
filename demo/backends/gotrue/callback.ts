import { text, type Call } from './call.js'
import { http, oauth, REDIRECT_ERRORS, Refusal, writeRefusal } from './errors.js'
import { findAccount, linkAccount } from './external.js'
import { isExpired } from './flows.js'
import { BadToken } from './keys.js'
import type { Person } from './knobs.js'
import {
  describeFailure,
  mergeQuery,
  redirect,
  replaceFragment,
  withQuery,
  withTokens,
} from './redirects.js'
import type { Flow, GoTrueState, User } from './state.js'
import { startSession } from './tokens.js'
import { confirmEmail, find } from './users.js'

/** `GET` and `POST /callback`: whoever comes back from the provider is sent on to the app. */
export const answerCallback = (call: Call): Promise<Response> =>
  call.world.flavor === 'fork2022' ? answerFork(call) : answerCurrent(call)

/** `api/external.go`: tokens in the fragment, always, and errors appended to the query as text. */
async function answerFork(call: Call): Promise<Response> {
  const { world } = call
  const state = await readForkState(call)
  const to = state.referrer
  try {
    const person = readPerson(call)
    const user = state.inviteToken
      ? acceptInvite(world, state.inviteToken)
      : findAccount(world, state.provider, person)
    if (!user) {
      const refusal = http(401, `Unverified email with ${state.provider}`)
      return redirect(describeFailure(refusal, to, true, false))
    }
    const answer = await startSession(world, user, 'oauth')
    return redirect(withTokens(to, answer, { provider_token: providerToken(person) }))
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    const name = error.oauth ? error.code : (REDIRECT_ERRORS[error.status] ?? 'server_error')
    return redirect(withQuery(to, { error: name, error_description: error.message }))
  }
}

/** A state that is not good leaves people on a page of JSON. */
async function readForkState(call: Call) {
  const { world } = call
  const state = read(call, 'state')
  if (!state) throw http(400, 'OAuth state parameter missing')
  try {
    const claims = await world.keys.verify(state, world.now())
    const claim = (name: string): string => text({ body: claims }, name)
    return {
      provider: claim('provider'),
      referrer: claim('referrer') || world.siteURL,
      inviteToken: claim('invite_token'),
    }
  } catch (error) {
    if (!(error instanceof BadToken)) throw error
    throw http(400, `OAuth state is invalid: ${error.message}`)
  }
}

/** `internal/api/external.go`: a code or tokens, and errors in the query and in the fragment. */
async function answerCurrent(call: Call): Promise<Response> {
  const { world, request } = call
  let flow: Flow
  try {
    flow = readFlow(call)
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    // Nobody knows any more where they wanted to go.
    const location = mergeQuery(world.siteURL, redirectError(error))
    const json = writeRefusal(error, request, world)
    json.headers.set('location', location)
    return new Response(json.body, { status: 303, headers: json.headers })
  }
  const to = flow.redirectTo
  try {
    const person = readPerson(call)
    const user = findFlowUser(world, flow, person)
    if (flow.challenge) {
      flow.userId = user.id
      flow.codeIssuedAt = world.now()
      flow.providerToken = providerToken(person)
      flow.providerRefreshToken = `refresh-${providerToken(person)}`
      return redirect(mergeQuery(to, { code: flow.authCode }))
    }
    world.flows.delete(flow.id)
    const answer = await startSession(world, user, 'oauth')
    const token = providerToken(person)
    const extra = { provider_token: token, provider_refresh_token: `refresh-${token}` }
    return redirect(withTokens(to, answer, extra))
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    const params = redirectError(error)
    return redirect(replaceFragment(mergeQuery(to, params), { ...params, sb: '' }))
  }
}

function readFlow(call: Call): Flow {
  const { world } = call
  const state = read(call, 'state')
  if (!state) throw http(400, 'OAuth state parameter missing', 'bad_oauth_callback')
  const refuse = (message: string) => http(400, message, 'bad_oauth_state')
  if (!/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(state)) {
    throw refuse('OAuth state parameter is invalid')
  }
  const flow = world.flows.get(state)
  if (!flow) throw refuse('OAuth state not found or expired')
  if (isExpired(flow, world)) throw refuse('OAuth state has expired')
  if (flow.userId) throw http(400, 'State has already been used', 'flow_state_already_used')
  return flow
}

function findFlowUser(world: GoTrueState, flow: Flow, person: Person): User {
  const { linkTo, inviteToken, provider } = flow
  if (linkTo) return linkAccount(world, world.users.get(linkTo)!, provider, person)
  if (inviteToken) return acceptInvite(world, inviteToken)
  return findAccount(world, provider, person)!
}

/** What a redirect says of a refusal, beside the number that it has no place for. */
function redirectError({ status, code, message, oauth: isOAuth }: Refusal) {
  if (isOAuth) return { error: code, error_description: message }
  const isDenial = /^(signup_disabled|user_banned|provider_email_needs_verification)$/.test(code)
  const error = isDenial ? 'access_denied' : (REDIRECT_ERRORS[status] ?? 'server_error')
  return { error, error_code: code, error_description: message }
}

/** A parameter of the query, or of the form that some providers post. */
const read = (call: Call, name: string): string => call.query.get(name) ?? text(call, name)

/** Who the provider says it was. Its own refusals are passed on in its own words. */
function readPerson(call: Call): Person {
  const { world } = call
  const error = read(call, 'error')
  if (error) throw oauth(error, read(call, 'error_description'))
  const code = read(call, 'code')
  if (!code) {
    const text =
      world.flavor === 'fork2022'
        ? 'Authorization code missing'
        : 'OAuth callback with missing authorization code missing'
    throw http(400, text, 'bad_oauth_callback')
  }
  const person = world.knobs.providerFails ? undefined : world.providerCodes.get(code)
  world.providerCodes.delete(code)
  if (!person) {
    const shown = world.flavor === 'fork2022' ? code : code.slice(0, 4)
    throw http(500, `Unable to exchange external code: ${shown}`, 'unexpected_failure')
  }
  return person
}

function acceptInvite(world: GoTrueState, token: string): User {
  const user = find(world, ({ confirmation }) => confirmation?.token === token)
  if (!user) throw http(404, 'Confirmation Token not found', 'user_not_found')
  confirmEmail(world, user)
  return user
}

const providerToken = ({ sub }: Person): string => `provider-token-of-${sub}`
