import { consentPage, messagePage } from './page.js'
import { resolveRedirect } from './redirect-rule.js'
import type { Authorization, DribbbleState } from './state.js'
import { createSecret, recall, remember } from './state.js'
import { USER_NAME } from './user.js'

const TEN_MINUTES = 600_000
const COOKIE = 'dribbble_stand_in'
const SCOPES = ['public', 'upload']

const DESCRIPTIONS = {
  access_denied: 'The resource owner or authorization server denied the request.',
  application_suspended: 'Your application has been suspended.',
  invalid_redirect_uri: 'The redirect uri included is not valid.',
  invalid_scope: 'The requested scope is invalid, unknown, or malformed.',
  unsupported_response_type: 'The authorization server does not support this response type.',
}

/** `GET /oauth/authorize`: the consent page, or straight back where there is nothing to ask. */
export function openAuthorization(request: Request, world: DribbbleState): Response {
  const { knobs, grants, forms, now } = world
  const asked = readAuthorization(new URL(request.url).searchParams, world)
  if (asked instanceof Response) return asked
  if (knobs.deny) return refuse(asked.redirect, asked.state, 'access_denied')

  const known = readBrowser(request)
  const granted = known && grants.get(grantKey(known, asked))
  if (granted && knobs.silent && !knobs.revoked) {
    return allow(asked, knobs.silentScope ?? granted, world)
  }

  const browser = known ?? createSecret()
  const formToken = createSecret()
  const form = { authorization: asked, browser, expiresAt: now() + TEN_MINUTES }
  remember(forms, formToken, form, now())
  const response = consentPage({
    appName: asked.app.name ?? asked.app.clientId,
    userName: USER_NAME,
    scopes: asked.scope.split(' '),
    // What follows a custom scheme is not a host, so the whole address is shown.
    destination: asked.redirect.origin === 'null' ? asked.redirect.href : asked.redirect.host,
    formToken,
  })
  response.headers.set('set-cookie', `${COOKIE}=${browser}; Path=/; HttpOnly; SameSite=Lax`)
  return response
}

/** `POST /oauth/authorize`: the user pressed Allow or Deny. */
export async function closeAuthorization(
  request: Request,
  world: DribbbleState,
): Promise<Response> {
  const fields = new URLSearchParams(await request.text())
  const formToken = fields.get('form_token') ?? ''
  const form = recall(world.forms, formToken, world.now())
  // The cookie makes the token worthless to any page that got hold of another browser's form.
  if (!form || form.browser !== readBrowser(request)) {
    const hint = 'It was sent before, or took too long. Go back to the app and try again.'
    return messagePage(422, 'This form is no longer valid', hint)
  }
  world.forms.delete(formToken)
  const { authorization, browser } = form
  if (fields.get('decision') !== 'allow') {
    return refuse(authorization.redirect, authorization.state, 'access_denied')
  }
  world.grants.set(grantKey(browser, authorization), authorization.scope)
  return allow(authorization, authorization.scope, world)
}

/** In the order Doorkeeper checks them: client, redirect URI, and only then what it may tell. */
function readAuthorization(params: URLSearchParams, world: DribbbleState) {
  const app = world.apps.find(({ clientId }) => clientId === params.get('client_id'))
  if (!app) {
    const hint = 'Its client_id is unknown here, so there is no address to send you back to.'
    return messagePage(401, 'This app could not be found', hint)
  }
  const state = params.get('state') || null
  const redirect = resolveRedirect(app, params.get('redirect_uri'))
  // Not an error page, as stock Doorkeeper would have it: Dribbble tells the registered callback.
  if (!redirect) return refuse(new URL(app.callbackURL), state, 'invalid_redirect_uri')
  if (world.knobs.suspended) return refuse(redirect, state, 'application_suspended')
  if ((params.get('response_type') || 'code') !== 'code') {
    return refuse(redirect, state, 'unsupported_response_type')
  }
  const scopes = new Set((params.get('scope') || 'public').split(' ').filter(Boolean))
  if (scopes.size === 0 || [...scopes].some((scope) => !SCOPES.includes(scope))) {
    return refuse(redirect, state, 'invalid_scope')
  }
  const challenge = params.get('code_challenge')
  const method = params.get('code_challenge_method') || 'plain'
  return {
    app,
    redirect,
    redirectURI: params.get('redirect_uri') || app.callbackURL,
    scope: [...scopes].join(' '),
    state,
    challenge: challenge ? { value: challenge, method } : null,
  } satisfies Authorization
}

function allow(authorization: Authorization, scope: string, world: DribbbleState) {
  const code = createSecret()
  const expiresAt = world.now() + TEN_MINUTES
  remember(world.codes, code, { authorization, scope, expiresAt }, world.now())
  return sendBack(authorization.redirect, { code, state: authorization.state })
}

function refuse(redirect: URL, state: string | null, error: keyof typeof DESCRIPTIONS) {
  return sendBack(redirect, { error, error_description: DESCRIPTIONS[error], state })
}

function sendBack(redirect: URL, params: Readonly<Record<string, string | null>>) {
  const location = new URL(redirect)
  for (const [key, value] of Object.entries(params)) {
    if (value !== null) location.searchParams.set(key, value)
  }
  return new Response(null, { status: 302, headers: { location: location.href } })
}

function grantKey(browser: string, { app }: Authorization) {
  return `${browser} ${app.clientId}`
}

function readBrowser(request: Request) {
  const pairs = (request.headers.get('cookie') ?? '').split(/;\s*/)
  const value = pairs.find((pair) => pair.startsWith(`${COOKIE}=`))?.slice(COOKIE.length + 1)
  return value && /^[\w-]{43}$/.test(value) ? value : null
}
