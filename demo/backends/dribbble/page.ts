/** What the consent page shows. Every member is escaped here. */
export interface Consent {
  readonly appName: string
  readonly userName: string
  readonly scopes: readonly string[]
  /** Where the browser goes next, for people who look: `app.example`. */
  readonly destination: string
  readonly formToken: string
}

const SCOPE_WORDS = new Map([
  ['public', ['See your public profile', 'Your name, avatar, bio, teams and shots']],
  ['upload', ['Upload shots for you', 'Publish, edit and delete shots']],
])

/** `GET /oauth/authorize`. Tests press `#allow` and `#deny`. */
export function consentPage(consent: Consent): Response {
  const app = escapeHTML(consent.appName)
  const user = escapeHTML(consent.userName)
  const scopes = consent.scopes.map((scope) => {
    const [title = scope, detail = ''] = SCOPE_WORDS.get(scope) ?? []
    return `<li><strong>${escapeHTML(title)}</strong><span>${escapeHTML(detail)}</span></li>`
  })
  return page(
    200,
    `Authorize ${app}`,
    `<h1>Authorize <em>${app}</em> to use your account?</h1>
      <p class="who"><img src="/avatars/adawinter.svg" alt="" width="36" height="36">
        <span>Signed in as <strong>${user}</strong></span></p>
      <h2>This app will be able to</h2>
      <ul>${scopes.join('')}</ul>
      <form method="post" action="/oauth/authorize">
        <input type="hidden" name="form_token" value="${escapeHTML(consent.formToken)}">
        <button id="allow" name="decision" value="allow">Allow</button>
        <button id="deny" name="decision" value="deny">Deny</button>
      </form>
      <p class="next">Either way you go back to
        <strong>${escapeHTML(consent.destination)}</strong>.</p>`,
  )
}

/** A page that leads nowhere: unknown apps, used forms, wrong addresses. Takes plain text. */
export function messagePage(status: number, title: string, text: string): Response {
  const heading = escapeHTML(title)
  return page(status, heading, `<h1>${heading}</h1>\n      <p>${escapeHTML(text)}</p>`)
}

function page(status: number, title: string, main: string) {
  const html = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>${title} · Dribbble stand-in</title>
    <link rel="icon" href="/icon.svg" type="image/svg+xml">
    <link rel="stylesheet" href="/style.css">
  </head>
  <body>
    <header><img src="/icon.svg" alt="" width="24" height="24"> Dribbble stand-in</header>
    <main>
      ${main}
    </main>
    <footer>Dribbble stand-in — for local development; nothing leaves this machine.</footer>
  </body>
</html>
`
  const headers = {
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    // No `form-action`: Chromium applies it to the redirect after the form as well, and would
    // strand the user here instead of at the app.
    'content-security-policy':
      "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; " +
      "frame-ancestors 'none'",
    'x-frame-options': 'DENY',
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'strict-origin-when-cross-origin',
  }
  return new Response(html, { status, headers })
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
