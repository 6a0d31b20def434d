import { createHmac } from 'node:crypto'

import { refuse } from './errors.js'
import { fail } from './land.js'
import { imapForm } from './page.js'
import { sign, userOfCookie, type Asked, type AurinkoState } from './state.js'

/** Aurinko's own: the whole authorization has to end within it. Seconds. */
const LOGIN_TTL = 1800
/** Seconds that a `userSignature` may be old. */
const SIGNATURE_TTL = 300

const OAUTH =
  'Google Office365 Salesforce Salesflare Slack SugarCRM HighLevel Hubspot Zoom Webex WebexBot ' +
  'Pipedrive NetSuite Zoho Clientify QuickBooks ActiveCampaign Creatio ConstantContact'
/** Those that Aurinko asks for a password itself. */
const FORMS = 'EWS IMAP iCloud Repfabric EclipseERP AutoQuotes SpecPath Fishbowl'
const SCOPES =
  'Calendar.Read Calendar.ReadWrite Mail.Read Mail.ReadWrite Mail.Send Mail.Drafts Mail.All ' +
  'Contacts.Read Contacts.ReadWrite Tasks.Read Tasks.ReadWrite'

const includes = (list: string, word: string): boolean => list.split(' ').includes(word)

/** `GET /v1/auth/authorizeUser`. What is wrong with the request itself is shown, and goes nowhere. */
export function authorizeUser(request: Request, world: AurinkoState): Response {
  const asked = readAsked(request, world)
  if (asked instanceof Response) return asked
  if (asked.role === 'secondary' && !asked.userId) {
    return fail(asked, 'unauthorized', 'There is no user to link an account to.', world)
  }
  const iat = Math.floor(world.now() / 1000)
  const { app, knobs } = world
  const state = sign({ ...asked, appId: app.appId, iat, exp: iat + LOGIN_TTL }, world.key)
  if (includes(FORMS, asked.serviceType)) return imapForm(asked, state)
  const callback = {
    app: `${app.appOrigin}/v1/auth/callback`,
    api: `${world.apiURL()}/v1/auth/callback`,
  }[knobs.cookieHost]
  const url = new URL(`/${asked.serviceType.toLowerCase()}`, world.providerURL())
  url.searchParams.set('redirect_uri', knobs.misdirected ? asked.returnUrl : callback)
  url.searchParams.set('state', state)
  if (asked.loginHint) url.searchParams.set('login_hint', asked.loginHint)
  return new Response(null, { status: 303, headers: { location: url.href } })
}

function readAsked(request: Request, world: AurinkoState): Asked | Response {
  const { app, knobs } = world
  const params = new URL(request.url).searchParams
  const show = (code: string, message: string, status = 400): Response =>
    refuse(status, code, message, knobs)
  const list = (name: string): string[] => (params.get(name) ?? '').split(/[ +]/).filter(Boolean)

  if (params.get('clientId') !== app.clientId) return show('clientid.invalid', 'No such app.', 401)
  const serviceType = params.get('serviceType') ?? ''
  if (!includes(`${OAUTH} ${FORMS}`, serviceType)) {
    return show('servicetype.invalid', `Unknown service "${serviceType}".`)
  }
  const role = params.get('accountRole')
  if (role !== 'primary' && role !== 'secondary') {
    return show('accountrole.invalid', 'accountRole is primary or secondary.')
  }
  const returnUrl = params.get('returnUrl') ?? ''
  if (!app.returnUrls.includes(returnUrl)) {
    const message = "returnUrl doesn't match the configured urls for the app."
    return show('returnurl.invalid', message, knobs.returnUrlStatus)
  }
  const responseType = params.get('responseType') ?? 'cookie'
  const allowed = role === 'primary' ? 'cookie code' : 'cookie code none'
  if (!includes(allowed, responseType)) {
    return show('responsetype.invalid', `${responseType} is not for ${role} accounts.`)
  }
  const scopes = list('scopes')
  const isIMAP = serviceType === 'IMAP'
  if (scopes.some((scope) => !includes(SCOPES, scope)) || (isIMAP && !scopes.length)) {
    return show('Scopes.invalid', 'The scopes are not valid for this service.')
  }
  const mailboxInfo = params.get('mailboxInfo')
  const accountId = params.get('accountId')
  return {
    serviceType,
    role,
    responseType: responseType as Asked['responseType'],
    returnUrl,
    scopes,
    nativeScopes: list('nativeScopes'),
    state: params.get('state'),
    loginHint: params.get('loginHint'),
    serverUrl: params.get('serverUrl'),
    mailboxInfo,
    accountId: accountId === null ? null : Number(accountId),
    userId: userOfCookie(request, world, mailboxInfo)?.id ?? readSignature(params, world),
  }
}

/** The user named by `userId`, if `userSignature` proves that the app's server did. */
function readSignature(params: URLSearchParams, world: AurinkoState): string | null {
  const { app, users, now } = world
  const userId = params.get('userId') ?? ''
  const timestamp = params.get('timestamp') ?? ''
  const given = params.get('userSignature')
  // In ms it would be thousands of years from now.
  if (!(Math.abs(now() / 1000 - Number(timestamp)) <= SIGNATURE_TTL)) return null
  const hmac = createHmac('sha256', app.clientSecret)
    .update(userId + timestamp)
    .digest()
  const spellings = (['hex', 'base64', 'base64url'] as const).map((as) => hmac.toString(as))
  return users.has(userId) && given && spellings.includes(given) ? userId : null
}
