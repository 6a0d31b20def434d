import { startGoTrue, type Fault, type Flavor, type Message } from './gotrue.js'
import type { Handler } from './node.js'

/** What happens to every request for tokens, for as long as it is chosen. */
export type Trouble = 'none' | 'limited' | 'conflict' | 'failing' | 'lost' | 'slow'

const TROUBLES: Readonly<Record<Trouble, Omit<Fault, 'on'> | null>> = {
  none: null,
  limited: { status: 429 },
  conflict: { status: 409 },
  failing: { status: 503 },
  lost: { lost: true },
  slow: { delay: 3_000 },
}

/** Both generations of GoTrue, each on a port of its own. One of them is chosen. */
export interface Generations {
  readonly flavor: () => Flavor
  readonly url: () => string
  readonly choose: (flavor: Flavor) => void
  readonly trouble: () => Trouble
  readonly setTrouble: (trouble: Trouble) => void
  readonly setProvider: (faults: { readonly coop?: boolean; readonly deny?: boolean }) => void
  /** What the chosen one has sent, newest first: nobody has a mailbox here. */
  readonly outbox: () => readonly Message[]
  /** An API of the app that takes each access token once, so that the next call needs another. */
  readonly api: Handler
  readonly close: () => Promise<void>
}

export interface GenerationsOptions {
  /** The app. */
  readonly siteURL: string
  /** `Cross-Origin-Opener-Policy` of the provider's page. */
  readonly coop?: string | undefined
}

export async function startGenerations({
  siteURL,
  coop,
}: GenerationsOptions): Promise<Generations> {
  const start = async (flavor: Flavor) =>
    startGoTrue({
      flavor,
      siteURL,
      clientId: 'Latchkey demo',
      knobs: { messageInterval: 0, manualLinking: true, coop },
    })
  const servers = { current: await start('current'), fork2022: await start('fork2022') }
  const all = Object.values(servers)
  const spent = new Set<string | null>([null])
  let flavor: Flavor = 'current'
  let trouble: Trouble = 'none'
  return {
    flavor: () => flavor,
    url: () => servers[flavor].url,
    choose: (next) => {
      flavor = next
    },
    trouble: () => trouble,
    setTrouble: (next) => {
      trouble = next
      const fault = TROUBLES[next]
      for (const { gotrue } of all)
        gotrue.knobs.faults = fault ? [{ ...fault, on: 'POST /token', times: Infinity }] : []
    },
    setProvider: (faults) => {
      for (const { gotrue } of all) {
        if (faults.deny !== undefined) gotrue.knobs.provider = faults.deny ? 'deny' : 'ask'
        if (faults.coop !== undefined) gotrue.knobs.coop = faults.coop ? 'same-origin' : undefined
      }
    },
    outbox: () => [...servers[flavor].gotrue.outbox].reverse(),
    api: ({ headers }) => {
      const token = headers.get('authorization')
      const isSpent = spent.has(token)
      spent.add(token)
      return Response.json({ isSpent }, { status: isSpent ? 401 : 200 })
    },
    close: async () => void (await Promise.all(all.map(async (server) => server.close()))),
  }
}
