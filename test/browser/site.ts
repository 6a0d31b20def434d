import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** One page of a site: its HTML, and headers such as `Cross-Origin-Opener-Policy`. */
export interface Document {
  readonly html?: string
  /** 200 if left out; 303 with a `location` among the headers. */
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
}

/**
 * One server under three names. They are three origins and three sites, and all of them secure
 * contexts, so COOP and partitioning work without TLS.
 */
export interface Site {
  /** `http://localhost:port` */
  readonly app: string
  /** `http://127.0.0.1:port` */
  readonly provider: string
  /** `http://127.0.0.2:port` */
  readonly third: string
  close: () => Promise<void>
}

/** What a page of a site is, now or a while later. */
export type Answer = (
  url: URL,
  request: IncomingMessage,
) => Document | undefined | Promise<Document | undefined>

/** Serves what `answer` says for each URL, and 404 where it says nothing. */
export async function serve(answer: Answer): Promise<Site> {
  const respond = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? '/', `http://${request.headers.host}`)
    const page = await answer(url, request)
    response.writeHead(page ? (page.status ?? 200) : 404, {
      'content-type': 'text/html; charset=utf-8',
      ...page?.headers,
    })
    response.end(page ? page.html : 'Not found')
  }
  const listen = async (host: string, port: number) => {
    const server = createServer((...both) => void respond(...both)).listen(port, host)
    await once(server, 'listening')
    return server
  }
  const first = await listen('127.0.0.1', 0)
  const { port } = first.address() as AddressInfo
  const servers = [first, await listen('127.0.0.2', port)]
  return {
    app: `http://localhost:${port}`,
    provider: `http://127.0.0.1:${port}`,
    third: `http://127.0.0.2:${port}`,
    close: async () => {
      for (const server of servers) {
        const closed = once(server, 'close')
        server.close()
        server.closeAllConnections()
        await closed
      }
    },
  }
}
