/**
 * The parameters of a landing, however it was put together: GoTrue adds a second `?` to a query, a
 * query to a hash, a second `#` to a hash router's URL, and escapes a fragment twice (measured on
 * Netlify's and Supabase's servers). The query wins over the fragment.
 */
export function readParams(href: string): URLSearchParams {
  const [before = '', ...fragments] = href.split('#')
  const params = new URLSearchParams(pairsOf(before))
  for (const [name, value] of new URLSearchParams(pairsOf(`?${fragments.at(-1) ?? ''}`))) {
    if (!params.has(name)) params.append(name, unescapeTwice(value))
  }
  return params
}

/** An address without its parameters. */
export function pageOf(href: string): string {
  return href.split(/[?#]/, 1)[0]!
}

/** What is behind the first `?`, and any later one taken for a `&`. */
function pairsOf(part: string): string {
  return part.split('?').slice(1).join('&')
}

/** A value that is still escaped once it has been read was escaped twice. */
function unescapeTwice(value: string): string {
  try {
    return /%[\dA-F]{2}/i.test(value) ? decodeURIComponent(value) : value
  } catch {
    return value
  }
}
