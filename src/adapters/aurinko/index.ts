import { AuthError } from '../../errors.js'
import { send } from '../../http.js'
import type { AdapterFactory, AdapterIO, AdapterKit } from '../../types.js'
import type { AurinkoFlow } from './flow.js'
import type { AurinkoKit } from './kit.js'
import type { AurinkoMethods, AurinkoOptions, AurinkoSignInOptions, Authorize } from './options.js'
import { readUser, type AurinkoSession } from './session.js'

export type * from './options.js'
export {
  toAurinkoSession,
  type AurinkoAccount,
  type AurinkoRecord,
  type AurinkoSession,
  type AurinkoUser,
} from './session.js'

/** What nobody else would send: a `status` with an id of ours. */
const OURS = /^(?=.*[?&]status=).*[?&]state=[\w-]{22}(&|$)/
/** On the page for it: a failure, which may have lost its `state`, or what only the provider sends. */
const FAILED =
  /^(?!.*[?&]status=success(&|$)).*[?&](status|error\w*|details|authuser|scope|prompt)=/

/** Aurinko's own options; the last of them only to be refused. */
const OWN = /^(nativeScopes|loginHint|serverUrl|ensure|responseType)/

/**
 * Aurinko: users who sign in with a mailbox, and link more of them. Its cookie has to be one of the
 * app's own origin, so `/v1/*` is forwarded to `https://api.aurinko.io`; or the app's server keeps
 * the session.
 *
 * Throws `invalid_config` or `backend_required` when an option cannot work.
 *
 * @example
 * const auth = createAuthClient({ adapter: aurinko({ clientId: '…' }), callbackURL: '/callback.html' })
 * await auth.signIn('Google', { popup: true, scopes: ['Mail.Read'] })
 * await auth.linkAccount('Office365', { popup: true, scopes: ['Mail.Read'] })
 */
export function aurinko(options: AurinkoOptions): AdapterFactory<AurinkoSession, AurinkoMethods> {
  const { clientId, mode, bridgeURL, mailboxInfo } = options
  const { clientIdHeader = 'X-Aurinko-Client-Id' } = options
  if (!clientId || 'clientSecret' in options) {
    throw new AuthError('invalid_config', 'A clientId, and no clientSecret')
  }
  if (mode === 'code' && !bridgeURL) throw new AuthError('backend_required', 'Name a bridgeURL.')
  return ({ baseURL: base, callbackURL }) => {
    const root = mode === 'code' ? bridgeURL : `${base}/v1`
    const headers: Record<string, string> = mode === 'code' ? {} : { [clientIdHeader]: clientId }
    if (mailboxInfo && mode !== 'code') headers['X-Aurinko-Mailbox-Info'] = mailboxInfo
    const ask: AurinkoKit['ask'] = (io, path, method = 'GET') =>
      send(io, `${root}/user${path}`, {
        method,
        headers: { accept: 'application/json', ...headers },
      })
    const load = async (io: AdapterIO): Promise<AurinkoSession | null> =>
      readUser(await ask(io, ''))
    let client: AdapterKit<AurinkoSession>
    const kit: AurinkoKit = { ...options, base, ask, load, client: () => client }
    const eager = {
      id: 'aurinko',
      realm: `${base} ${clientId} ${mailboxInfo}`,
      credential: 'cookie',
      load,
      claims: (url: URL) =>
        OURS.test(url.search) ||
        (callbackURL !== undefined &&
          url.pathname === new URL(callbackURL, url).pathname &&
          FAILED.test(url.search)),
      prepare: async () => Object.assign(eager, (await import('./flow.js')).createAurinkoFlow(kit)),
      methods: (given: AdapterKit<AurinkoSession>): AurinkoMethods => {
        client = given
        const link = (
          intent: 'link' | 'reauthorize',
          service: string,
          how?: AurinkoSignInOptions,
          more?: Record<string, string>,
        ): Promise<unknown> =>
          client.session.value.status === 'unauthenticated'
            ? Promise.reject(new AuthError('no_session', 'Sign in first.'))
            : client.signIn(service, { ...translate(how, more), intent })
        return {
          signIn: ((service, how) =>
            client.signIn(service, translate(how))) as AurinkoMethods['signIn'],
          linkAccount: ((service, how) => link('link', service, how)) as Authorize<string>,
          reauthorize: (({ id, role, service, email }, how) =>
            link('reauthorize', service, how, {
              ...(email && { loginHint: email }),
              ...(role === 'secondary' && { accountId: id }),
            })) as AurinkoMethods['reauthorize'],
          accounts: () => client.prepare().then(() => adapter.accounts()),
          removeAccount: (account) => client.prepare().then(() => adapter.removeAccount(account)),
        }
      },
    } as const
    const adapter = eager as typeof eager & AurinkoFlow
    return adapter
  }
}

/** Aurinko's own options as parameters. `more`: what those may replace. */
function translate(
  options: AurinkoSignInOptions = {},
  more?: Record<string, string>,
): AurinkoSignInOptions {
  const params: Record<string, string> = { ...more, ...options.params }
  for (const [name, value] of Object.entries(options)) {
    if (value !== undefined && OWN.test(name))
      params[name] = [value as string | string[]].flat().join(' ')
  }
  return { ...options, params }
}
