import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A Web-standard request handler, the shape every server in this demo has. */
export type Handler = (request: Request) => Response | Promise<Response>

export interface ServeOptions {
  /** Default `0`: any free port. */
  readonly port?: number
  /** Default `'localhost'`: nothing outside this machine can connect. */
  readonly host?: string
}

export interface Served {
  /** The origin, without a trailing slash: `http://localhost:41234`. */
  readonly url: string
  /** Stops listening and ends every socket, idle or mid-answer. Safe to call twice. */
  readonly close: () => Promise<void>
}

/**
 * Puts a Web-standard handler on `node:http`. A client that goes away aborts `request.signal`.
 *
 * @example
 * const served = await serve(() => new Response('hello'), { port: 3000 })
 * await served.close()
 */
export async function serve(handler: Handler, options: ServeOptions = {}): Promise<Served> {
  const { port = 0, host = 'localhost' } = options
  const server = createServer((incoming, outgoing) => void respond(handler, incoming, outgoing))
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      resolve()
    })
  })
  const bound = (server.address() as AddressInfo).port

  let closing: Promise<void> | undefined
  const close = () =>
    (closing ??= new Promise<void>((resolve, reject) => {
      server.close((error) => (error ? reject(error) : resolve()))
      // `server.close()` alone waits for the keep-alive sockets that browsers hold for minutes.
      server.closeAllConnections()
    }))

  return { url: `http://${host.includes(':') ? `[${host}]` : host}:${bound}`, close }
}

/**
 * Answers one request of `node:http` by a Web-standard handler, wherever the server came from: the
 * one above, or another that lets a middleware in. Never rejects.
 */
export async function respond(
  handler: Handler,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const gone = new AbortController()
  outgoing.once('close', () => gone.abort())
  try {
    const request = await readRequest(incoming, gone.signal)
    const response = request ? await handler(request) : new Response(null, { status: 400 })
    // `Response.error()`: the connection dies, as if the answer had got lost on its way.
    if (response.type === 'error') return void outgoing.destroy()
    const body = Buffer.from(await response.arrayBuffer())
    for (const [field, value] of response.headers) {
      if (field !== 'set-cookie') outgoing.setHeader(field, value)
    }
    // Cookies cannot be joined into one comma-separated header.
    const cookies = response.headers.getSetCookie()
    if (cookies.length > 0) outgoing.setHeader('set-cookie', cookies)
    outgoing.writeHead(response.status).end(body)
  } catch (error) {
    if (outgoing.headersSent || outgoing.destroyed) return void outgoing.destroy()
    // Whoever reads this is the developer whose handler threw, on their own machine.
    outgoing.writeHead(500, { 'content-type': 'text/plain; charset=utf-8' }).end(String(error))
  }
}

/** `null`: a request no handler could be shown (`OPTIONS *`, `TRACE`, an unusable Host header). */
async function readRequest(incoming: IncomingMessage, signal: AbortSignal) {
  const { method = 'GET', url = '/', rawHeaders } = incoming
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(chunk as Buffer)
  const headers = new Headers()
  for (let i = 0; i < rawHeaders.length; i += 2) headers.append(rawHeaders[i]!, rawHeaders[i + 1]!)
  const body = method === 'GET' || method === 'HEAD' ? null : Buffer.concat(chunks)
  const host = headers.get('host')
  // Joined, not resolved: `//evil.example` is a path here. And a target that is no path, like `*`
  // or `@evil.example`, would become part of the host.
  if (!host || !url.startsWith('/')) return null
  try {
    return new Request(`http://${host}${url}`, { method, headers, body, signal })
  } catch {
    return null
  }
}
