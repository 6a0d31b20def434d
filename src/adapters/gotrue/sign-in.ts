import { AuthError, isAuthError, isolate } from '../../errors.js'
import { parse } from '../../http.js'
import { pageOf, readParams } from '../../params.js'
import type {
  Adapter,
  AdapterIO,
  ClientConfig,
  Start,
  StartRequest,
  Transaction,
} from '../../types.js'
import { explain, readFailure } from './explain.js'
import type { Entry, Keeper } from './keeper.js'
import type { GoTrueEvent, GoTrueOptions, GoTrueSession, Kind } from './options.js'
import { createPair, type Pair } from './pkce.js'
import { kindOf, readProvider, toTokens, type GoTrueTokens } from './tokens.js'

/** What only a page needs where somebody signs in. */
export interface GoTrueSignIn extends Required<
  Pick<Adapter<GoTrueSession>, 'ttl' | 'start' | 'finish' | 'stuck'>
> {
  /** Settings and a PKCE pair, so that a click waits for nothing. Never rejects. */
  readonly ready: () => Promise<unknown>
}

/** What a landing of the same tab is read with. */
interface Secret {
  /** None on the fork, which ignores a challenge in silence. */
  readonly verifier?: string | undefined
}

export function createSignIn(
  options: GoTrueOptions,
  { baseURL, callbackURL }: ClientConfig,
  { server, vault, mail, keep, ask }: Keeper,
): GoTrueSignIn {
  const { flavor, mailLinks, onEvent, scopes = [] } = options
  const tell = (event: GoTrueEvent): void => isolate(() => onEvent?.(event))

  /** Made ahead. A pair is good for one sign-in (RFC 9700 §2.1.1). */
  let pair: Pair | undefined
  const getReady = async (): Promise<void> => {
    const [which] = await Promise.all([server.flavor(), server.settings()])
    if (which === 'current') pair ??= await createPair()
  }

  /** Where to go, relative to the server, and with what. */
  const queryFor = (request: StartRequest, own: Pair | undefined): string => {
    const { provider, landing, popup, params } = request
    const { external = {} } = server.known() ?? {}
    if (external[provider.toLowerCase()] === false) throw new AuthError('provider_disabled')
    const wanted = [...scopes, ...(request.scopes ?? [])].join(' ')
    // Of no use to a popup, and in the way of an allow list that names pages.
    const page = popup && callbackURL === undefined ? pageOf(landing.href) : landing.href
    const query = {
      ...params,
      provider,
      redirect_to: page,
      ...(wanted && { scopes: wanted }),
      ...own?.challenge,
    }
    return `/authorize?${new URLSearchParams(query)}`
  }
  const begin = (request: StartRequest, own: Pair | undefined): Start => ({
    url: baseURL + queryFor(request, own),
    secret: { verifier: own?.verifier } satisfies Secret,
  })
  const beginLink = async (request: StartRequest, io: AdapterIO): Promise<Start> => {
    const own = await createPair()
    const path = `/user/identities${queryFor(request, own)}&skip_http_redirect=true`
    const { body } = await ask(io, path)
    const { url } = (body ?? {}) as { url?: unknown }
    if (typeof url !== 'string') throw new AuthError('invalid_response')
    return { url, secret: { verifier: own.verifier } satisfies Secret }
  }

  /** Nobody is replaced by what they may not have asked for. */
  const refuseOthers = async ({ session }: GoTrueTokens): Promise<void> => {
    const held = await vault.read()
    if (held && held.session.user.id !== session.user.id) {
      throw new AuthError('session_conflict', 'Somebody else is signed in: sign out first.')
    }
  }

  /** Two mails may have been asked for, and a code does not say whose it is. */
  const exchange = async (
    code: string,
    transaction: Transaction | null,
    io: Entry,
  ): Promise<GoTrueSession> => {
    const { verifier: own } = (transaction?.secret ?? {}) as Secret
    const asked: { verifier: string; kind?: Kind }[] = own === undefined ? [] : [{ verifier: own }]
    asked.push(...(await mail.asked()))
    let failure = new AuthError('pkce_verifier_missing', 'Open it where it was asked for.')
    for (const { verifier, kind } of asked) {
      const sentAt = io.now()
      const json = { auth_code: code, code_verifier: verifier }
      try {
        const { body } = await server.call(io, '/token?grant_type=pkce', { json })
        await mail.remove(verifier)
        const tokens = { ...toTokens(body, sentAt, kind), code }
        // Linked to who asked for it; somebody else has signed in meanwhile.
        if (transaction?.intent === 'link') await refuseOthers(tokens)
        return await keep(io, tokens, readProvider(body))
      } catch (error) {
        // The code is as good as before.
        if (!isAuthError(error, 'bad_code_verifier')) throw error
        failure = error
      }
    }
    throw failure
  }

  /** Tokens in the address: anybody could have put them there. */
  const accept = async (
    params: URLSearchParams,
    transaction: Transaction | null,
    io: Entry,
  ): Promise<GoTrueSession> => {
    const kind = kindOf(params.get('type'))
    const isFork = (await server.flavor()) === 'fork2022'
    if (!isFork && !(kind && mailLinks === 'implicit')) throw new AuthError('flow_mismatch')
    if (!kind && !transaction) throw new AuthError('state_unknown')
    const token = params.get('access_token')!
    const sentAt = io.now()
    const { body: user } = await server.call(io, '/user', { token })
    const answer = { ...Object.fromEntries(params), user }
    const tokens = toTokens(answer, sentAt, kind)
    if (kind) await refuseOthers(tokens)
    return keep(io, tokens, readProvider(answer))
  }

  const read = async (
    params: URLSearchParams,
    transaction: Transaction | null,
    io: Entry,
  ): Promise<GoTrueSession | undefined> => {
    const failure = readFailure(params)
    if (failure) throw failure
    const [code, token] = [params.get('code'), params.get('access_token')]
    const held = transaction ? null : await vault.read()
    // The same page once more: it has all been done.
    if (held && (code ? code === held.code : token === held.accessToken)) return held.session
    if (code) return exchange(code, transaction, io)
    if (token) return accept(params, transaction, io)
    const message = params.get('message')
    if (!message) throw new AuthError('exchange_failed', 'It came back with nothing.')
    tell({ type: 'notice', message })
    return undefined
  }

  return {
    ttl: 300_000, // from `/authorize` to the exchange, on both servers
    ready: async () => getReady().catch(() => null),
    start: (request, io) => {
      const isLink = request.intent === 'link'
      if (!isLink && server.known() && (pair || server.which() === 'fork2022')) {
        const start = begin(request, pair)
        pair = undefined
        void getReady().catch(() => null)
        return start
      }
      return (async () => {
        // Where it is known which server this is, it may keep its settings to itself.
        await server.settings().catch((error: unknown) => {
          if (flavor === undefined) throw error
        })
        const isFork = (await server.flavor()) === 'fork2022'
        if (isLink && isFork) throw new AuthError('unsupported')
        return isLink
          ? beginLink(request, io)
          : begin(request, isFork ? undefined : await createPair())
      })()
    },
    finish: async ({ url, transaction }, io, isOver) => {
      const session = await read(readParams(url.href), transaction, { ...io, isOver })
      const wanted = transaction?.landing ?? url.href
      if (session && pageOf(wanted) !== pageOf(url.href)) {
        tell({ type: 'redirect_mismatch', wanted, landed: pageOf(url.href) })
      }
      return session
    },
    // A server of this origin, behind a proxy: its failures are JSON, and lead nowhere.
    stuck: ({ url, text }) => {
      const body = url.href.startsWith(`${baseURL}/`) ? parse(text) : undefined
      return body ? explain({ status: 400, headers: new Headers(), body }) : null
    },
  }
}
