import type { Dpop } from './options.js'

export type { Dpop, DpopKey } from './options.js'

/**
 * Binds every token to a key of this browser that no script can read (RFC 9449), so that a token that
 * leaks is of no use elsewhere. Where the provider supports it, and the API checks it.
 *
 * @example
 * oidc({ issuer: 'https://id.example', clientId: 'web', dpop: dpop() })
 */
export function dpop(): Dpop {
  return { open: async (...args) => (await import('./dpop-key.js')).openKey(...args) }
}
