import { atom } from 'nanostores'

/** One line of the log: what happened, and why it did so. */
export interface Line {
  readonly tone: 'page' | 'press' | 'ask' | 'good' | 'bad' | 'note'
  readonly text: string
  readonly why?: string
}

export interface Entry extends Line {
  /** ms since the epoch. */
  readonly at: number
}

const KEY = 'demo:log'
const CAPACITY = 80

/** Oldest first. Outlives the trip to the provider, or half of the story would be missing. */
export const entries = atom<readonly Entry[]>(restore())

export function write(line: Line): void {
  save([...entries.get(), { ...line, at: Date.now() }].slice(-CAPACITY))
}

export function clear(): void {
  save([])
}

function save(next: readonly Entry[]): void {
  entries.set(next)
  try {
    sessionStorage.setItem(KEY, JSON.stringify(next))
  } catch {
    // Storage is blocked, which is worth demonstrating too: the log then lasts for one page.
  }
}

function restore(): readonly Entry[] {
  try {
    return JSON.parse(sessionStorage.getItem(KEY) ?? '[]') as readonly Entry[]
  } catch {
    return []
  }
}
