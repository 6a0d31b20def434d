import type { Env } from '../env.js'
import { AuthError } from '../errors.js'
import type { StorageOption } from '../options.js'

/** Where tokens are kept, always asynchronous. */
export interface Storage {
  readonly getItem: (key: string) => Promise<string | null>
  readonly setItem: (key: string, value: string) => Promise<void>
  readonly removeItem: (key: string) => Promise<void>
  /** Removes what only this page holds. */
  readonly drop: (key: string) => void
}

/**
 * Opens what the app chose. Where the browser's own storage is blocked or full, tokens are held in
 * memory: signed in until this page goes, rather than not at all.
 */
export function openStorage(env: Env, option: StorageOption): Storage {
  /** With what was there beside it, and could not be replaced. */
  const memory = new Map<string, { readonly value: string; readonly beside: string | null }>()
  const place = (): Exclude<StorageOption, string> | undefined => {
    if (typeof option === 'object') return option
    try {
      return option === 'memory' ? undefined : env[`${option}Storage`]
    } catch {
      return undefined
    }
  }
  const look = async (key: string): Promise<string | null> => (await place()?.getItem(key)) ?? null
  const removeItem = async (key: string): Promise<void> => {
    memory.delete(key)
    await place()?.removeItem(key)
  }
  return {
    getItem: async (key) => {
      const held = memory.get(key)
      try {
        const found = await look(key)
        // What another page has written since is newer.
        return held && held.beside === found ? held.value : found
      } catch (cause) {
        if (held) return held.value
        throw new AuthError('storage_unavailable', 'The storage does not answer.', { cause })
      }
    },
    setItem: async (key, value) => {
      const storage = place()
      try {
        await storage?.setItem(key, value)
        memory.delete(key)
        if (storage) return
      } catch {
        // What may still be there is spent, and nobody may find it again.
        await removeItem(key).catch(() => null)
      }
      memory.set(key, { value, beside: await look(key).catch(() => null) })
    },
    removeItem,
    drop: (key) => void memory.delete(key),
  }
}
