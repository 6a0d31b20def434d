import { EncryptJWT, SignJWT, jwtDecrypt, jwtVerify, type JWTPayload } from 'jose'

import { AuthError } from '../errors.js'
import type { Config } from './config.js'
import type { Keys } from './keys.js'

/** Claims of a token of the app's own. */
export type Claims = JWTPayload

/**
 * Tokens for the app's own purposes, under keys derived from the same secret. None of them is ever
 * taken for a session or for anything else of this server, and no cookie of this server opens here.
 */
export interface Jose {
  /** Signs (HS256): anyone can read it, nobody can change it. */
  readonly signJWS: (payload: Claims) => Promise<string>
  /** @throws `invalid_token`: not ours, changed, or expired */
  readonly verifyJWS: (token: string) => Promise<Claims>
  /** Encrypts (A256GCM): nobody can read it or change it. */
  readonly encryptJWE: (payload: Claims) => Promise<string>
  /** @throws `invalid_token`: not ours, changed, or expired */
  readonly decryptJWE: (token: string) => Promise<Claims>
  /** Signs, then encrypts. */
  readonly encodeJWT: (payload: Claims) => Promise<string>
  /** Decrypts, then verifies. @throws `invalid_token`: not ours, changed, or expired */
  readonly decodeJWT: (token: string) => Promise<Claims>
}

/** Without an `exp` of its own (seconds since 1970), a token lives as long as a session. */
export function createJose(config: Config, keys: Keys): Jose {
  const complete = (payload: Claims): Claims => {
    const iat = Math.floor(config.now() / 1000)
    const exp = payload.exp ?? iat + Math.floor(config.session.maxAge)
    return { iat, ...payload, exp }
  }
  const signJWS = async (payload: Claims): Promise<string> =>
    new SignJWT(complete(payload))
      .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
      .sign(await keys('app signing'))
  const encryptJWE = async (payload: Claims): Promise<string> =>
    new EncryptJWT(complete(payload))
      .setProtectedHeader({ alg: 'dir', enc: 'A256GCM', typ: 'JWT' })
      .encrypt(await keys('app encryption'))
  const verifyJWS = async (token: string): Promise<Claims> => {
    const key = await keys('app signing')
    const options = { algorithms: ['HS256'], currentDate: new Date(config.now()) }
    return jwtVerify(token, key, options).then(({ payload }) => payload, invalid)
  }
  const decryptJWE = async (token: string): Promise<Claims> => {
    const key = await keys('app encryption')
    const options = {
      keyManagementAlgorithms: ['dir'],
      contentEncryptionAlgorithms: ['A256GCM'],
      currentDate: new Date(config.now()),
    }
    return jwtDecrypt(token, key, options).then(({ payload }) => payload, invalid)
  }
  return {
    signJWS,
    verifyJWS,
    encryptJWE,
    decryptJWE,
    encodeJWT: async (payload) => encryptJWE({ jws: await signJWS(payload) }),
    decodeJWT: async (token) => {
      const { jws } = await decryptJWE(token)
      return verifyJWS(typeof jws === 'string' ? jws : '')
    },
  }
}

function invalid(cause: unknown): never {
  throw new AuthError('invalid_token', 'The token is not ours, was changed, or has expired.', {
    cause,
  })
}
