import type { Answer } from '../../http.js'
import type { Adapter, AdapterIO, AdapterKit } from '../../types.js'
import type { AurinkoOptions } from './options.js'
import type { AurinkoSession } from './session.js'

/** What both halves work with. */
export interface AurinkoKit extends AurinkoOptions {
  /** Where `/v1` is: the app's own origin, by a rewrite, or Aurinko's. */
  readonly base: string
  /** One request about the user: `''`, `'/accounts'`, `'/logout'`. */
  readonly ask: (io: AdapterIO, path: string, method?: string) => Promise<Answer>
  readonly load: Adapter<AurinkoSession>['load']
  readonly client: () => AdapterKit<AurinkoSession>
}
