/** A page of a stand-in. All of it HTML, escaped already. */
export interface Page {
  readonly title: string
  readonly head: string
  readonly body: string
}

/** Enough for a page of one question. */
export const PLAIN_STYLE = `<style>
      body { font: 1rem/1.5 system-ui, sans-serif; max-width: 26rem; margin: 4rem auto; padding: 0 1rem }
      button { font: inherit; padding: 0.5rem 1.25rem; margin-right: 0.5rem }
    </style>`

export function toHTML({ title, head, body }: Page): string {
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>${title}</title>
    ${head}
  </head>
  <body>
    ${body}
  </body>
</html>
`
}

/** `allow`: of the Content Security Policy, besides which nothing may be loaded or run. */
export function respond(page: Page, allow: string, init: ResponseInit = {}): Response {
  const headers = new Headers({
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    // No `form-action`: Chromium applies it to the redirect after the form as well, and would
    // strand the user here instead of at the app.
    'content-security-policy': `default-src 'none'; ${allow}; base-uri 'none'; frame-ancestors 'none'`,
    'x-frame-options': 'DENY',
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
  })
  new Headers(init.headers).forEach((value, name) => headers.set(name, value))
  return new Response(toHTML(page), { ...init, headers })
}

const ENTITIES = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['"', '&quot;'],
  ["'", '&#39;'],
])

/** Makes text safe inside an element and inside a quoted attribute. */
export function escapeHTML(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES.get(character) ?? '')
}
