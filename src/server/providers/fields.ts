/** `value` if it is text with something in it, else `null`: providers send `null` for a blank. */
export const text = (value: unknown): string | null =>
  typeof value === 'string' && value !== '' ? value : null

/** An id as text, whether the provider sends a number or a string; `''` if it sent neither. */
export const identifier = (value: unknown): string =>
  typeof value === 'number' || typeof value === 'string' ? String(value) : ''
