import type { OAuthProvider, ProviderOptions } from './types.js'

type Plain = Record<string, unknown>

const isPlain = (value: unknown): value is Plain =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function merge(base: Plain, changes: Plain): Plain {
  const merged: Plain = { ...base }
  for (const [key, value] of Object.entries(changes)) {
    // An option spelled out as `undefined` is one that was not given.
    if (value === undefined || key === '__proto__') continue
    const old = merged[key]
    merged[key] = isPlain(old) && isPlain(value) ? merge(old, value) : value
  }
  return merged
}

/**
 * A preset with some of its parts changed. Deep, so that
 * `dribbble({ authorize: { params: { scope: 'upload' } } })` keeps `authorize.url`.
 */
export function customize(preset: OAuthProvider, options: ProviderOptions): OAuthProvider {
  const plain: unknown = merge({ ...preset }, { ...options })
  return plain as OAuthProvider // merging a partial of a type into that type gives that type
}
