import { AuthError } from '../../errors.js'
import type { ClientConfig } from '../../types.js'

/** What the official client, alone or as a part of `supabase-js`, keeps its session under. */
export const legacyKeysOf = (realm: string): readonly string[] => [
  `sb-${new URL(realm).hostname.split('.')[0]}-auth-token`,
  'supabase.auth.token',
]

/** Throws `invalid_config` for a key that opens everything: whoever looks at the page has it. */
export function refuseServiceKey({ headers }: ClientConfig): void {
  for (const value of new Headers(headers).values()) {
    if (/sb_secret_|"role"\s*:\s*"(service_role|supabase_admin)"/.test(value + readClaims(value))) {
      throw new AuthError('invalid_config', 'A service_role key is for servers: use the anon key.')
    }
  }
}

/** The claims of a JWT as JSON, unverified. `''`: it is none. */
export function readClaims(jwt: string): string {
  try {
    return atob(jwt.split('.')[1]!.replaceAll('-', '+').replaceAll('_', '/'))
  } catch {
    return ''
  }
}
