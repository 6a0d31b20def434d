import { readFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'

import type { Plugin, ViteDevServer } from 'vite'

import { startBackend, type Backend, type Faults } from './backends/auth.js'
import type { Trouble } from './backends/generations.js'
import type { Flavor, Message } from './backends/gotrue.js'
import { respond, type Handler } from './backends/node.js'
import { callbackHeaders } from './callback-headers.js'

/** The port that people register at Dribbble: `http://localhost:3000/auth/callback/dribbble`. */
export const PORT = 3000

export interface DemoPluginOptions {
  /** Where credentials are looked for. Default: nowhere, so that the stand-in is used. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined
  /** `Cross-Origin-Opener-Policy` of the stand-in's pages, such as `'same-origin'`. */
  readonly coop?: string | undefined
}

/** What the page is told about the machine behind it, inside its own HTML. */
export interface DemoState {
  readonly provider: 'stand-in' | 'dribbble.com'
  /** The issuer of the OpenID provider that is signed in at instead. `null`: it is not. */
  readonly openid: string | null
  readonly faults: Faults
  /** The GoTrue that was chosen. */
  readonly gotrue: {
    readonly flavor: Flavor
    readonly url: string
    readonly trouble: Trouble
  }
}

export interface DemoPlugin {
  readonly plugin: Plugin
  /** Settles once the server listens, for only then is the callback URL known. */
  readonly backend: () => Promise<Backend>
}

/** Mounts the companion server under `/auth` of Vite's own server, with a provider behind it. */
export function createDemoPlugin(options: DemoPluginOptions): DemoPlugin {
  let started!: (backend: Promise<Backend>) => void
  const backend = new Promise<Backend>((resolve) => {
    started = resolve
  })
  let running: Promise<Backend> | undefined

  const begin = (server: ViteDevServer): Promise<Backend> =>
    startBackend({
      ...options,
      origin: originOf(server),
      onError: ({ code, message }, { route }) =>
        server.config.logger.warn(`  auth  ${route}: ${code}. ${message}`),
    })
  const auth: Handler = async (request) => (await backend).handler(request)
  const change: Handler = async (request) => applyChange(request, await backend)
  const rewrite: Handler = async (request) => (await backend).rewrite(request)
  const outbox: Handler = async () => Response.json(readOutbox(await backend))
  const api: Handler = async (request) => (await backend).gotrue.api(request)

  const plugin: Plugin = {
    name: 'latchkey-demo',
    configureServer: (server) => {
      // Read now: once it listens, this says the port that was free.
      const wanted = server.config.server.port
      server.httpServer?.once('listening', () => started((running = begin(server))))
      server.printUrls = () => void backend.then((it) => announce(server, wanted, it))
      server.middlewares.use((incoming, outgoing, next) => {
        const path = incoming.url?.split('?', 1)[0] ?? ''
        if (path.startsWith('/auth/')) void respond(auth, incoming, outgoing)
        else if (path === '/demo/state') void respond(change, incoming, outgoing)
        else if (path.startsWith('/v1/')) void respond(rewrite, incoming, outgoing)
        else if (path === '/demo/outbox') void respond(outbox, incoming, outgoing)
        else if (path === '/demo/api') void respond(api, incoming, outgoing)
        else if (path === '/callback.html' && !/html-proxy/.test(incoming.url ?? ''))
          void respond(async () => callbackPage(server), incoming, outgoing)
        else next()
      })
    },
    transformIndexHtml: async (_, { filename }) =>
      filename.endsWith('index.html')
        ? [
            {
              tag: 'script',
              attrs: { type: 'application/json', id: 'demo-state' },
              children: JSON.stringify(describe(await backend)),
            },
          ]
        : [],
    closeBundle: async () => (await running)?.close(),
  }
  return { plugin, backend: () => backend }
}

/** As it would be in production: with its headers, and without Vite's own client in it. */
async function callbackPage(server: ViteDevServer): Promise<Response> {
  const source = await readFile(new URL('./callback.html', import.meta.url), 'utf8')
  const page = await server.transformIndexHtml('/callback.html', source)
  const html = page.replace(/<script[^>]*\/@vite\/client[^>]*><\/script>/, '')
  const headers = { ...callbackHeaders, 'content-type': 'text/html; charset=utf-8' }
  return new Response(html, { headers })
}

const describe = (backend: Backend): DemoState => ({
  provider: backend.dribbble ? 'stand-in' : 'dribbble.com',
  openid: backend.openid()?.issuer ?? null,
  faults: backend.faults(),
  gotrue: {
    flavor: backend.gotrue.flavor(),
    url: backend.gotrue.url(),
    trouble: backend.gotrue.trouble(),
  },
})

/** A mail, as far as a mailbox shows it. */
export type Mail = Pick<Message, 'to' | 'type' | 'code' | 'link'>

/** `GET /demo/outbox`. */
const readOutbox = ({ gotrue }: Backend): readonly Mail[] =>
  gotrue.outbox().map(({ to, type, code, link }) => ({ to, type, code, link }))

/** What the page's switches change. */
export type DemoChange = Partial<Faults> & {
  readonly provider?: 'dribbble' | 'openid'
  readonly flavor?: Flavor
  readonly trouble?: Trouble
}

/** `POST /demo/state` with some of the {@link DemoChange}. For this page alone, and answers it all. */
async function applyChange(request: Request, backend: Backend): Promise<Response> {
  const own = request.headers.get('origin') === new URL(request.url).origin
  if (request.method !== 'POST' || !own) return new Response(null, { status: 403 })
  const { provider, flavor, trouble, ...faults } = (await request.json()) as DemoChange
  backend.setFaults(faults)
  if (flavor) backend.gotrue.choose(flavor)
  if (trouble) backend.gotrue.setTrouble(trouble)
  if (provider) await backend.choose(provider)
  return Response.json(describe(backend))
}

export function originOf(server: ViteDevServer): string {
  // A string only for a server on a pipe, `null` before it listens.
  const address = server.httpServer?.address() as AddressInfo | null | undefined
  return `http://localhost:${address?.port ?? PORT}`
}

function announce(server: ViteDevServer, wanted: number, { dribbble, callbackURL }: Backend): void {
  const origin = originOf(server)
  const lines = ['', `  Latchkey demo   ${origin}/`]
  if (new URL(origin).port !== String(wanted))
    lines.push(`                  (port ${wanted} was busy)`)
  if (dribbble) lines.push(`  Signs in at     a stand-in for Dribbble, ${dribbble.siteURL}`)
  else lines.push('  Signs in at     the real dribbble.com', `  Register there  ${callbackURL}`)
  lines.push('  Stop            Ctrl-C', '')
  server.config.logger.info(lines.join('\n'))
}
