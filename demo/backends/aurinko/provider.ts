import { consentPage } from './page.js'
import type { Identity } from './land.js'
import type { AurinkoState } from './state.js'

/** The fictional person, as each service knows her. */
const IDENTITIES = new Map<string, Identity>([
  ['google', { email: 'ada.winter@gmail.example', name: 'Ada Winter' }],
  ['office365', { email: 'ada@northlight.example', name: 'Ada Winter (Northlight)' }],
])

export function identityOf(serviceType: string, code: string): Identity | null {
  const service = serviceType.toLowerCase()
  if (!code.startsWith(`${service}-`)) return null
  return IDENTITIES.get(service) ?? { email: `ada@${service}.example`, name: 'Ada Winter' }
}

/**
 * The providers' own sign-in pages, one path per service: `GET /google`. `?answer=` is the press of
 * a button.
 */
export function answerProvider(request: Request, { knobs }: AurinkoState): Response {
  const url = new URL(request.url)
  const service = url.pathname.slice(1)
  const target = url.searchParams.get('redirect_uri') ?? ''
  if (!/^[a-z\d]+$/.test(service) || !URL.canParse(target)) {
    return new Response('Nothing here', { status: 404 })
  }
  const answer = knobs.deny ? 'deny' : url.searchParams.get('answer')
  const response = answer ? sendBack(url, target, service, answer) : consentPage(service, url)
  if (knobs.coop !== undefined) response.headers.set('cross-origin-opener-policy', knobs.coop)
  return response
}

/** As Google does it: with parameters of its own, which Aurinko never sends. */
function sendBack(url: URL, target: string, service: string, answer: string): Response {
  const back = new URL(target)
  const params: Record<string, string> =
    answer === 'allow'
      ? { code: `${service}-code`, scope: 'email profile', authuser: '0', prompt: 'consent' }
      : { error: 'access_denied', error_description: 'The user denied access.' }
  for (const [name, value] of Object.entries(params)) back.searchParams.set(name, value)
  back.searchParams.set('state', url.searchParams.get('state') ?? '')
  return new Response(null, { status: 302, headers: { location: back.href } })
}
