import { CompactEncrypt, compactDecrypt } from 'jose'

import type { Keys, Purpose } from './keys.js'

const encoder = new TextEncoder()
const decoder = new TextDecoder()

/** Encrypts and authenticates a JSON value: a JWE, `dir` with A256GCM. */
export async function seal(keys: Keys, purpose: Purpose, value: object): Promise<string> {
  return new CompactEncrypt(encoder.encode(JSON.stringify(value)))
    .setProtectedHeader({ alg: 'dir', enc: 'A256GCM' })
    .encrypt(await keys(purpose))
}

/**
 * What was sealed for this purpose under this secret, or `null` for anything else: tampered,
 * truncated, another purpose's, another server's. Says nothing of its age.
 */
export async function unseal(
  keys: Keys,
  purpose: Purpose,
  token: string,
): Promise<Readonly<Record<string, unknown>> | null> {
  const key = await keys(purpose)
  try {
    // Pinned, so that the token's own header has no say in how it is read.
    const { plaintext } = await compactDecrypt(token, key, {
      keyManagementAlgorithms: ['dir'],
      contentEncryptionAlgorithms: ['A256GCM'],
    })
    const value: unknown = JSON.parse(decoder.decode(plaintext))
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null
  } catch {
    return null // a cookie is whatever a client sends: not an error, just not ours
  }
}

/** Whether two texts are equal, in a time that does not depend on where they differ. */
export function equalInConstantTime(a: string, b: string): boolean {
  const left = encoder.encode(a)
  const right = encoder.encode(b)
  let difference = left.length ^ right.length
  for (let index = 0; index < left.length; index += 1)
    difference |= (left[index] ?? 0) ^ (right[index] ?? 0)
  return difference === 0
}
