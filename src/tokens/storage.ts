import type { Env } from '../env.js'
import { AuthError } from '../errors.js'
import type { StorageOption } from '../types.js'

/** Where tokens are kept, always asynchronous. */
export interface Storage {
  readonly getItem: (key: string) => Promise<string | null>
  readonly setItem: (key: string, value: string) => Promise<void>
  readonly removeItem: (key: string) => Promise<void>
}

/**
 * Opens what the app chose. Where the browser's own storage is blocked or full, tokens are held in
 * memory: signed in until this page goes, rather than not at all.
 */
export function openStorage(env: Env, option: StorageOption): Storage {
  const memory = new Map<string, string>()
  const place = (): Exclude<StorageOption, string> | undefined => {
    if (typeof option === 'object') return option
    try {
      return option === 'memory' ? undefined : env[`${option}Storage`]
    } catch {
      return undefined
    }
  }
  const removeItem = async (key: string): Promise<void> => {
    memory.delete(key)
    await place()?.removeItem(key)
  }
  return {
    getItem: async (key) => {
      try {
        return memory.get(key) ?? (await place()?.getItem(key)) ?? null
      } catch (cause) {
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
      memory.set(key, value)
    },
    removeItem,
  }
}
