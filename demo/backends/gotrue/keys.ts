import { generateKeyPairSync, randomBytes } from 'node:crypto'

import { errors, exportJWK, jwtVerify, SignJWT, type JWK, type JWTPayload } from 'jose'

/** What tokens are signed with. */
export interface Keys {
  /** Signs claims as they are: no `iat`, no `iss` is added. */
  readonly sign: (claims: JWTPayload) => Promise<string>
  /** The same with the secret, whatever access tokens are signed with: API keys are. */
  readonly signKey: (claims: JWTPayload) => Promise<string>
  /** The claims of a token that is signed here and has not expired. Throws {@link BadToken}. */
  readonly verify: (token: string, now: number) => Promise<JWTPayload>
  /** As `/.well-known/jwks.json` shows them. A symmetric key is not shown. */
  readonly jwks: () => Promise<{ keys: JWK[] }>
  /** An ID token of the provider's, which only {@link verifyIDToken} of the same keys takes. */
  readonly signIDToken: (claims: JWTPayload) => Promise<string>
  readonly verifyIDToken: (token: string, now: number) => Promise<JWTPayload>
}

export class BadToken extends Error {
  /** Seconds since it expired. `null`: it is wrong for another reason. */
  readonly expiredFor: number | null

  constructor(message: string, expiredFor: number | null) {
    super(message)
    this.expiredFor = expiredFor
  }
}

export interface KeyOptions {
  /** `GOTRUE_JWT_SECRET`. */
  readonly secret: string
  /** What access tokens are signed with. Tokens by the secret, such as service keys, stay good. */
  readonly algorithm: 'HS256' | 'ES256'
}

export function createKeys({ secret, algorithm }: KeyOptions): Keys {
  const symmetric = new TextEncoder().encode(secret)
  const providerKey = randomBytes(32)
  const pair =
    algorithm === 'ES256' ? generateKeyPairSync('ec', { namedCurve: 'prime256v1' }) : null
  const kid = crypto.randomUUID()

  const signKey: Keys['signKey'] = (claims) =>
    new SignJWT(claims).setProtectedHeader({ alg: 'HS256', typ: 'JWT' }).sign(symmetric)

  return {
    signKey,
    sign: (claims) =>
      pair
        ? new SignJWT(claims)
            .setProtectedHeader({ alg: 'ES256', kid, typ: 'JWT' })
            .sign(pair.privateKey)
        : signKey(claims),
    verify: (token, now) =>
      check(
        () =>
          jwtVerify(token, ({ alg }) => (alg === 'ES256' && pair ? pair.publicKey : symmetric), {
            algorithms: ['HS256', 'ES256'],
            currentDate: new Date(now),
          }),
        now,
      ),
    jwks: async () => ({
      keys: pair
        ? [
            {
              ...(await exportJWK(pair.publicKey)),
              kid,
              alg: 'ES256',
              use: 'sig',
              key_ops: ['verify'],
            },
          ]
        : [],
    }),
    signIDToken: (claims) =>
      new SignJWT(claims).setProtectedHeader({ alg: 'HS256' }).sign(providerKey),
    verifyIDToken: (token, now) =>
      check(() => jwtVerify(token, providerKey, { currentDate: new Date(now) }), now),
  }
}

async function check(verify: () => Promise<{ payload: JWTPayload }>, now: number) {
  try {
    return (await verify()).payload
  } catch (error) {
    if (error instanceof errors.JWTExpired) {
      throw new BadToken('token is expired', now / 1000 - (error.payload.exp ?? 0))
    }
    if (error instanceof errors.JWSSignatureVerificationFailed) {
      throw new BadToken('signature is invalid', null)
    }
    throw new BadToken('token contains an invalid number of segments', null)
  }
}
