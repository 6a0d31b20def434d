import { AuthError } from '../../errors.js'
import { operate, send, type Answer } from '../../http.js'
import type { AdapterIO, ClientConfig } from '../../types.js'
import { explain } from './explain.js'
import type { Flavor, GoTrueOptions, Settings } from './options.js'

export interface Call {
  readonly method?: string
  /** Makes it a POST, if nothing else is said. Absent members are not sent. */
  readonly json?: object
  /** An access token. */
  readonly token?: string
  /** `redirect_to`, which belongs into the query everywhere. */
  readonly redirectTo?: string | undefined
  /** Goes on when the page is left. */
  readonly keepalive?: boolean
}

/** One GoTrue. */
export interface Server {
  /** Rejects with what the server said, unless that was a success. */
  readonly call: (io: AdapterIO, path: string, how?: Call) => Promise<Answer>
  /** Asked for once, with a deadline of its own; a failure is forgotten. */
  readonly settings: () => Promise<Settings>
  /** The same, if it is here. */
  readonly known: () => Settings | undefined
  /** Rejects only where nobody has said which it is. */
  readonly flavor: () => Promise<Flavor>
  /** The same, if that is known. */
  readonly which: () => Flavor | undefined
}

/** ms for `/settings`, which a click may be waiting for. */
const PATIENCE = 5_000

export function createServer(
  { flavor }: GoTrueOptions,
  { env, baseURL, fetch: fetcher = fetch }: ClientConfig,
): Server {
  const call: Server['call'] = async (
    io,
    path,
    { method, json, token, redirectTo, ...how } = {},
  ) => {
    const url = new URL(baseURL + path)
    if (redirectTo !== undefined) url.searchParams.set('redirect_to', redirectTo)
    // No header but these two: both servers' CORS lists are all or nothing, and neither has more in
    // common. No cookies: they answer `Access-Control-Allow-Origin: *`.
    const answer = await send(io, url.href, {
      method: method ?? (json ? 'POST' : 'GET'),
      credentials: 'omit',
      headers: {
        ...(token && { authorization: `Bearer ${token}` }),
        ...(json && { 'content-type': 'application/json' }),
      },
      ...(json && { body: JSON.stringify(json) }),
      ...how,
    })
    if (answer.status > 299) throw explain(answer)
    return answer
  }
  let known: Settings | undefined
  let asking: Promise<Settings> | undefined
  const ask = async (io: AdapterIO): Promise<Settings> => {
    const { body } = await call(io, '/settings')
    // A page of the Wi-Fi's is no answer.
    if (!('external' in Object(body))) throw new AuthError('invalid_response')
    return (known = body as Settings)
  }
  const settings = async (): Promise<Settings> =>
    (asking ??= operate(env!, fetcher, ask, undefined, PATIENCE).catch((error: unknown) => {
      asking = undefined
      throw error
    }))
  const which = (): Flavor | undefined =>
    flavor ?? (known && ('external_labels' in known ? 'fork2022' : 'current'))
  return {
    call,
    settings,
    known: () => known,
    which,
    flavor: async () => which() ?? (await settings(), which()!),
  }
}
