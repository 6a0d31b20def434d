/**
 * `next`, with every part that equals its counterpart in `previous` replaced by it, so that an
 * unchanged answer is the same object and an unchanged branch of it keeps its identity. For JSON:
 * anything else than plain objects and arrays is compared by identity.
 */
export function share<T>(previous: T, next: T): T {
  if (!isBranch(previous) || !isBranch(next) || previous.constructor !== next.constructor) {
    return Object.is(previous, next) ? previous : next
  }
  const keys = Object.keys(next)
  let same = keys.length === Object.keys(previous).length
  const merged = (Array.isArray(next) ? [] : {}) as Record<string, unknown>
  for (const key of keys) {
    merged[key] = share(previous[key], next[key])
    same &&= Object.is(merged[key], previous[key])
  }
  return (same ? previous : merged) as T
}

function isBranch(value: unknown): value is Record<string, unknown> {
  return Array.isArray(value) || (value as object | null)?.constructor === Object
}
