import { AuthError } from '../errors.js'
import { parseObject } from './body.js'
import type { Config } from './config.js'
import { withDeadline } from './deadline.js'
import type { Tokens } from './exchange.js'
import type { ResolvedProvider } from './providers/resolve.js'
import type { RawProfile } from './providers/types.js'
import { toUser } from './sessions.js'
import type { User } from './types.js'

/**
 * Asks the provider who signed in.
 *
 * @throws `userinfo_failed`, or `temporarily_unavailable` when asking again may help
 */
export async function fetchUser(
  config: Config,
  provider: ResolvedProvider,
  { accessToken, scopes }: Tokens,
): Promise<User> {
  const { name } = provider
  let status: number | undefined
  let body: RawProfile | null = null
  try {
    await withDeadline(config.timeout, async (signal) => {
      const response = await config.fetch(provider.userinfo.url, {
        headers: {
          accept: 'application/json',
          authorization: `Bearer ${accessToken}`,
          'user-agent': 'latchkey', // GitHub refuses requests without one
        },
        redirect: 'manual', // a token goes to the configured address and to no other
        signal,
      })
      status = response.status
      body = response.ok ? parseObject(await response.text()) : null
      if (!response.ok) await response.body?.cancel()
    })
  } catch {
    status = undefined
  }
  if (status === undefined || status >= 500 || status === 429)
    throw new AuthError(
      'temporarily_unavailable',
      status === undefined
        ? `${name} did not say who signed in.`
        : `${name} answered with the status ${status}.`,
      { status },
    )
  // `error` with 200: a refusal all the same, and no profile.
  if (body === null || body['error'])
    throw new AuthError(
      'userinfo_failed',
      `${name} did not say who signed in (status ${status}).`,
      { status },
    )
  const user = toUser(read(provider, body, scopes))
  if (user) return user
  throw new AuthError('userinfo_failed', `${name} sent a profile without an id.`)
}

function read(
  provider: ResolvedProvider,
  body: RawProfile,
  scopes: Tokens['scopes'],
): ReturnType<ResolvedProvider['profile']> {
  try {
    return provider.profile(body, { scopes })
  } catch (cause) {
    throw new AuthError('userinfo_failed', `profile() of ${provider.name} failed.`, { cause })
  }
}
