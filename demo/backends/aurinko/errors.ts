import { randomUUID } from 'node:crypto'

import type { AurinkoKnobs } from './knobs.js'

/** An error of the API: JSON, also where a browser was sent here. */
export function refuse(
  status: number,
  code: string,
  message: string,
  { errorShape }: AurinkoKnobs,
): Response {
  const requestId = randomUUID()
  const inner = { code, message }
  const body = {
    flat: { code, message: `${code}: ${message}`, requestId },
    nested: { message, requestId, error: { code: 'Failed', innerError: inner } },
    original: { message, requestId, originalError: { error: inner } },
  }[errorShape]
  const headers: Record<string, string> = { 'cache-control': 'no-store' }
  if (status === 401) headers['www_authenticate'] = 'Basic'
  return Response.json(body, { status, headers })
}
