import { randomUUID } from 'node:crypto'
import { afterAll, beforeEach, describe, expect } from 'vitest'

import { startGoTrue, type Flavor, type GoTrueKnobs } from '../../../demo/backends/gotrue.js'
import { cases } from '../needs.js'

/**
 * What a server can be made to do.
 *
 * - `provider`: its provider answers by itself, without a person who presses a button
 * - `person`: that provider can be told who it is that signs in
 * - `links`: its service key is known, so that it tells the links of its mails
 * - `mailbox`: its mails can be read
 * - `broken`: its database can be made to fail
 * - `clock`: its clock can be moved
 * - `autoconfirm`, `confirmation`: sign-ups are confirmed at once, or by mail
 * - `account`: somebody can sign up without a mail being read
 * - `anonymous`: `GOTRUE_EXTERNAL_ANONYMOUS_USERS_ENABLED`
 * - `linking`, `linkingOff`: `GOTRUE_SECURITY_MANUAL_LINKING_ENABLED` is on, or off
 * - `interval`, `strict`: a refresh token may be reused for a while, or never
 * - `bare`: there is no gateway in front of it
 */
export type Need =
  | 'provider'
  | 'person'
  | 'links'
  | 'mailbox'
  | 'broken'
  | 'clock'
  | 'account'
  | 'autoconfirm'
  | 'confirmation'
  | 'anonymous'
  | 'linking'
  | 'linkingOff'
  | 'interval'
  | 'strict'
  | 'bare'

/** What only a stand-in can. */
export interface StandIn {
  readonly knobs: GoTrueKnobs
  readonly pass: (ms: number) => void
  /** ms since the epoch, by its clock. */
  readonly now: () => number
}

/** One server under test. */
export interface Server {
  readonly name: string
  readonly flavor: Flavor
  readonly url: string
  readonly siteURL: string
  /** A provider that is enabled. */
  readonly provider: string
  readonly standIn: StandIn | null
  /** Sent with everything: a gateway's `apikey`. */
  readonly headers: Readonly<Record<string, string>>
  readonly serviceKey: string | null
  /** The latest mail to this address, as text or HTML. */
  readonly readMail: (address: string) => Promise<string>
  readonly can: (need: Need) => boolean
  readonly close: () => Promise<void>
}

const env = (name: string): string => process.env[`GOTRUE_${name}`] ?? ''

/** The server that `GOTRUE_URL` names, else every kind of stand-in. */
async function openServers(): Promise<readonly Server[]> {
  if (env('URL')) return [await openReal(env('URL').replace(/\/$/, ''))]
  return Promise.all([
    openStandIn('fork of 2022', 'fork2022', 1),
    openStandIn('current, refresh tokens version 1', 'current', 1),
    openStandIn('current, refresh tokens version 2', 'current', 2),
  ])
}

async function openReal(url: string): Promise<Server> {
  const headers: Record<string, string> = env('API_KEY') ? { apikey: env('API_KEY') } : {}
  const response = await fetch(`${url}/settings`, { headers })
  const settings = (await response.json()) as {
    readonly external?: Readonly<Record<string, boolean>>
    readonly mailer_autoconfirm?: boolean
  }
  const isConfirmed = settings.mailer_autoconfirm === true
  const can: Record<Need, boolean> = {
    provider: env('PROVIDER_ANSWERS') === '1',
    person: false,
    links: env('SERVICE_KEY') !== '',
    mailbox: env('MAILBOX') !== '',
    broken: false,
    clock: false,
    account: isConfirmed || env('SERVICE_KEY') !== '',
    autoconfirm: isConfirmed,
    confirmation: !isConfirmed,
    anonymous: settings.external?.['anonymous_users'] === true,
    linking: env('MANUAL_LINKING') === '1',
    linkingOff: env('MANUAL_LINKING') !== '1',
    interval: Number(env('REUSE_INTERVAL')) > 0,
    strict: Number(env('REUSE_INTERVAL')) === 0,
    bare: env('API_KEY') === '',
  }
  return {
    name: url,
    flavor: 'external_labels' in settings ? 'fork2022' : 'current',
    url,
    siteURL: env('SITE_URL') || 'http://localhost:3000',
    provider: env('PROVIDER') || 'github',
    standIn: null,
    headers,
    serviceKey: env('SERVICE_KEY') || null,
    readMail: async (address) => {
      const url = env('MAILBOX') + encodeURIComponent(address)
      await expect.poll(async () => (await fetch(url)).status).toBe(200)
      return (await fetch(url)).text()
    },
    can: (need) => can[need],
    close: async () => {},
  }
}

async function openStandIn(name: string, flavor: Flavor, version: 1 | 2): Promise<Server> {
  let ahead = 0
  const siteURL = 'http://localhost:3000'
  const now = (): number => Date.now() + ahead
  const { url, gotrue, close } = await startGoTrue({
    flavor,
    refreshTokenVersion: version,
    siteURL,
    now,
  })
  return {
    name,
    flavor,
    url,
    siteURL,
    provider: 'github',
    standIn: {
      knobs: gotrue.knobs,
      pass: (ms) => void (ahead += ms),
      now,
    },
    headers: {},
    serviceKey: await gotrue.key('service_role'),
    readMail: async (address) => {
      const { link, code } = gotrue.outbox.filter(({ to }) => to === address).at(-1)!
      return `<a href="${link}">Follow this link</a>, or type in ${code}`
    },
    can: () => true,
    close,
  }
}

const servers = await openServers()

/**
 * Runs the cases on every server, or on those of one flavor.
 *
 * @example
 * onEachServer(({ server, check }) => {
 *   check(['provider'], 'a code is good once', async () => {})
 * })
 */
export function onEachServer(
  run: (lab: { server: Server; check: ReturnType<typeof cases<Need>> }) => void,
  flavor?: Flavor,
): void {
  for (const server of servers) {
    if (flavor !== undefined && server.flavor !== flavor) continue
    describe(server.name, () => {
      // Every case finds a stand-in as a test server is set up, with a person of its own.
      beforeEach(() => {
        if (!server.standIn) return
        Object.assign(server.standIn.knobs, {
          autoconfirm: true,
          provider: 'allow',
          manualLinking: true,
          reuseInterval: 0,
          accessTokenLifetime: 3_600_000,
          messageInterval: 0,
          allowList: [],
          person: {
            sub: randomUUID(),
            email: `${randomUUID()}@example.com`,
            emailVerified: true,
            name: 'Ada Winter',
          },
        })
      })
      run({ server, check: cases(server.can) })
    })
  }
}

afterAll(() => Promise.all(servers.map(({ close }) => close())).then(() => {}))
