import { randomBytes } from 'node:crypto'

import type { DribbbleKnobs } from './knobs.js'
import type { DribbbleApp } from './redirect-rule.js'

/** An authorization request that passed every check and awaits the user. */
export interface Authorization {
  readonly app: DribbbleApp
  readonly redirect: URL
  /** As the app wrote it, because the token request has to repeat it to the letter. */
  readonly redirectURI: string
  readonly scope: string
  /** `null`: none was sent, so none is sent back. */
  readonly state: string | null
  /** `null`: no PKCE. */
  readonly challenge: { readonly value: string; readonly method: string } | null
}

/** What the stand-in remembers, in memory only. */
export interface DribbbleState {
  readonly apps: readonly DribbbleApp[]
  readonly knobs: DribbbleKnobs
  readonly now: () => number
  /** Origin of the site, for the links and the avatar in the user's JSON. */
  readonly siteURL: string
  /** Consent forms that are open, by their one-time token. */
  readonly forms: Map<string, Expiring<{ authorization: Authorization; browser: string }>>
  readonly codes: Map<string, Expiring<{ authorization: Authorization; scope: string }>>
  readonly tokens: Map<string, Expiring<{ scope: string }>>
  /** Scope last granted, by browser and client id. */
  readonly grants: Map<string, string>
  /** Rate-limit windows, by access token. */
  readonly windows: Map<string, Expiring<{ used: number }>>
}

/** `expiresAt` is in ms of {@link DribbbleState.now}; `Infinity`: never. */
export type Expiring<T> = T & { readonly expiresAt: number }

/** A secret of 43 base64url characters, the shape of current Dribbble codes. */
export function createSecret(): string {
  return randomBytes(32).toString('base64url')
}

/** Adds an entry and forgets the expired ones, so that a demo can run for weeks. */
export function remember<T>(
  entries: Map<string, Expiring<T>>,
  key: string,
  entry: Expiring<T>,
  now: number,
): void {
  for (const [old, { expiresAt }] of entries) if (expiresAt <= now) entries.delete(old)
  entries.set(key, entry)
}

/** The entry under `key` unless it expired. */
export function recall<T>(
  entries: Map<string, Expiring<T>>,
  key: string,
  now: number,
): Expiring<T> | undefined {
  const entry = entries.get(key)
  return entry && entry.expiresAt > now ? entry : undefined
}
