import { AuthError } from '../../errors.js'

export interface Pair {
  readonly verifier: string
  /** As the server's parameters are called, in a query as in JSON. */
  readonly challenge: { readonly code_challenge: string; readonly code_challenge_method: 's256' }
}

/** RFC 7636 §4.1: 256 random bits, and their hash. `plain` protects from nothing that matters. */
export async function createPair(): Promise<Pair> {
  const { subtle } = globalThis.crypto
  if (!subtle) throw new AuthError('insecure_context')
  const verifier = encode(globalThis.crypto.getRandomValues(new Uint8Array(32)))
  const hash = await subtle.digest('SHA-256', new TextEncoder().encode(verifier))
  return {
    verifier,
    challenge: { code_challenge: encode(new Uint8Array(hash)), code_challenge_method: 's256' },
  }
}

function encode(bytes: Uint8Array): string {
  const text = btoa(String.fromCharCode(...bytes))
  return text.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
}
