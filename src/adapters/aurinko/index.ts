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

/** An id of ours, a failure, which may have lost it, or what only the provider itself sends. */
const LANDED = /[?&](state=[\w-]{22}(&|$)|status=(?!success\b)|error|details|authuser|scope)/

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
  const { clientId, mailboxInfo, clientIdHeader = 'X-Aurinko-Client-Id' } = options
  if (!clientId || 'clientSecret' in options) {
    throw new AuthError('invalid_config', 'A clientId, and no clientSecret')
  }
  const bridge = options.mode === 'code' && (options.bridgeURL || '')
  if (bridge === '') throw new AuthError('backend_required', 'bridgeURL?')
  return ({ baseURL: base, callbackURL }) => {
    const headers = {
      accept: 'application/json',
      ...(!bridge && {
        [clientIdHeader]: clientId,
        ...(mailboxInfo && { 'X-Aurinko-Mailbox-Info': mailboxInfo }),
      }),
    }
    const ask: AurinkoKit['ask'] = (io, path, method = 'GET') =>
      send(io, `${bridge || `${base}/v1`}/user${path}`, { method, headers })
    const load = async (io: AdapterIO): Promise<AurinkoSession | null> =>
      readUser(await ask(io, ''))
    let client: AdapterKit<AurinkoSession>
    const kit: AurinkoKit = { ...options, base, ask, load, client: () => client }
    const eager = {
      id: 'aurinko',
      realm: `${base} ${clientId} ${mailboxInfo}`,
      credential: 'cookie',
      load,
      // Where any page may be the landing, `status` is anybody's word.
      claims: (url: URL) =>
        callbackURL !== undefined &&
        url.pathname === new URL(callbackURL, url).pathname &&
        LANDED.test(url.search),
      prepare: async () => Object.assign(eager, (await import('./flow.js')).createAurinkoFlow(kit)),
      methods: (given: AdapterKit<AurinkoSession>): AurinkoMethods => {
        client = given
        const link = (
          intent: 'link' | 'reauthorize',
          service: string,
          how?: AurinkoSignInOptions & { readonly account?: object },
        ): Promise<unknown> =>
          client.session.value.status === 'unauthenticated'
            ? Promise.reject(new AuthError('no_session'))
            : client.signIn(service, { ...how, intent })
        return {
          linkAccount: ((service, how) => link('link', service, how)) as Authorize<string>,
          reauthorize: ((account, how) =>
            link('reauthorize', account.service, {
              ...how,
              account,
            })) as AurinkoMethods['reauthorize'],
          accounts: () => client.prepare().then(() => adapter.accounts()),
          removeAccount: (account) => client.prepare().then(() => adapter.removeAccount(account)),
        } as AurinkoMethods // the client's own `signIn` takes these options
      },
    } as const
    const adapter = eager as typeof eager & AurinkoFlow
    return adapter
  }
}
