import { escapeHTML, respond } from '../page.js'

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

const HEAD = `<link rel="icon" href="/icon.svg" type="image/svg+xml">
    <link rel="stylesheet" href="/style.css">`

function page(status: number, title: string, main: string): Response {
  const body = `<header><img src="/icon.svg" alt="" width="24" height="24"> Dribbble stand-in</header>
    <main>
      ${main}
    </main>
    <footer>Dribbble stand-in — for local development; nothing leaves this machine.</footer>`
  return respond(
    { title: `${title} · Dribbble stand-in`, head: HEAD, body },
    "style-src 'self'; img-src 'self'",
    { status, headers: { 'referrer-policy': 'strict-origin-when-cross-origin' } },
  )
}
