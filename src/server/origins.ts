import { AuthError } from '../errors.js'
import type { Config } from './config.js'

/** Whether this host name never leaves the machine, so that plain http is safe. */
export function isLoopback(hostname: string): boolean {
  return (
    hostname === 'localhost' ||
    hostname.endsWith('.localhost') ||
    hostname === '[::1]' ||
    /^127(\.\d{1,3}){3}$/.test(hostname)
  )
}

// One leading `*.` for a subdomain label, `:*` for a port; anything freer would be a hole.
const pattern =
  /^(https?):\/\/(\*\.)?([a-z0-9-]+(?:\.[a-z0-9-]+)*|\[[0-9a-f:]+\])(?::(\d{1,5}|\*))?\/?$/i

/** Whether `value` can be one of `trustedOrigins`: an http(s) origin, or a pattern of them. */
export function isOriginPattern(value: unknown): value is string {
  if (typeof value !== 'string') return false
  const match = pattern.exec(value)
  if (match === null || (match[2] && match[3]?.startsWith('['))) return false
  return URL.canParse(value.replace('*.', '').replace(':*', ''))
}

/** Whether `origin`, as `URL.origin` writes it, is one of `trusted`. */
export function isTrusted(origin: string, trusted: readonly string[]): boolean {
  return trusted.some((entry) => {
    const [, scheme, wildcard, host, port] = pattern.exec(entry) ?? []
    if (scheme === undefined || host === undefined) return false
    if (!wildcard && port !== '*') return new URL(entry).origin === origin
    if (!URL.canParse(origin)) return false
    const url = new URL(origin)
    if (url.origin !== origin) return false
    const parent = host.toLowerCase()
    // One label, as in TLS certificates: `a.b.example.com` is not `*.example.com`.
    const hostMatches = wildcard
      ? url.hostname.slice(url.hostname.indexOf('.') + 1) === parent &&
        url.hostname.length > parent.length + 1
      : url.hostname === parent
    const portMatches =
      port === '*' ? url.port !== '' : url.port === new URL(`${scheme}://x:${port ?? ''}`).port
    return url.protocol === `${scheme.toLowerCase()}:` && hostMatches && portMatches
  })
}

/** The origins trusted for this request, its own not among them. */
export async function trustedOrigins(config: Config, request: Request): Promise<readonly string[]> {
  const trusted = config.trustedOrigins
  if (typeof trusted !== 'function') return trusted
  const answer: unknown = await trusted(request)
  return Array.isArray(answer) ? answer.filter(isOriginPattern) : []
}

/**
 * The origin that browsers know this server by.
 *
 * @throws `untrusted_origin` when proxy headers name an origin that is not trusted
 */
export async function ownOrigin(config: Config, request: Request): Promise<string> {
  if (config.baseOrigin !== null) return config.baseOrigin
  const url = new URL(request.url)
  if (!config.trustedProxyHeaders) return url.origin
  const host = first(request.headers.get('x-forwarded-host')) ?? url.host
  const scheme = first(request.headers.get('x-forwarded-proto')) ?? url.protocol.slice(0, -1)
  const claimed = `${scheme}://${host}`
  // A client may have sent these itself: the configuration says which origins can be true.
  if (isOriginPattern(claimed) && !claimed.includes('*')) {
    const { origin } = new URL(claimed)
    if (isTrusted(origin, await trustedOrigins(config, request))) return origin
  }
  throw new AuthError(
    'untrusted_origin',
    'The proxy headers name an origin that is not in trustedOrigins.',
    { status: 400 },
  )
}

// Proxies append: the first entry is what the browser spoke to.
const first = (list: string | null): string | null => list?.split(',')[0]?.trim() || null
