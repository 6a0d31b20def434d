// What every answer carries. `no-referrer` keeps codes in URLs out of the next request.
const always = {
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
}

/** A header block with the cookies; nothing of the request is ever copied into it. */
function headers(extra: Readonly<Record<string, string>>, cookies: readonly string[]): Headers {
  const result = new Headers({ ...always, ...extra })
  for (const cookie of cookies) result.append('set-cookie', cookie)
  return result
}

/** JSON, never cached. */
export function json(body: object, status = 200, cookies: readonly string[] = []): Response {
  return new Response(JSON.stringify(body), {
    status,
    headers: headers({ 'content-type': 'application/json' }, cookies),
  })
}

/** 302 to `location`, which the caller has checked. */
export function redirect(
  location: string,
  body: object = {},
  cookies: readonly string[] = [],
): Response {
  return new Response(JSON.stringify(body), {
    status: 302,
    headers: headers({ 'content-type': 'application/json', location }, cookies),
  })
}

/** A refusal that cannot go back to the app, because nothing says where the app is. */
export interface Refusal {
  readonly status: number
  /** Aura Auth's code for this, such as `'AUTH_MISMATCHING_STATE'`. */
  readonly code: string
  /** Aura Auth's family of errors. */
  readonly type: 'AUTH_FLOW' | 'VALIDATION' | 'ROUTER_FLOW' | 'SERVER_ERROR'
  /** The same in Latchkey's words, such as `'state_mismatch'`. */
  readonly error: string
  /** For people. Fixed text, nothing of the request. */
  readonly message: string
  readonly details?: Readonly<Record<string, { readonly code: string; readonly message: string }>>
}

/** A refusal in the shape of Aura Auth's errors, with `error` added. */
export function refuse(refusal: Refusal, cookies: readonly string[] = []): Response {
  const { status, ...body } = refusal
  return json(body, status, cookies)
}

/**
 * The same for a navigation: a page for the person who ended up there, JSON for everyone who did
 * not ask for HTML. The page is static text: it runs and loads nothing, and cannot be framed.
 */
export function refusePage(
  request: Request,
  refusal: Refusal,
  cookies: readonly string[] = [],
): Response {
  if (!prefersHTML(request.headers.get('accept'))) return refuse(refusal, cookies)
  const page = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Sign-in failed</title>
<h1>Sign-in failed</h1>
<p>${refusal.message}</p>
<p>Error code: <code>${refusal.error}</code></p>
<p>Close this window, or go <a href="/">to the start page</a> and sign in again.</p>
</html>
`
  return new Response(page, {
    status: refusal.status,
    headers: headers(
      {
        'content-type': 'text/html; charset=utf-8',
        'content-security-policy':
          "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
      },
      cookies,
    ),
  })
}

/** Whether HTML is asked for by name, and before any JSON: as browsers do when they navigate. */
function prefersHTML(accept: string | null): boolean {
  const types = (accept ?? '').toLowerCase()
  const html = types.indexOf('text/html')
  const plain = types.indexOf('application/json')
  return html >= 0 && (plain < 0 || html < plain)
}
