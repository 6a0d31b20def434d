import { pause } from '../pause.js'
import { either, http, writeRefusal } from './errors.js'
import type { GoTrueState } from './state.js'

/** One way for one endpoint to fail. What is not said happens as always. */
export interface Fault {
  /** `'POST /token'`, or closer: `'POST /token?grant_type=refresh_token'`. */
  readonly on: string
  /** How many requests it strikes. Default 1. */
  readonly times?: number
  /** The answer is held: ms, or until this settles. The server has acted by then. */
  readonly delay?: number | Promise<unknown>
  /** Answered instead, and the server does not act: 409, 429, 503. */
  readonly status?: number
  /** `Retry-After`, seconds. No GoTrue sends one; what stands before it may. */
  readonly retryAfter?: number
  /** The body of `status`: text is a gateway's HTML, an object is JSON. Default: GoTrue's own. */
  readonly body?: string | object
  /** The server acts, and the connection dies before its answer is out. */
  readonly lost?: boolean
}

/** Takes the fault that this request meets, if any, and counts it down. */
export function takeFault(faults: Fault[], request: Request): Fault | null {
  const { pathname, searchParams } = new URL(request.url)
  const index = faults.findIndex(({ on }) => {
    const [endpoint, query = ''] = on.split('?')
    const wanted = [...new URLSearchParams(query)]
    return (
      endpoint === `${request.method} ${pathname}` &&
      wanted.every(([name, value]) => searchParams.get(name) === value)
    )
  })
  const fault = faults[index]
  if (!fault) return null
  const times = (fault.times ?? 1) - 1
  if (times > 0) faults[index] = { ...fault, times }
  else faults.splice(index, 1)
  return fault
}

/** What a fault answers in the server's place. `null`: let it act. */
export function answerFault(
  { status, retryAfter, body }: Fault,
  request: Request,
  world: GoTrueState,
): Response | null {
  if (status === undefined) return null
  const response =
    typeof body === 'string'
      ? new Response(body, { status, headers: { 'content-type': 'text/html; charset=utf-8' } })
      : body
        ? Response.json(body, { status })
        : writeRefusal(explain(status, world), request, world)
  if (retryAfter !== undefined) response.headers.set('retry-after', String(retryAfter))
  return response
}

/** The words that GoTrue has for the failures that a client meets by no fault of its own. */
function explain(status: number, world: GoTrueState) {
  switch (status) {
    case 409: {
      const text = 'Too many concurrent token refresh requests on the same session or refresh token'
      return http(409, text, 'conflict')
    }
    case 429:
      return either(
        world,
        http(429, 'Rate limit exceeded'),
        http(429, 'Request rate limit reached', 'over_request_rate_limit'),
      )
    case 504: {
      const text = 'Processing this request timed out, please retry after a moment.'
      return http(504, text, 'request_timeout')
    }
    default:
      return http(status, status < 500 ? 'Refused' : 'Internal Server Error', 'unexpected_failure')
  }
}

/** Holds an answer, or lets it get lost: `Response.error()` is a connection that died. */
export async function spoil(
  response: Response,
  { delay = 0, lost = false }: Fault,
  signal: AbortSignal,
): Promise<Response> {
  if (typeof delay === 'number') await pause(delay, signal)
  else await delay
  return lost ? Response.error() : response
}
