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
import { kindOf, readProvider, toSession, toTokens } from './tokens.js'

interface Form extends Pick<Extras, 'captchaToken'>, Mailed {
  readonly email?: string
}

const hasTokens = (body: unknown): boolean => 'access_token' in Object(body)

/** Everything but signing in at a provider. */
export function createMethods(
  { origins, mailLinks }: GoTrueOptions,
  { env, baseURL, fetch: fetcher = fetch, plainFetch = fetch }: ClientConfig,
  { server, vault, mail, keep, ask, providerTokens, enter }: Keeper,
  { run, set, load }: AdapterKit<GoTrueSession>,
): Omit<GoTrueMethods, 'linkIdentity'> {
  const { call } = server

  const refuseFork = async (): Promise<void> => {
    if ((await server.flavor()) === 'fork2022') throw new AuthError('unsupported')
  }
  /** Sends a form. `kind`: it has a link mailed, which then is of use to this browser alone. */
  const post = async <F extends Form>(
    io: AdapterIO,
    path: string,
    { captchaToken: captcha, redirectTo, ...fields }: F,
    kind?: Kind,
    sender: typeof call = call,
  ): Promise<unknown> => {
    const isOwn = kind && fields.email !== undefined && mailLinks !== 'implicit'
    const pair = isOwn && (await server.flavor()) === 'current' ? await createPair() : undefined
    // The fork knows the one word, the current server the other.
    const security = captcha && { captcha_token: captcha, hcaptcha_token: captcha }
    const { body } = await sender(io, path, {
      method: path === '/user' ? 'PUT' : 'POST',
      json: { ...fields, gotrue_meta_security: security, ...pair?.challenge },
      redirectTo: redirectTo && new URL(redirectTo, env!.location.origin).href,
    })
    if (kind && pair && !hasTokens(body)) {
      await mail.add({ verifier: pair.verifier, kind, askedAt: io.now() })
    }
    return body
  }
  const send = async <F extends Form>(path: string, form: F, kind?: Kind): Promise<void> =>
    run(async (io) => void (await post(io, path, form, kind)))
  /** Whoever is signed in, once something has changed about them. The tokens stay as they are. */
  const revise = async (user: unknown, kind?: Kind): Promise<GoTrueSession> => {
    const tokens = await vault.revise((held) => {
      if (!held) throw new AuthError('no_session')
      const { session } = held
      const next = toSession(user, session.expiresAt, kind ?? session.kind)
      // Somebody else has signed in meanwhile.
      if (next.user.id !== session.user.id) throw new AuthError('superseded')
      return { ...held, session: next }
    })
    const { session } = tokens!
    set(session)
    return session
  }
  /** As whoever is signed in; and if that turns out to be over, the page is told. */
  const own = async <T>(work: (io: AdapterIO) => Promise<T>): Promise<T> =>
    run(work).catch(async (error: unknown) => {
      if (!(await vault.read())) load().catch(() => null)
      throw error
    })
  const getUser = async (io: AdapterIO): Promise<GoTrueSession> =>
    revise((await ask(io, '/user')).body)
  /** Sends what may be answered by tokens, and shows whom they bring. `null`: there were none. */
  const obtain = async <F extends Form>(
    io: AdapterIO,
    path: string,
    form: F,
    kind?: Kind,
    mailed?: Kind,
  ): Promise<GoTrueSession | null> => {
    const entry = enter(io)
    const sentAt = io.now()
    const body = await post(io, path, form, mailed)
    if (!hasTokens(body)) return null
    const tokens = toTokens(body, sentAt, kind)
    const session = await keep(entry, tokens, readProvider(body))
    set(session)
    return session
  }
  const grant = async <F extends Form>(path: string, form: F): Promise<GoTrueSession> =>
    run(async (io) => {
      const session = await obtain(io, path, form)
      if (session) return session
      throw new AuthError('invalid_response')
    })
  const verify = async (io: AdapterIO, proof: Proof): Promise<GoTrueSession | null> => {
    const { type, tokenHash, ...rest } = proof as Proof & { readonly tokenHash?: string }
    const form: object = { ...rest, type, token_hash: tokenHash }
    return obtain(io, '/verify', form, kindOf(type === 'email' ? 'magiclink' : type))
  }

  /** Of the app. A gateway's key is for this server alone. */
  const forward: typeof fetch = async (input, init) => {
    const request = new Request(input, init)
    const isOwn = new URL(request.url).origin === new URL(baseURL).origin
    return isOwn ? fetcher(request, { headers: request.headers }) : plainFetch(request)
  }

  return {
    ...createAccess({ origins, vault, run, load, send: forward }),
    signUp: async (account) =>
      run(async (io) => {
        const session = await obtain(io, '/signup', account, undefined, 'signup')
        return session
          ? { status: 'authenticated', session }
          : { status: 'confirmation_required', session }
      }),
    signInWithPassword: async (account) => grant('/token?grant_type=password', account),
    signInWithOtp: async ({ createUser: isNew = true, ...address }) =>
      send('/otp', { ...address, create_user: isNew }, 'magiclink'),
    signInWithMagicLink: async (address) => send('/magiclink', address, 'magiclink'),
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
    recover: async (address) => send('/recover', address, 'recovery'),
    resend: async (message) => {
      await run(refuseFork)
      return send('/resend', message) // the server has no use for a challenge here
    },
    updateUser: async ({ currentPassword, ...changes }) =>
      own(async (io) => {
        const form = { ...changes, current_password: currentPassword }
        const user = await post(io, '/user', form, 'email_change', ask)
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
    signInAnonymously: async (extras = {}) => {
      await run(refuseFork)
      return grant('/signup', extras)
    },
    signInWithIdToken: async ({ idToken, accessToken, ...proof }) =>
      grant('/token?grant_type=id_token', {
        ...proof,
        id_token: idToken,
        access_token: accessToken,
      }),
    getProviderTokens: providerTokens,
  }
}
