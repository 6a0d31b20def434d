import { createHash, createHmac, randomBytes, randomInt, timingSafeEqual } from 'node:crypto'

import type { Session } from './state.js'

const SIGNATURE = 16
const CHECKSUM = 4

/** The fork's: 22 characters base64url (`crypto/crypto.go`). */
export const createForkToken = (): string => randomBytes(16).toString('base64url')

/** Version 1: twelve of `a-z0-9` (`internal/crypto/crypto.go`). */
export const createShortToken = (): string =>
  Array.from({ length: 12 }, () => randomInt(36).toString(36)).join('')

/**
 * Version 2: a version, a session, a counter, their HMAC and a checksum, base64url. There is no
 * row for it: the session knows which counter is active (`internal/crypto/refresh_tokens.go`).
 */
export function encodeToken({ id, hmacKey, counter }: Session): string {
  const body = Buffer.concat([
    Buffer.from([0]),
    Buffer.from(id.replaceAll('-', ''), 'hex'),
    encodeVarint(counter),
  ])
  const signed = Buffer.concat([body, sign(body, hmacKey)])
  return Buffer.concat([signed, checksum(signed)]).toString('base64url')
}

export interface DecodedToken {
  readonly sessionId: string
  readonly counter: number
  readonly isSignedBy: (hmacKey: Buffer) => boolean
}

/** `null`: no server has made this one. */
export function decodeToken(token: string): DecodedToken | null {
  const bytes = Buffer.from(token, 'base64url')
  if (bytes.length < 1 + 16 + 1 + SIGNATURE + CHECKSUM) return null
  const signed = bytes.subarray(0, -CHECKSUM)
  if (bytes[0] !== 0 || !checksum(signed).equals(bytes.subarray(-CHECKSUM))) return null
  const body = signed.subarray(0, -SIGNATURE)
  const signature = signed.subarray(-SIGNATURE)
  const hex = body.subarray(1, 17).toString('hex')
  return {
    sessionId: hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5'),
    counter: decodeVarint(body.subarray(17)),
    isSignedBy: (hmacKey) => timingSafeEqual(sign(body, hmacKey), signature),
  }
}

const sign = (body: Buffer, key: Buffer) =>
  createHmac('sha256', key).update(body).digest().subarray(0, SIGNATURE)

const checksum = (bytes: Buffer) =>
  createHash('sha256').update(bytes).digest().subarray(0, CHECKSUM)

/** Go's `binary.AppendUvarint`: seven bits a byte, the lowest first. */
function encodeVarint(value: number): Buffer {
  const bytes: number[] = []
  for (; value >= 0x80; value = Math.floor(value / 0x80)) bytes.push((value % 0x80) | 0x80)
  return Buffer.from([...bytes, value])
}

const decodeVarint = (bytes: Buffer): number =>
  bytes.reduceRight((value, byte) => value * 0x80 + (byte & 0x7f), 0)
