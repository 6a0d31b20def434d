import { AuthError } from '../../errors.js'
import { parse, send, type Answer } from '../../http.js'
import type { Adapter, Start, StartRequest } from '../../types.js'
import type { AurinkoKit } from './kit.js'
import { accountOf, finishLanding, isAboutSecondary, readRefusal } from './landing.js'
import type { AurinkoMethods } from './options.js'
import { codeOf, problem } from './problem.js'
import {
  toAccount,
  toAurinkoSession,
  type AurinkoAccount,
  type AurinkoRecord,
  type AurinkoSession,
} from './session.js'

/** What only a sign-in, a sign-out or an account needs of Aurinko. */
export type AurinkoFlow = Required<
  Pick<
    Adapter<AurinkoSession>,
    'ttl' | 'start' | 'finish' | 'stuck' | 'signOut' | 'wakes' | 'blocked'
  >
> &
  Pick<AurinkoMethods, 'accounts' | 'removeAccount'>

export function createAurinkoFlow(kit: AurinkoKit): AurinkoFlow {
  const { base, mode, bridgeURL, ask, load, client } = kit
  return {
    ttl: 1_800_000, // the lifetime of Aurinko's own `state` at the provider
    wakes: new URL(base).origin,
    blocked:
      mode === 'code'
        ? 'Aurinko is done, but the bridge’s cookie did not come back: use one site.'
        : 'Aurinko is done, but its cookie is not one of this origin. Both have to be: forward ' +
          '/v1/* of this origin to https://api.aurinko.io, and register /v1/auth/callback of this ' +
          'origin as the redirect URI at the provider.',

    start: (request, io) => {
      const url = authorizeURL(kit, request)
      if (request.intent === 'signIn') return url
      const signed = (): Start | Promise<Start> =>
        mode === 'code' && url.isSecondary
          ? send(io, `${bridgeURL}/signature`, { method: 'POST' }).then((answer) =>
              sign(url, answer),
            )
          : url
      if (client().session.value.data) return signed()
      return load(io).then((session) => {
        if (session) return signed()
        throw new AuthError('no_session')
      })
    },

    finish: (landing, io) => finishLanding(kit, landing, io),

    stuck: ({ url, text }) => {
      if (!url.href.startsWith(`${base}/v1/auth/`)) return null
      // Where Aurinko does not go back it shows what is wrong, as JSON, which browsers may add to.
      const body = parse(/\{[^]*\}/.exec(text)?.[0] ?? null)
      const code = codeOf(body)
      if (code) {
        const { message, requestId } = body as Record<string, string | undefined>
        return new AuthError(code, message, { source: 'provider', requestId })
      }
      return text && /\/(callback|form)$/.test(url.pathname) ? 'arrived' : null
    },

    signOut: async (_, io) => {
      try {
        const answer = await ask(io, '/logout', 'POST')
        const error = problem(answer)
        if (answer.status > 299 && error.code !== 'no_session') throw error
        return { revoked: true }
      } catch (error) {
        // Nobody who wants to leave is kept: the caller is told, and the user is out of the page.
        const reason = io.signal.reason as AuthError | undefined
        if (reason?.code !== 'aborted') client().set(null)
        throw error
      }
    },

    accounts: () =>
      client().run(async (io) => {
        const found = new Map<string, AurinkoAccount>()
        let token: string | undefined
        for (;;) {
          io.signal.throwIfAborted() // an app's own `fetch` may not look at it
          const known = found.size
          const query = token === undefined ? '' : `?pageToken=${encodeURIComponent(token)}`
          const answer = await ask(io, `/accounts${query}`)
          const page = answer.body as Page | null | undefined
          if (answer.status !== 200 || !Array.isArray(page?.records)) throw problem(answer)
          for (const account of page.records.map(toAccount)) found.set(account.id, account)
          token = page.nextPageToken
          // A server that does not know the parameter answers the same page for ever.
          if (!token || found.size === known) return [...found.values()]
        }
      }),

    removeAccount: async ({ id, role }) => {
      // No encoding keeps `..` from being the path above: the user's own.
      if (!/^\w+$/.test(id)) throw new AuthError('invalid_config', 'That is no account’s id.')
      const answer = await client().run((io) => ask(io, `/accounts/${id}`, 'DELETE'))
      if (answer.status > 299 && answer.status !== 404) throw problem(answer)
      const { data } = client().session.value
      if (role === 'primary') client().set(null)
      else if (data) {
        const accounts = data.raw.accounts?.filter((one) => String(one.id) !== id) ?? []
        client().set(toAurinkoSession({ ...data.raw, accounts }))
      }
    },
  }
}

interface Page {
  readonly records: readonly AurinkoRecord[]
  readonly nextPageToken?: string
}

interface AuthorizeURL extends Start {
  /** Whether it is about an account other than the one signed in with. */
  readonly isSecondary: boolean
}

/** The adapter's options that are Aurinko's parameters. */
const OWN = ['nativeScopes', 'loginHint', 'serverUrl', 'ensureScopes', 'ensureAccess']

/** Aurinko's own dialect: camelCase, and nothing of OAuth's. */
function authorizeURL(kit: AurinkoKit, request: StartRequest): AuthorizeURL {
  const { base, clientId, mailboxInfo, mode = 'cookie' } = kit
  const { id, provider, landing, scopes, params, own } = request
  if (own['responseType'] !== undefined || params?.['responseType'] !== undefined) {
    throw new AuthError('invalid_config', 'responseType is not an option: users have no tokens.')
  }
  const account = accountOf(request)
  const isSecondary = isAboutSecondary(request)
  const url = new URL(`${base}/v1/auth/authorizeUser`)
  const add = (all: Readonly<Record<string, unknown>>): void => {
    for (const [name, value] of Object.entries(all)) {
      const text = [value].flat().join(' ')
      if (text) url.searchParams.set(name, text)
    }
  }
  add({ loginHint: account?.email, ...params })
  add(Object.fromEntries(OWN.map((name) => [name, own[name]])))
  // Last, so that nothing of the app's replaces what the sign-in rests on.
  add({
    clientId,
    serviceType: provider,
    accountRole: isSecondary ? 'secondary' : 'primary',
    accountId: isSecondary ? account?.id : '',
    responseType: isSecondary ? 'none' : mode,
    returnUrl: landing.href,
    scopes,
    mailboxInfo,
    state: id,
  })
  return { url: url.href, isSecondary }
}

/** Adds the bridge's word for who is signed in, where Aurinko has no cookie to see it by. */
function sign({ url }: AuthorizeURL, answer: Answer): Start {
  if (answer.status !== 200) throw readRefusal(answer)
  const signed = new URL(url)
  for (const name of ['userId', 'timestamp', 'userSignature']) {
    const value = (answer.body as Record<string, string> | null | undefined)?.[name]
    if (!value) throw problem(answer)
    signed.searchParams.set(name, value)
  }
  return { url: signed.href }
}
