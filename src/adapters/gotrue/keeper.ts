import { AuthError, toAuthError } from '../../errors.js'
import { operate, type Answer } from '../../http.js'
import { isFresh, isUsable } from '../../tokens/clock.js'
import { keyOf } from '../../tokens/place.js'
import { openStorage } from '../../tokens/storage.js'
import { createVault, type Vault } from '../../tokens/vault.js'
import type { Adapter, AdapterIO, ClientConfig } from '../../types.js'
import { adopt } from './adopt.js'
import { isFinal } from './explain.js'
import { createMail, type Mail } from './mail.js'
import type { GoTrueOptions, GoTrueSession, ProviderTokens } from './options.js'
import { createServer, type Call, type Server } from './server.js'
import { toTokens, type GoTrueTokens } from './tokens.js'

/** Of a sign-in: what may have happened since. */
export type Entry = AdapterIO & { readonly isOver?: Parameters<Adapter['finish']>[2] }

/** What a page needs where somebody is signed in. */
export interface Keeper {
  readonly server: Server
  readonly vault: Vault<GoTrueTokens>
  readonly mail: Mail
  readonly lookUp: () => Promise<GoTrueSession | null>
  /** Keeps what a sign-in brought, unless it `isOver` by then. */
  readonly keep: (
    io: Entry,
    tokens: GoTrueTokens,
    provider?: ProviderTokens | null,
  ) => Promise<GoTrueSession>
  /** A request of whoever is signed in, with a token that is good. */
  readonly ask: (io: AdapterIO, path: string, how?: Call) => Promise<Answer>
  readonly providerTokens: () => Promise<ProviderTokens | null>
  readonly signOut: Adapter<GoTrueSession>['signOut']
  /** Signed out in another tab. */
  readonly forget: () => Promise<void>
  /** What `keep` is told of a sign-in that begins now: whether a sign-out has come, in any tab. */
  readonly enter: (io: AdapterIO) => Entry
}

/** ms that a server has to confirm. The user is signed out here, whatever it says. */
const PATIENCE = 5_000

export function createKeeper(options: GoTrueOptions, config: ClientConfig): Keeper {
  const { env, baseURL, storage: place = 'local', fetch: fetcher = fetch } = config
  const key = keyOf(baseURL)
  const server = createServer(options, config)
  const storage = openStorage(env!, place)
  /** A link opens in a tab of its own, and what it was asked with is no token. */
  const shared = typeof place === 'object' ? storage : openStorage(env!, 'local')
  /** The provider's own, and whose they are. */
  let provider: { readonly of: string; readonly tokens: ProviderTokens } | undefined

  const renew = async (tokens: GoTrueTokens, io: AdapterIO): Promise<GoTrueTokens> => {
    const sentAt = io.now()
    const json = { refresh_token: tokens.refreshToken }
    const { body } = await server.call(io, '/token?grant_type=refresh_token', { json })
    // The page may have written to it since.
    const { kind, raw } = ((await held.read()) ?? tokens).session
    return { ...toTokens(body, sentAt, kind, raw), provider: tokens.provider }
  }
  /** Why there are no newer tokens. */
  let failure: AuthError | undefined
  /** It is worth waiting twice as long each time, and not as long as all the others. */
  const failed = (error: AuthError): AuthError => {
    const pause = (failure?.retryAfter ?? 500) * (2 + Math.random() / 4)
    failure = Object.assign(error, {
      retryAfter: Math.max(Math.min(pause, 60_000), error.retryAfter ?? 0),
    })
    return failure
  }
  const held = createVault<GoTrueTokens>({
    env: env!,
    fetch: fetcher,
    key,
    storage: place,
    refresh: async (tokens, io) => {
      try {
        const next = await renew(tokens, io)
        failure = undefined
        return next
      } catch (cause) {
        const error = toAuthError(cause)
        if (!isFinal(error)) throw failed(error)
        // There will be no other; this one opens what it opens until it ends.
        const { refreshToken: _, ...rest } = tokens
        return isUsable(tokens, io.now()) ? rest : null
      }
    },
  })
  /** Once per page: what somebody else's client left, or what nobody can read. */
  const open = async (): Promise<void> => {
    if (await held.read()) return
    if ((await storage.getItem(key)) !== null) await held.clear()
    await adopt(storage, baseURL, held.write)
  }
  let opened: Promise<void> | undefined
  const opening = async (): Promise<void> =>
    (opened ??= open().catch((error: unknown) => {
      opened = undefined
      throw error
    }))
  const vault: Vault<GoTrueTokens> = {
    ...held,
    read: async () => opening().then(held.read),
    fresh: async (refused) => opening().then(async () => held.fresh(refused)),
  }

  let ends = 0
  let isShown = false
  const ask: Keeper['ask'] = async (io, path, how) => {
    const attempt = async (refused?: string): Promise<Answer> => {
      const { accessToken: token } = (await vault.fresh(refused)) ?? {}
      if (token === undefined) throw new AuthError('no_session')
      return server.call(io, path, { ...how, token }).catch(async (error: AuthError) => {
        // A server may know better than the clock. Once: the next is its answer.
        if (error.code === 'bad_jwt' && refused === undefined) return attempt(token)
        // The session is gone there, or its user, although the tokens look good.
        if (isFinal(error) && /^(session|user)_/.test(error.code)) {
          await held.revise((found) => (found?.accessToken === token ? null : found))
        }
        throw error
      })
    }
    return attempt()
  }

  /** Where the access token has ended, nobody can sign out without another one. */
  const revoke = async (io: AdapterIO, tokens: GoTrueTokens, scope: string): Promise<boolean> => {
    const { accessToken: token } = isUsable(tokens, io.now()) ? tokens : await renew(tokens, io)
    await server.call(io, `/logout?scope=${scope}`, { method: 'POST', token, keepalive: true })
    return true
  }

  return {
    server,
    vault,
    mail: createMail(shared, `${key}:mail`, () => env!.Date.now()),
    lookUp: async () => {
      const tokens = await vault.fresh()
      if (!tokens) return null
      const { refreshToken, expiresAt, session } = tokens
      const now = env!.Date.now()
      if (isShown && refreshToken === undefined) {
        const retryAfter = (expiresAt ?? 0) - now
        throw new AuthError('session_expired', 'It ends with its access token.', { retryAfter })
      }
      // Good for a while, and for this page to say that it was asked for in vain.
      if (isShown && failure && !isFresh(tokens, now)) throw failure
      isShown = true
      return session
    },
    keep: async (io, tokens, own = null) => {
      // Given up meanwhile, or signed out: then nobody is signed in.
      io.signal.throwIfAborted()
      const { session } = tokens
      await opening()
      if (io.isOver?.()) throw new AuthError('superseded')
      provider = own ? { of: session.user.id, tokens: own } : undefined
      await held.write(options.keepProviderTokens && own ? { ...tokens, provider: own } : tokens)
      isShown = true
      return session
    },
    ask,
    providerTokens: async () => {
      const tokens = await vault.read()
      if (!tokens) return null
      const isOwn = provider?.of === tokens.session.user.id
      return tokens.provider ?? (isOwn ? provider!.tokens : null)
    },
    signOut: async (_, io, __, scope = 'local') => {
      if (scope === 'others') {
        if ((await server.flavor()) === 'fork2022') throw new AuthError('unsupported')
        await ask(io, '/logout?scope=others', { method: 'POST' })
        return { revoked: true, stays: true }
      }
      ends += 1
      const tokens = await vault.read()
      io.signal.throwIfAborted()
      await held.clear()
      // Nor does the next page find somebody, whom the official client has signed in since.
      await adopt(storage, baseURL, () => {})
      provider = undefined
      if (!tokens) return { revoked: false }
      const end = async (own: AdapterIO): Promise<boolean> => revoke(own, tokens, scope)
      // Whoever is not known there any more is signed out there, too.
      const revoked = operate(env!, fetcher, end, undefined, PATIENCE).catch(
        (error: AuthError) => isFinal(error) || [401, 403, 404].includes(error.status ?? 0),
      )
      return { revoked }
    },
    forget: async () => {
      ends += 1
      await held.forget()
    },
    enter: (io) => {
      const began = ends
      return { ...io, isOver: () => began !== ends }
    },
  }
}
