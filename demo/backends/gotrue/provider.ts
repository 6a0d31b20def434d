import { randomBytes } from 'node:crypto'

import { escapeHTML, PLAIN_STYLE, respond } from '../page.js'
import { redirect } from './redirects.js'
import type { GoTrueState } from './state.js'

/** The provider's origin: one page that asks, and where its two buttons lead. */
export async function answerProvider(request: Request, world: GoTrueState): Promise<Response> {
  const { pathname, searchParams } = new URL(request.url)
  const response = await answer(request, world, pathname, searchParams)
  const { coop } = world.knobs
  if (coop !== undefined) response.headers.set('cross-origin-opener-policy', coop)
  return response
}

async function answer(
  request: Request,
  world: GoTrueState,
  pathname: string,
  query: URLSearchParams,
): Promise<Response> {
  if (pathname !== '/oauth/authorize') return new Response('Not found', { status: 404 })
  // Its one client is known to it, and so is the one address that it may be sent back to.
  if (query.get('redirect_uri') !== `${world.url}/callback`) {
    return new Response('This redirect_uri is not registered.', { status: 400 })
  }
  const decision =
    request.method === 'POST'
      ? new URLSearchParams(await request.text()).get('decision')
      : world.knobs.provider
  if (decision === 'allow') return allow(world, query)
  if (decision === 'deny') return deny(world, query)
  return page(world, query)
}

function allow(world: GoTrueState, query: URLSearchParams): Response {
  const code = randomBytes(16).toString('hex')
  world.providerCodes.set(code, world.knobs.person)
  return sendBack(world, query, { code })
}

const deny = (world: GoTrueState, query: URLSearchParams): Response =>
  sendBack(world, query, {
    error: 'access_denied',
    error_description: 'The user has denied your application access.',
  })

function sendBack(
  world: GoTrueState,
  query: URLSearchParams,
  params: Readonly<Record<string, string>>,
): Response {
  const url = new URL(`${world.url}/callback`)
  for (const [name, value] of Object.entries(params)) url.searchParams.set(name, value)
  url.searchParams.set('state', query.get('state') ?? '')
  return redirect(url.href)
}

/** Tests press `#allow` and `#deny`. */
function page({ knobs, clientId }: GoTrueState, query: URLSearchParams): Response {
  const { name, email } = knobs.person
  const body = `<h1>Let ${escapeHTML(clientId)} know who you are?</h1>
    <p>You are <strong>${escapeHTML(name)}</strong>, ${escapeHTML(email)}.
      It would like to see: ${escapeHTML(query.get('scope') ?? '')}.</p>
    <form method="post">
      <button id="allow" name="decision" value="allow">Allow</button>
      <button id="deny" name="decision" value="deny">Deny</button>
    </form>
    <p>A stand-in for a provider behind GoTrue. Nothing leaves this machine.</p>`
  const title = 'Sign in · stand-in provider'
  return respond({ title, head: PLAIN_STYLE, body }, "style-src 'unsafe-inline'")
}
