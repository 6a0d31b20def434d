/** What a key is for. Each has its own, so that one kind of token is never taken for another. */
export type Purpose =
  | 'session'
  | 'attempt'
  | 'csrf'
  | 'app signing'
  | 'app encryption'
  | 'aurinko session'

/** 32 bytes for a purpose, always the same ones for the same secret and salt. */
export type Keys = (purpose: Purpose) => Promise<Uint8Array<ArrayBuffer>>

/** Derives keys by HKDF-SHA-256 (RFC 5869); `info` is what separates the purposes. */
export function createKeys(secret: string, salt: string): Keys {
  const encoder = new TextEncoder()
  const derived = new Map<Purpose, Promise<Uint8Array<ArrayBuffer>>>()
  const derive = async (purpose: Purpose): Promise<Uint8Array<ArrayBuffer>> => {
    const material = await crypto.subtle.importKey('raw', encoder.encode(secret), 'HKDF', false, [
      'deriveBits',
    ])
    const bits = await crypto.subtle.deriveBits(
      {
        name: 'HKDF',
        hash: 'SHA-256',
        salt: encoder.encode(salt),
        info: encoder.encode(`latchkey/server v1: ${purpose}`),
      },
      material,
      256,
    )
    return new Uint8Array(bits)
  }
  return (purpose) => {
    const known = derived.get(purpose)
    if (known) return known
    const key = derive(purpose)
    derived.set(purpose, key)
    return key
  }
}
