import { refuse } from '../respond.js'

/** The `redirect` flag of a query: true unless said otherwise, `null` if it is neither. */
export function readFlag(value: string | null): boolean | null {
  if (value === null) return true
  const word = value.toLowerCase()
  if (['true', '1', 'yes', 'on'].includes(word)) return true
  return ['false', '0', 'no', 'off'].includes(word) ? false : null
}

/** 422 for a parameter that is missing or wrong. */
export function unprocessable(field: string, message: string): Response {
  return refuse({
    status: 422,
    type: 'VALIDATION',
    code: 'UNPROCESSABLE_ENTITY',
    error: 'invalid_request',
    message,
    details: { [field]: { code: 'invalid', message } },
  })
}
