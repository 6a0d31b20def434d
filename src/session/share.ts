/**
 * `next`, with every part that equals its counterpart in `previous` replaced by it, so that an
 * unchanged answer is the same object and an unchanged branch of it keeps its identity. For JSON:
 * anything else than plain objects and arrays is compared by identity.
 */
export function share<T>(previous: T, next: T): T {
  if (Object.is(previous, next)) return previous
  if (!isBranch(previous) || !isBranch(next)) return next
  if (Array.isArray(previous) !== Array.isArray(next)) return next
  const keys = Object.keys(next)
  let same = keys.length === Object.keys(previous).length
  const merged: Record<string, unknown> = {}
  for (const key of keys) {
    merged[key] = share(previous[key], next[key])
    same &&= key in previous && Object.is(merged[key], previous[key])
  }
  if (same) return previous
  return (Array.isArray(next) ? Object.values(merged) : merged) as T
}

function isBranch(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === Array.prototype
}
