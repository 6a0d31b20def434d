import { send } from '../../http.js'
import type { Adapter, AdapterFactory, AdapterIO } from '../../types.js'
import type { AuraFlow } from './flow.js'
import { readSession, type AuraSession } from './session.js'

/**
 * Aura Auth (`@aura-stack/auth` 0.9) and `latchkey/server`, which speaks the same contract. All
 * state is in HttpOnly cookies, so the app must be on the backend's site: another port or a
 * subdomain will do, with CORS and the app among its trusted origins.
 */
export function aura(): AdapterFactory<AuraSession> {
  return ({ baseURL }): Adapter<AuraSession> => {
    // Aura's own default mount point (createAuth's `basePath`).
    const base = baseURL.replace(/^[^/]+\/\/[^/]+$/, '$&/auth')
    const load = async (io: AdapterIO): Promise<AuraSession | null> =>
      readSession(await send(io, `${base}/session`), io.now())
    const eager = {
      id: 'aura',
      realm: base,
      credential: 'cookie',
      load,
      // Aura takes a page of its own origin as a path only.
      enter: (provider: string, page: string) =>
        `${base}/signIn/${encodeURIComponent(provider)}?redirectTo=${encodeURIComponent(page.replace(new URL(base).origin, ''))}`,
      // A page whose user is signed in loads none of the rest.
      prepare: async () =>
        Object.assign(eager, (await import('./flow.js')).createAuraFlow(base, load)),
    } as const
    return eager as typeof eager & AuraFlow
  }
}
