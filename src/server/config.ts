import { AuthError } from '../errors.js'
import { resolveBridges, type Bridge } from './bridge.js'
import { isOriginPattern } from './origins.js'
import { resolveProviders, type ResolvedProvider } from './providers/resolve.js'
import type { AuthOptions, SessionOptions, TrustedOrigins } from './types.js'

/** The options, checked once and completed: nothing behind this can be misconfigured. */
export interface Config {
  readonly providers: ReadonlyMap<string, ResolvedProvider>
  /** By provider id. */
  readonly bridges: ReadonlyMap<string, Bridge>
  /** Starts with a slash and does not end with one. */
  readonly basePath: string
  /** `null`: the request says it. */
  readonly baseOrigin: string | null
  readonly secret: string
  readonly salt: string
  readonly trustedOrigins: TrustedOrigins
  readonly trustedProxyHeaders: boolean
  readonly session: Required<SessionOptions>
  readonly fetch: typeof fetch
  readonly now: () => number
  readonly timeout: number
  readonly allowInsecureRequests: boolean
  readonly onError: NonNullable<AuthOptions['onError']>
}

type Env = NonNullable<AuthOptions['env']>

const invalid = (message: string): AuthError => new AuthError('invalid_config', message)

/** @throws `invalid_config`, saying what to do */
export function resolveConfig(options: AuthOptions): Config {
  const env = options.env ?? processEnv()
  const listed = env['AURA_AUTH_TRUSTED_ORIGINS']?.split(/[\s,;]+/).filter(Boolean)
  const trusted = listed?.length ? listed : (options.trustedOrigins ?? [])
  if (typeof trusted !== 'function') {
    const wrong = trusted.find((entry): boolean => !isOriginPattern(entry))
    if (wrong !== undefined)
      throw invalid(
        `trustedOrigins: "${wrong}" is not an origin such as "https://app.example.com" or "https://*.example.com".`,
      )
  }
  const basePath = checkBasePath(options.basePath ?? '/auth')
  const baseOrigin = checkBaseURL(env['AURA_AUTH_BASE_URL'] || options.baseURL, basePath)
  const trustedProxyHeaders = options.trustedProxyHeaders ?? false
  if (trustedProxyHeaders && baseOrigin === null && trusted.length === 0)
    throw invalid('trustedProxyHeaders needs trustedOrigins or baseURL: anyone can send a header.')
  const allowInsecureRequests = options.allowInsecureRequests ?? false
  const providers = resolveProviders(options.oauth, env, allowInsecureRequests)
  return {
    secret: checkSecret(options.secret ?? env['AURA_AUTH_SECRET'], 'AURA_AUTH_SECRET'),
    salt: checkSecret(options.salt ?? env['AURA_AUTH_SALT'], 'AURA_AUTH_SALT'),
    providers,
    bridges: resolveBridges(options.bridge ?? {}, providers, {
      basePath,
      baseOrigin,
      trustedOrigins: trusted,
    }),
    basePath,
    baseOrigin,
    trustedOrigins: trusted,
    trustedProxyHeaders,
    session: checkSession(options.session ?? {}),
    // Looked up when called: the global may be instrumented later.
    fetch: options.fetch ?? ((...input) => globalThis.fetch(...input)),
    now: options.now ?? (() => Date.now()),
    timeout: options.timeout ?? 10_000,
    allowInsecureRequests,
    onError: options.onError ?? (() => {}),
  }
}

/** `process.env` without `@types/node`: edge runtimes have no `process`. */
export function processEnv(): Env {
  return (globalThis as { process?: { env?: Env } }).process?.env ?? {}
}

function checkSecret(value: string | undefined, variable: string): string {
  const problem =
    value === undefined || value === ''
      ? 'is not set'
      : new TextEncoder().encode(value).length < 32
        ? 'is shorter than 32 bytes'
        : null
  if (value !== undefined && problem === null) return value
  throw invalid(`${variable} ${problem}. Make one with: openssl rand -base64 32`)
}

function checkBasePath(value: string): string {
  if (/^(\/[A-Za-z0-9._~-]+)+$/.test(value) && !/\/\.{1,2}(\/|$)/.test(value)) return value
  throw invalid(`basePath must be a path such as "/auth", without a slash at its end: "${value}".`)
}

function checkBaseURL(value: string | undefined, basePath: string): string | null {
  if (!value) return null
  if (!URL.canParse(value)) throw invalid(`baseURL is not a URL: "${value}".`)
  const url = new URL(value)
  if (!/^https?:$/.test(url.protocol)) throw invalid('baseURL must be http or https.')
  // The browser's baseURL ends in the path, so people write it here, too.
  if (url.pathname === '/' || url.pathname.replace(/\/$/, '') === basePath) return url.origin
  throw invalid(`baseURL is the origin alone, "${url.origin}": the path belongs into basePath.`)
}

function checkSession(options: SessionOptions): Required<SessionOptions> {
  const session = {
    maxAge: options.maxAge ?? 1_296_000,
    expirationStrategy: options.expirationStrategy ?? 'absolute',
    slidingThreshold: options.slidingThreshold ?? 0.25,
    maxDuration: options.maxDuration ?? Infinity,
  }
  if (!(Number.isFinite(session.maxAge) && session.maxAge >= 1))
    throw invalid('session.maxAge is a number of seconds.')
  if (!(session.maxDuration >= 1)) throw invalid('session.maxDuration is a number of seconds.')
  if (!(session.slidingThreshold >= 0 && session.slidingThreshold <= 1))
    throw invalid('session.slidingThreshold is a number from 0 to 1.')
  if (!['absolute', 'rolling', 'sliding'].includes(session.expirationStrategy))
    throw invalid(`session.expirationStrategy "${session.expirationStrategy}" does not exist.`)
  return session
}
