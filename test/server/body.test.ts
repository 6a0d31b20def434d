import { expect, it } from 'vitest'

import { readText } from '../../src/server/body.js'

const bytes = new TextEncoder().encode('é€')

it('reads characters that arrive in pieces', async () => {
  const pieces = Array.from(bytes, (byte) => new Uint8Array([byte]))
  const body = new ReadableStream({
    pull: (it) => (pieces.length ? it.enqueue(pieces.shift()!) : it.close()),
  })
  expect(await readText(new Response(body), bytes.length)).toBe('é€')
})

it('gives up on what is too long, in bytes, without waiting for its end', async () => {
  let cancelled = false
  const body = new ReadableStream({
    start: (it) => it.enqueue(bytes),
    cancel: () => {
      cancelled = true
      return new Promise<void>(() => {})
    },
  })
  expect(await readText(new Response(body), bytes.length - 1)).toBeNull()
  expect(cancelled).toBe(true)
})
