import { AuthError, isAuthError } from '../../errors.js'
import type { AdapterIO, AdapterKit, ClientConfig } from '../../types.js'
import { createAccess } from '../../tokens/access.js'
import type { Keeper } from './keeper.js'
import type {
  Extras,
  GoTrueMethods,
  GoTrueOptions,
  GoTrueSession,
  Kind,
  Mailed,
  Proof,
} from './options.js'
import { createPair } from './pkce.js'
import { readProvider, toSession, toTokens } from './tokens.js'

/** Everything but signing in at a provider. */
export function createMethods(
  { origins, mailLinks }: GoTrueOptions,
  { env, fetch: send = fetch }: ClientConfig,
  { server, vault, mail, keep, ask, providerTokens }: Keeper,
  { run, set, load }: AdapterKit<GoTrueSession>,
): Omit<GoTrueMethods, 'linkIdentity'> {
  const { call } = server

  /** Shows what a sign-in brought. */
  const enter = async (
    io: AdapterIO,
    body: unknown,
    sentAt: number,
    kind: Kind = 'signIn',
  ): Promise<GoTrueSession> => {
    const session = await keep(io, toTokens(body, sentAt, kind), readProvider(body))
    set(session)
    return session
  }
  /** The fork knows the one word, the current server the other. */
  const proveHuman = ({ captchaToken }: Pick<Extras, 'captchaToken'>) =>
    captchaToken === undefined
      ? {}
      : { gotrue_meta_security: { captcha_token: captchaToken, hcaptcha_token: captchaToken } }
  const pageFor = ({ redirectTo }: Mailed): string | undefined =>
    redirectTo === undefined ? undefined : new URL(redirectTo, env!.location.origin).href
  const refuseFork = async (): Promise<void> => {
    if ((await server.flavor()) === 'fork2022') throw new AuthError('unsupported')
  }
  /** Sends what has a link mailed, which then is of use to this browser alone. */
  const post = async (
    io: AdapterIO,
    path: string,
    json: object,
    kind: Kind,
    { mails, ...how }: Mailed & { readonly mails: boolean; readonly method?: string },
    sender: typeof call = call,
  ): Promise<unknown> => {
    const isOwn = mails && mailLinks !== 'implicit' && (await server.flavor()) === 'current'
    const pair = isOwn ? await createPair() : undefined
    const { method } = how
    const { body } = await sender(io, path, {
      json: { ...json, ...pair?.challenge },
      redirectTo: pageFor(how),
      ...(method !== undefined && { method }),
    })
    const isOver = typeof (body as { access_token?: unknown }).access_token === 'string'
    if (pair && !isOver) await mail.add({ verifier: pair.verifier, kind, askedAt: io.now() })
    return body
  }
  /** Whoever is signed in, once something has changed about them. The tokens stay as they are. */
  const revise = async (user: unknown, kind?: Kind): Promise<GoTrueSession> => {
    const tokens = await vault.read()
    if (!tokens) throw new AuthError('no_session')
    const { session } = tokens
    const next = toSession(user, session.expiresAt, kind ?? session.kind)
    await vault.write({ ...tokens, session: next })
    set(next)
    return next
  }
  /** As whoever is signed in; and if that turns out to be over, the page is told. */
  const own = async <T>(work: (io: AdapterIO) => Promise<T>): Promise<T> =>
    run(work).catch(async (error: unknown) => {
      if (!(await vault.read())) load().catch(() => null)
      throw error
    })
  const getUser = async (io: AdapterIO): Promise<GoTrueSession> =>
    revise((await ask(io, '/user')).body)
  const verify = async (io: AdapterIO, proof: Proof): Promise<GoTrueSession | null> => {
    const { type, tokenHash, ...rest } = proof as Proof & { readonly tokenHash?: string }
    const sentAt = io.now()
    const json = { ...rest, type, token_hash: tokenHash }
    const { body } = await call(io, '/verify', { json })
    const { access_token: token } = (body ?? {}) as { access_token?: unknown }
    const kind = /^(signup|invite|recovery|email_change)$/.test(type) ? type : 'magiclink'
    return token === undefined ? null : enter(io, body, sentAt, kind as Kind)
  }
  const grant = async (type: string, json: object): Promise<GoTrueSession> =>
    run(async (io) => {
      const sentAt = io.now()
      const { body } = await call(io, `/token?grant_type=${type}`, { json })
      return enter(io, body, sentAt)
    })

  return {
    ...createAccess({ origins, vault, run, load, send }),
    signUp: async ({ captchaToken, redirectTo, ...account }) =>
      run(async (io) => {
        const sentAt = io.now()
        const json = { ...account, ...proveHuman({ captchaToken }) }
        const mails = account.email !== undefined
        const body = await post(io, '/signup', json, 'signup', { mails, redirectTo })
        return 'access_token' in (body as object)
          ? { status: 'authenticated', session: await enter(io, body, sentAt) }
          : { status: 'confirmation_required', session: null }
      }),
    signInWithPassword: async ({ captchaToken, ...account }) =>
      grant('password', { ...account, ...proveHuman({ captchaToken }) }),
    signInWithOtp: async ({ captchaToken, redirectTo, createUser: isNew, ...address }) =>
      run(async (io) => {
        const json = { ...address, create_user: isNew ?? true, ...proveHuman({ captchaToken }) }
        const mails = address.email !== undefined
        await post(io, '/otp', json, 'magiclink', { mails, redirectTo })
      }),
    signInWithMagicLink: async ({ captchaToken, redirectTo, ...address }) =>
      run(async (io) => {
        const json = { ...address, ...proveHuman({ captchaToken }) }
        await post(io, '/magiclink', json, 'magiclink', { mails: true, redirectTo })
      }),
    verifyOtp: async (proof) =>
      run(async (io) => {
        const isFork = proof.type === 'email' || 'tokenHash' in proof
        if (!isFork || (await server.flavor()) === 'current') return verify(io, proof)
        if ('tokenHash' in proof) throw new AuthError('unsupported')
        // The fork has two words for a code from a mail, and does not know the one for both.
        return verify(io, { ...proof, type: 'magiclink' }).catch(async (error: unknown) => {
          if (!isAuthError(error, 'otp_expired')) throw error
          return verify(io, { ...proof, type: 'signup' })
        })
      }),
    recover: async ({ captchaToken, redirectTo, email }) =>
      run(async (io) => {
        const json = { email, ...proveHuman({ captchaToken }) }
        await post(io, '/recover', json, 'recovery', { mails: true, redirectTo })
      }),
    resend: async ({ captchaToken, redirectTo, ...message }) =>
      run(async (io) => {
        await refuseFork()
        // No challenge: the server has no use for one here.
        const json = { ...message, ...proveHuman({ captchaToken }) }
        await call(io, '/resend', { json, redirectTo: pageFor({ redirectTo }) })
      }),
    updateUser: async ({ redirectTo, currentPassword, ...changes }) =>
      own(async (io) => {
        const json = { ...changes, current_password: currentPassword }
        const how = { mails: changes.email !== undefined, method: 'PUT', redirectTo }
        const user = await post(io, '/user', json, 'email_change', how, ask)
        return revise(user, changes.password === undefined ? undefined : 'signIn')
      }),
    reauthenticate: async () => own(async (io) => void (await ask(io, '/reauthenticate'))),
    getUser: async () => own(getUser),
    unlinkIdentity: async (id) =>
      own(async (io) => {
        await refuseFork()
        await ask(io, `/user/identities/${encodeURIComponent(id)}`, { method: 'DELETE' })
        await getUser(io)
      }),
    settings: async () => run(server.settings),
    signInAnonymously: async ({ captchaToken, data } = {}) =>
      run(async (io) => {
        await refuseFork()
        const sentAt = io.now()
        const json = { data, ...proveHuman({ captchaToken }) }
        const { body } = await call(io, '/signup', { json })
        return enter(io, body, sentAt)
      }),
    signInWithIdToken: async ({ captchaToken, idToken, accessToken, ...proof }) =>
      grant('id_token', {
        ...proof,
        id_token: idToken,
        access_token: accessToken,
        ...proveHuman({ captchaToken }),
      }),
    getProviderTokens: providerTokens,
  }
}
